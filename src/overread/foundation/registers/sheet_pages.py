"""Out of a register into a spreadsheet, and back in: every line is judged before anything is written."""

import base64
import binascii
from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from overread.foundation.registers import actions, sheets
from overread.foundation.registers.forms import SheetForm
from overread.foundation.registers.pages import REFUSED, addresses, person_of, shown
from overread.foundation.registers.register import Register
from overread.foundation.registers.verdicts import Verdict, VerdictState, digest
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, Refused


def export_page(register: Register, request: HttpRequest) -> HttpResponseBase:
    """The list as it is filtered and sorted, as a file for a spreadsheet."""
    found = shown(register, request)
    register.opened(request, found)
    lines = list(sheets.sheet_lines(register, found))  # all is read inside the scope of this page
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{register.file_name}-{timezone.localdate().isoformat()}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def files_of(request: HttpRequest, registers: Iterable[Register]) -> list[dict[str, str]]:
    """What a page of an area's own links to: for each of its lists its words and the addresses of its file."""
    return [{"several": one.several, **addresses(one, request)} for one in registers]


class ConfirmForm(forms.Form):
    """The same file again, and the digest of the verdicts that were shown."""

    content = forms.CharField(max_length=2 * sheets.MOST_BYTES)
    why = forms.CharField(max_length=500, required=False)
    shown = forms.CharField(max_length=64)

    def clean_content(self) -> bytes:
        """The file's bytes."""
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except (ValueError, binascii.Error):
            raise forms.ValidationError("The file was not sent whole. Choose it again.") from None


def _verdicts(register: Register, request: HttpRequest, content: bytes, why: str) -> HttpResponseBase:
    actor = Actor.person(person_of(request).id)
    rows = sheets.read_sheet(register, content)
    verdicts = actions.try_sheet(actor=actor, register=register, rows=rows, why=why)
    return _draw_verdicts(register, request, content, why, verdicts)


def _draw_verdicts(
    register: Register, request: HttpRequest, content: bytes, why: str, verdicts: list[Verdict]
) -> HttpResponseBase:
    counts = {state.value: sum(v.state is state for v in verdicts) for state in VerdictState}
    context = {
        "register": register,
        "verdicts": sorted(verdicts, key=lambda v: (v.state is not VerdictState.REFUSED, v.line)),
        "counts": counts,
        "writes": counts["new"] + counts["changed"],
        "content": base64.b64encode(content).decode(),
        "why": why,
        "digest": digest(verdicts),
        **addresses(register, request),
    }
    return render(request, "registers/verdicts.html", context, status=REFUSED if counts["refused"] else 200)


def _confirmed(register: Register, request: HttpRequest) -> HttpResponseBase:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise BadInput("The file was not sent whole. Choose it again.")
    values = form.cleaned_data
    if register.keeps_why and not values["why"]:
        raise BadInput("Say why the file is imported.")
    rows = sheets.read_sheet(register, values["content"])
    actor = Actor.person(person_of(request).id)
    try:
        done = actions.import_sheet(actor=actor, register=register, rows=rows, why=values["why"], shown=values["shown"])
    except Refused as refused:
        messages.error(request, refused.message)
        return _verdicts(register, request, values["content"], values["why"])
    new, changed = (sum(v.state is state for v in done) for state in (VerdictState.NEW, VerdictState.CHANGED))
    messages.success(request, f"Imported: {new} new, {changed} changed.")
    return HttpResponseRedirect(reverse(register.list_name))


def import_page(register: Register, request: HttpRequest) -> HttpResponseBase:
    """Choose a file; see what would become of each line; take all of it or nothing."""
    if not register.may_add(person_of(request)):
        raise NotAllowed(f"You may not import {register.several}.")
    confirming = request.method == "POST" and "content" in request.POST
    form = SheetForm(None if confirming else request.POST or None, request.FILES or None, why=register.keeps_why)
    try:
        if confirming:
            return _confirmed(register, request)
        if request.method == "POST" and form.is_valid():
            return _verdicts(register, request, form.cleaned_data["sheet"].read(), form.cleaned_data.get("why", ""))
    except BadInput as refused:
        form = SheetForm({"why": request.POST.get("why", "")}, why=register.keeps_why)
        form.errors.clear()
        form.add_error("sheet", refused.message)
    context = {"register": register, "form": form, **addresses(register, request)}
    return render(request, "registers/import.html", context, status=REFUSED if form.errors else 200)

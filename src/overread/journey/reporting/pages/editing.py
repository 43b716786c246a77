"""The editor beside the images: sections by template, saved as typed, checked while it is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.agreement.rules import ReadType
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.case.rules import ReadState
from overread.journey.referral import queries as referrals
from overread.journey.reporting import actions, queries
from overread.journey.reporting.pages._draft import (
    actor_of,
    checks_context,
    first_sections,
    person_id_of,
    read_and_case,
)
from overread.journey.reporting.rules import (
    CHART,
    FINDING,
    GRADES,
    LABELS,
    OUTSIDE,
    REGIONS,
    SEEN,
    TOOTH_FINDINGS,
    CaseFacts,
    outlines_for,
    teeth_said,
    template_for,
    title_of,
    volume_answers,
)


@require_GET
@needs("read.claim")
def editor(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The report beside the images; begun with what is known already."""
    read, case = read_and_case(read_id)
    person_id = person_id_of(request)
    draft = queries.draft(read_id, person_id)
    resumed = draft is not None and draft.version > 1
    if not claims.holds(read_id, person_id):
        signed = [r for r in queries.reports_of(read.case_id) if r.read_id == read_id]
        return render(request, "reporting/_closed.html", {"reports": signed, "draft": draft})
    if draft is None:
        actions.begin(actor=actor_of(request), read_id=read_id, sections=first_sections(read_id))
        draft = queries.draft(read_id, person_id)
    if draft is None:
        raise NotFound
    facts = queries.facts_for(read_id, person_id)
    context = {
        "draft": draft,
        "read_id": read_id,
        "resumed": resumed,
        "title": title_of(case.read_type),
        **_form(draft, case, facts),
        **checks_context(draft, facts),
    }
    return render(request, "reporting/_editor.html", context)


@dataclass(frozen=True)
class Section:
    """One section of the editor: how it is filled, and by which key it is reached."""

    name: str
    label: str
    text: str
    required: bool
    how: str
    rows: int
    number: int


HOW = {"grade": "grade", "volume": "volume", "teeth": "teeth"}
ROWS = {"findings": 7, "conclusion": 4, "difference": 3, "teeth": 4}


def _form(draft: queries.DraftView, case: cases.CaseView, facts: CaseFacts) -> dict[str, Any]:
    """The sections of the case's template as the editor shows them, with what its parts need."""
    template = template_for(case.read_type, case.modality)
    required = {*template.required, *(("grade",) if facts.has_original else ())}
    sections = [
        Section(n, LABELS[n], draft.sections.get(n, ""), n in required, HOW.get(n, "text"), ROWS.get(n, 2), i)
        for i, n in enumerate(template.sections, 1)
    ]
    found: dict[str, Any] = {"sections": sections, "grades": GRADES.values()}
    found["outlines"] = outlines_for(case.modality, f"{case.body_part} {case.procedure}")
    if "volume" in template.sections:
        found["regions"] = _regions(draft.sections.get("volume", ""))
        found["chart"] = _chart(draft.sections.get("teeth", ""), facts.teeth)
        found["tooth_findings"] = TOOTH_FINDINGS
    return found


def _regions(text: str) -> list[tuple[str, str, str, str]]:
    """Key, words, answer ("seen", "finding", "outside" or "") and finding of each region of the whole volume."""
    said = volume_answers(text)
    rows = []
    for key, words in REGIONS.items():
        answer = said.get(key, "")
        how = {"": "", SEEN: "seen", OUTSIDE: "outside"}.get(answer, "finding")
        rows.append((key, words, how, answer.removeprefix(FINDING) if how == "finding" else ""))
    return rows


def _chart(text: str, asked: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Each tooth of the chart with what is written of it, and whether the referral asks about it."""
    said = teeth_said(text)
    return [(tooth, said.get(tooth, ""), tooth in asked) for tooth in CHART]


@require_GET
@needs("read.claim")
def original(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The report in question beside the editor of an opinion or a review, word for word; it is never changed (REQ-40)."""
    _, case = read_and_case(read_id)
    if not claims.holds(read_id, person_id_of(request)) and not _signed_it(read_id, person_id_of(request)):
        raise NotFound
    found = referrals.original_of(case.referral_id) if case.referral_id else None
    if case.read_type == ReadType.PRIMARY or found is None:
        return HttpResponse("")
    ours = [r for r in queries.reports_of(found.case_id)] if found.case_id else []
    for one in ours[-1:]:
        opened(actor=actor_of(request), kind="report", subject_id=one.id, client_id=one.client_id, case_id=one.case_id)
    context = {"case": case, "original": found, "ours": ours}
    return render(request, "reporting/_original.html", context)


def _signed_it(read_id: UUID, person_id: UUID) -> bool:
    read = cases.read(read_id)
    return read is not None and read.state == ReadState.SIGNED and read.reader_id == person_id


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadInput("The page sent something that is not JSON.") from error
    if not isinstance(found, dict) or not isinstance(found.get("version"), int):
        raise BadInput("The page sent a draft without its version.")
    return found


@require_POST
@needs("read.claim")
def save(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Keep what was typed; answers the new version and the checks, or 409 with what to do."""
    sent = _sent(request)
    try:
        actions.save_draft(
            actor=actor_of(request),
            read_id=read_id,
            version=sent["version"],
            sections=sent.get("sections") or {},
            answers=sent.get("answers") or {},
        )
    except Conflict as refusal:
        return JsonResponse({"message": refusal.message, "code": refusal.code}, status=409)
    draft = queries.draft(read_id, person_id_of(request))
    if draft is None:
        raise NotFound
    context = checks_context(draft, queries.facts_for(read_id, draft.author_id))
    html = render_to_string("reporting/_checks.html", {**context, "draft": draft, "read_id": read_id}, request=request)
    return JsonResponse(
        {"version": draft.version, "saved_at": draft.saved_at.isoformat(), "checks": html, "ready": context["ready"]}
    )

"""One of each part on one page, with invented people; shown on demonstrations only, looked at and tested with axe."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from overread.foundation.ui import slots
from overread.foundation.ui.forms import OverreadForm
from overread.foundation.ui.values import BellItem, ClockItem, Count, PatientBanner

PATIENT = PatientBanner(
    family="Quillfeather",
    given="Osric",
    sex="Male",
    age="71 years",
    born="03 Feb 1955",
    nhs_number="9990277788",
    examination="CT head, 17 Nov 2026, 12:47",
    side="left",
    client_name="Northmere General",
)
WRONG = PatientBanner(
    family="Quillfeather",
    given="Osric",
    wrong=True,
    wrong_words="The images on screen belong to MARROWBY, Odette. Writing is locked.",
)
STATES = (
    ("crit", "late, blocked, critical, missing"),
    ("urg", "under 30 % of the time left, acute"),
    ("warn", "needs a look today, under 60 %"),
    ("ok", "done, in date, on time"),
    ("info", "somebody is at work on it"),
    ("hold", "clock paused, waiting for others"),
    ("idle", "not started, does not apply"),
)


class ExampleForm(OverreadForm):
    """Every shape of field, filled in wrongly on purpose."""

    nhs_number = forms.CharField(label="NHS number", help_text="Ten digits, from the referral.")
    question = forms.CharField(label="Clinical question", widget=forms.Textarea)
    priority = forms.ChoiceField(choices=[("", "Choose"), ("acute", "Acute"), ("routine", "Routine")])
    side = forms.ChoiceField(choices=[("left", "Left"), ("right", "Right"), ("both", "Both")], widget=forms.RadioSelect)
    phone = forms.CharField(label="Telephone", required=False)
    known = forms.BooleanField(label="The patient has no NHS number", required=False)


def _dues(now: datetime) -> list[tuple[datetime, datetime | None, int | None]]:
    def chip(left: timedelta, allowance: timedelta) -> tuple[datetime, datetime | None, int | None]:
        return now + left, now + left - allowance, None

    hour = timedelta(hours=1)
    return [
        chip(timedelta(minutes=-12), hour),
        chip(timedelta(minutes=17, seconds=30), hour),
        chip(timedelta(minutes=31), hour),
        chip(timedelta(hours=1, minutes=58), 4 * hour),
        (now + 2 * hour, now - 2 * hour, 4800),
        chip(timedelta(days=3), timedelta(days=4)),
    ]


def example_registry(now: datetime) -> slots.Registry:
    """A menu, a bell and a clock for a page without people, so that the shell can be looked at alone."""
    registry = slots.Registry()
    for order, (label, icon, group, count) in enumerate(
        [
            ("Today", "house", "", 7),
            ("Alerts", "bell", "", Count(number=2, hot=True)),
            ("Cases", "folder2-open", "", None),
            ("Duties calendar", "calendar3", "Governance", None),
            ("People", "people", "Governance", None),
            ("Training", "mortarboard", "Governance", 1),
            ("Inspection", "patch-check", "Regulator", None),
        ]
    ):
        registry.nav.append(
            slots.NavEntry(
                label=label,
                url_name="ui:gallery",
                icon=icon,
                order=order,
                group=group,
                count=lambda _request, n=count: n,  # type: ignore[misc]
            )
        )
    registry.bell.append(
        lambda _request: [
            BellItem(title="Alert A-26-0093", detail="Nobody has taken it", url="#", state="crit", due_at=now),
            BellItem(title="Match CT head", detail="2 possible referrals", url="#", state="urg"),
        ]
    )
    registry.clock.append(
        lambda _request: ClockItem(
            label="CT head",
            due_at=now + timedelta(minutes=17, seconds=30),
            start_at=now - timedelta(minutes=42),
            url="#",
        )
    )
    return registry


def _context(now: datetime, registry: slots.Registry, request: HttpRequest) -> dict[str, Any]:
    before = slots.use(registry)
    try:
        shell = {
            "ui_nav": slots.nav_for(request),
            "ui_bell": slots.bell_for(request),
            "ui_clock": slots.clock_for(request),
        }
    finally:
        slots.use(before)
    form = ExampleForm({"nhs_number": "", "side": "left"})
    return {
        **shell,
        "ui_search": ("#", "Patient, accession or case"),
        "ui_foot": ["Ledger verified 06:00"],
        "ui_person": {"full_name": "Imogen Vantry", "role_words": "Registered manager"},
        "states": STATES,
        "dues": _dues(now),
        "patient": PATIENT,
        "wrong": WRONG,
        "form": form,
        "now": now,
        "weeks": (14, 20, 8, 14, 25, 20, 14, 8, 14, 3, 8, 5),
    }


def gallery(request: HttpRequest) -> HttpResponse:
    """GET /ui/gallery/: the parts; 404 outside demonstrations and development."""
    if not (settings.DEBUG or getattr(settings, "OVERREAD_DEMO", False)):
        raise Http404
    now = timezone.now()
    template = "ui/gallery_room.html" if "room" in request.GET else "ui/gallery.html"
    return render(request, template, _context(now, example_registry(now), request))

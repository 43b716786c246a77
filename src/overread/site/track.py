"""The track record on the registered manager's home: what went wrong in a year, counted from the registers, with its period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from overread.governance.complaints import queries as complaints
from overread.governance.incidents import queries as incidents
from overread.governance.incidents.rules import NEAR_MISS, YES
from overread.governance.inspection import queries as inspection
from overread.governance.inspection.rules import Period, period_of
from overread.journey.reporting import queries as reports

YEAR = timedelta(days=365)
SERIOUS = frozenset({"severe", "fatal"})


@dataclass(frozen=True)
class Stat:
    """A number, what it counts, and where its rows are."""

    number: str
    words: str
    url: str


def _in_time(period: Period) -> Stat:
    found = inspection.answer("escalation.alerts", period)
    rows = found.found.rows if found else ()
    decided = [r for r in rows if r[-1] != "open"]
    good = sum(r[-1] == "in time" for r in decided)
    return Stat(
        f"{good} of {len(decided)}", "alerts taken in time", reverse("inspection:fact", args=["escalation.alerts"])
    )


def _near_misses(near: int, reports: int, url: str) -> Stat:
    """How readily people report, by the work that was done (REQ-18); without a report there is no rate."""
    rate = f"{near * 1000 / reports:.1f}" if reports else "none"
    return Stat(rate, f"near misses per 1,000 reports ({near} in {reports:,})", url)


def record(_request: HttpRequest, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Never events, serious injuries, complaints, incidents and alerts of the last twelve months.

    What nobody has decided yet counts as undecided and is said, so that a zero is a zero.
    """
    now = timezone.now()
    period = period_of({}, now)
    held = [e for e in incidents.incidents() if e["reported_at"] >= now - YEAR]
    told = [e for e in complaints.complaints() if e["received_on"] >= timezone.localdate(now - YEAR)]
    reported, received = reverse("incidents:list"), reverse("complaints:list")
    stats = [
        Stat(str(sum(e["never_event"] == YES for e in held)), "never events", reported),
        Stat(str(sum(e["harm"] in SERIOUS for e in held)), "serious injuries", reported),
        Stat(str(len(told)), "complaints", received),
        Stat(str(len(held)), "incidents and near misses", reported),
        _near_misses(sum(e["kind"] == NEAR_MISS for e in held), reports.finals_since(now - YEAR), reported),
        _in_time(period),
    ]
    return {"stats": stats, "from_at": period.from_at}

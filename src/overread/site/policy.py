"""Two pages about the numbers of policy: all thresholds, and the critical-results policy that is printed from them.

Both show what acts in this process at this moment, so that document and behaviour cannot differ (REQ-151). Nothing can
be changed here: a provider decides in thresholds.toml, with a reason, and starts the processes again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from overread.foundation.accounts.doors import needs
from overread.foundation.thresholds import current
from overread.foundation.thresholds.rules import Threshold, in_words
from overread.journey.escalation.queries import category_words
from overread.journey.escalation.rules import TIME_ALLOWED

AREA_WORDS = {
    "agreement": "Agreements, where nothing else is agreed",
    "reception": "Reception of images",
    "referral": "Referrals and matching",
    "allocation": "Worklist and claims",
    "turnaround": "Turnaround",
    "escalation": "Alerts",
    "delivery": "Deliveries",
    "accounts": "Accounts and sessions",
    "work": "Background work",
    "clock": "Deadlines and duties",
    "system": "The installation",
    "peer_review": "Peer review",
    "meeting": "Meetings",
    "training": "Training",
    "policy": "Policies",
    "risk": "Risks",
    "office": "The office's day",
    "incident": "Incidents and notifications",
    "complaint": "Complaints",
    "credential": "Credentials",
    "display": "Displays",
    "cbct": "Dental cone-beam CT",
    "retention": "Keeping and removing",
    "query": "Questions to the client",
    "interface": "Systems of clients",
}


@dataclass(frozen=True)
class Line:
    """One threshold as the page shows it.

    Attributes:
        one: the threshold.
        places: areas of the program that act on it, such as "escalation".
        default_words: what came with the program.
        late: its owner should have looked at it again.
    """

    one: Threshold
    places: tuple[str, ...]
    default_words: str
    late: bool


@cache
def places() -> dict[str, list[str]]:
    """The areas that read each threshold, by its name; a test holds the file to the code."""
    text = files("overread.foundation.thresholds").joinpath("places.json").read_text(encoding="utf-8")
    found: dict[str, list[str]] = json.loads(text)
    return found


def _line(one: Threshold) -> Line:
    default = one.change.default if one.change else one.value
    read_by = tuple(place.rpartition(".")[2] for place in places().get(one.name, ()))
    return Line(one, read_by, in_words(default, one.unit), one.overdue(timezone.localdate()))


def area_words(area: str) -> str:
    """An area for people; one that has no words of its own is called by its name."""
    return AREA_WORDS.get(area, area.replace("_", " ").capitalize())


def _areas() -> Iterator[tuple[str, str, list[Line]]]:
    for area, ones in groupby(current.edition().thresholds.values(), key=lambda one: one.area):
        yield area, area_words(area), [_line(one) for one in ones]


@require_GET
@needs("governance.see")
def thresholds(request: HttpRequest) -> HttpResponse:
    """GET /thresholds/: every number of policy, what acts now, where it comes from, and what acts on it."""
    edition = current.edition()
    found = edition.thresholds.values()
    context = {
        "areas": list(_areas()),
        "edition": edition,
        "decided": [_line(one) for one in found if one.change],
        "unverified": sum(not one.verified for one in found),
        "enforced": sum(one.enforced for one in found),
        "late": sum(one.overdue(timezone.localdate()) for one in found),
    }
    return render(request, "site/thresholds.html", context)


@require_GET
@needs("governance.see")
def critical_results(request: HttpRequest) -> HttpResponse:
    """GET /policies/critical-results/: definition, list, by whom, to whom, time and monitoring, as the program does it (REQ-151)."""
    acting = current.edition()
    classes = [
        (category_words()[category].partition(":")[0], category_words()[category], acting.thresholds[name])
        for category, name in TIME_ALLOWED.items()
    ]
    named = {one.name.partition(".")[2]: one for one in current.of_area("escalation") if one.enforced}
    context = {
        "classes": classes,
        "t": named,
        "edition": acting,
        "review_by": min(one.review_by for one in named.values()),
        "decided": [_line(one) for one in named.values() if one.change],
        "printed_at": timezone.now(),
    }
    return render(request, "site/critical_results.html", context)


app_name = "policy"
urlpatterns = [
    path("thresholds/", thresholds, name="thresholds"),
    path("policies/critical-results/", critical_results, name="critical-results"),
]

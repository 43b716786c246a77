"""Where a reader sits: learned from the browser at every request that takes, opens or signs a read, and said on the worklist."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.equipment import actions, queries
from overread.governance.equipment.queries import SeatView
from overread.governance.equipment.urls import CHOSEN, cookie_name

# URL names at which it matters on what a read is looked at; asked once for each such request.
ASKED = frozenset(
    {
        "allocation:worklist",
        "allocation:why",
        "equipment:check",
        "reading:claim",
        "reading:room",
        "reading:take_over",
        "reporting:addend",
        "reporting:correct",
        "reporting:sign",
    }
)
# The state of the line above the worklist by the gate that is shut.
STATES = {"display": "look", "display-test": "tests", "display-floor": "tests"}


class Seating:
    """Writes down where a reader sits whenever the browser says another place than the last time (REQ-24).

    A browser with a workstation's secret sits there; else the reader's choice of this session counts; else nowhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the page is known only after it was resolved."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Compare the browser's place with the reader's seat."""
        person, match = getattr(request, "person_view", None), request.resolver_match
        if person is None or match is None or match.view_name not in ASKED or not person.may("read.claim"):
            return
        with open_scope(Scope.provider(), opened_by="web"):
            _settle(request, person.id)


def _settle(request: HttpRequest, person_id: UUID) -> None:
    wanted, how = _place(request, person_id)
    seat = queries.seat_of(person_id)
    if (seat.workstation_id if seat else None) != wanted:
        actions.take_seat(actor=request.actor, workstation_id=wanted, how=how)  # type: ignore[attr-defined]


def _place(request: HttpRequest, person_id: UUID) -> tuple[UUID | None, str]:
    """The workstation that this browser is for this reader, and how that is known."""
    secret = request.COOKIES.get(cookie_name(), "")
    known = queries.workstation_of_device(secret) if secret else None
    chosen = request.session.get(CHOSEN)
    found, how = (known, "device") if known else (UUID(chosen) if chosen else None, "chosen")
    return (found, how) if found and queries.may_sit(person_id, found) else (None, "nowhere")


def panel(request: HttpRequest, _arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The line above the worklist: where the reader sits, or what is to be done before the first read of the day."""
    person = request.person_view  # type: ignore[attr-defined]
    at = timezone.now()
    seat = queries.seat_of(person.id, at)
    if seat is None or seat.workstation_id is None:
        return {"state": "nowhere", "url": reverse("equipment:sit")}
    return _said(person.id, seat)


def _said(person_id: UUID, seat: SeatView) -> Mapping[str, Any]:
    reasons = queries.gates(frozenset([person_id]), timezone.now())[person_id]
    shut = next((r for r in reasons if not r.holds), None)
    if shut is None:
        return {
            "state": "fit",
            "words": next(r.words for r in reasons if r.gate == "display"),
            "url": "/equipment/sit/",
        }
    state = "failed" if shut.gate == "display" and "failed" in shut.words else STATES[shut.gate]
    url = reverse("equipment:check") if shut.gate == "display" else reverse("equipment:register")
    return {"state": state, "words": shut.words, "url": url}

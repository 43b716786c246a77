"""Operations on alerts: which are open, and what was found. Taking one needs a person, and is not offered here.

An acknowledgement says that a named person knows of a finding and acts on it (H08). A token proves a machine: whoever holds
it could name anybody. So an alert is taken in the portal by a person who is signed in, by a one-time link with a code
told by voice, or on the telephone.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from overread.foundation.interface.changes import Kind
from overread.foundation.interface.door import Token, actor_of
from overread.foundation.interface.paging import before_of, page
from overread.foundation.interface.values import HOW_MANY, LIMIT, MOST, problems
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound
from overread.journey.case import queries as cases
from overread.journey.escalation import queries
from overread.journey.escalation.queries import AlertView
from overread.journey.escalation.rules import Category

router = Router(tags=["Alerts"])
_TAKEN = Kind("alert.closed", "A named person took an alert, or the provider closed it with a reason", "report")
CHANGES: dict[str, Kind] = {
    "escalation.raise_alert": Kind("alert.raised", "A significant finding that a person must acknowledge", "report"),
    "escalation.acknowledge": _TAKEN,
    "escalation.acknowledge_by_link": _TAKEN,
    "escalation.override": _TAKEN,
}
"""What the feed of changes tells of this stage, by verb."""


class AlertLine(Schema):
    """An alert in a list: that there is one, not what it says."""

    id: UUID
    number: str
    case_id: UUID
    case_number: str
    category: str = Field(..., description="critical, urgent, cancer or significant-unexpected")
    category_words: str
    state: str = Field(..., description="open, acknowledged or overridden")
    raised_at: datetime
    must_by: datetime = Field(..., description="By when a person must have acknowledged it")
    acknowledge_at: str = Field(
        ..., description="Where a person who is signed in acknowledges it; empty when it is closed"
    )


class AlertPage(Schema):
    """Alerts, newest first."""

    alerts: list[AlertLine]
    next: str = Field(..., description="Send it as `cursor` for the next page; empty behind the last")


class AlertOut(AlertLine):
    """An alert with what was found, and who took it."""

    finding: str = Field(..., description="What was found, with its side")
    report_id: UUID | None
    raised_by: str
    closed_at: datetime | None
    closed_by: str = Field(..., description="Name and role of who took it")


def _line(one: AlertView, case_number: str) -> dict[str, Any]:
    copied = ("id", "number", "case_id", "category", "state", "raised_at", "must_by")
    address = f"{settings.OVERREAD_URL}{reverse('escalation:portal', args=[one.id])}"
    return {
        **{name: getattr(one, name) for name in copied},
        "case_number": case_number,
        "category_words": queries.category_words()[Category(one.category)],
        "acknowledge_at": address if one.is_open else "",
    }


@router.get(
    "/alerts",
    auth=Token("report"),
    response={200: AlertPage, **problems(422)},
    operation_id="alerts",
    url_name="alerts",
    summary="Alerts, newest first",
)
def listing(
    request: HttpRequest,
    state: Literal["open", "all"] = Query("open", description="Only those that nobody has taken, or all"),
    cursor: str = Query("", max_length=60, description="`next` of the page before"),
    limit: int = Query(LIMIT, ge=1, le=MOST, description=HOW_MANY),
) -> Any:
    """Show them to people at once: the ladder of telephone, message and e-mail runs whether or not your system asks."""
    rows = queries.alert_page(only_open=state == "open", before=before_of(cursor), limit=limit)
    shown, after = page(rows, limit, lambda a: (a.raised_at, a.id))
    known = cases.cases({a.case_id for a in shown})
    return {"alerts": [_line(a, known[a.case_id].number if a.case_id in known else "") for a in shown], "next": after}


@router.get(
    "/alerts/{uuid:alert_id}",
    auth=Token("report"),
    response={200: AlertOut, **problems(404)},
    operation_id="alert",
    url_name="alert",
    summary="One alert with what was found",
)
def one(request: HttpRequest, alert_id: UUID) -> Any:
    """What was found, and where a person acknowledges it. That it was read is recorded first; that is no acknowledgement."""
    found = queries.alert(alert_id)
    if found is None:
        raise NotFound
    opened(actor=actor_of(request), kind="alert", subject_id=alert_id, client_id=found.client_id, case_id=found.case_id)
    case = cases.case(found.case_id)
    return {
        **_line(found, case.number if case else ""),
        "finding": found.finding_words,
        "report_id": found.report_id,
        "raised_by": found.raised_by_name,
        "closed_at": found.closed_at,
        "closed_by": ", ".join(part for part in (found.closed_by_name, found.closed_by_role) if part),
    }

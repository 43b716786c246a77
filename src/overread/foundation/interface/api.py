"""Operations that belong to no stage: who am I, and what changed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from overread.foundation.interface import changes
from overread.foundation.interface.door import Token, caller_of
from overread.foundation.interface.values import HOW_MANY, LIMIT, MOST, problems
from overread.foundation.thresholds import current as thresholds

router = Router(tags=["Connection"])


class MeOut(Schema):
    """Whom the token stands for, and that the connection works."""

    client: str = Field(..., description="Code of the client", examples=["NORTH"])
    client_name: str = Field(..., examples=["Northmere Hospital"])
    token: str = Field(..., description="What the provider calls the machine that holds it", examples=["RIS"])
    scopes: list[str] = Field(..., examples=[["order", "report"]])
    expires_at: datetime | None = Field(None, description="When the token ends by itself; empty for never")
    time: datetime = Field(..., description="The service's clock; compare it with yours")
    requests_per_minute: int = Field(..., description="More are answered with 429 and Retry-After")


class ChangeOut(Schema):
    """One change; look the object up by its id."""

    cursor: str = Field(..., description="Where it stands; may be sent as `after`")
    at: datetime
    kind: str = Field(..., examples=["report.published"])
    subject: str = Field(..., description="Kind of the object", examples=["report"])
    subject_id: str = Field(..., description="Its id in this interface")
    case_id: str = Field(..., description="The case it belongs to; empty for none")
    state: str = Field(..., description="The new state of a case; empty for other changes")


class ChangesOut(Schema):
    """What changed, oldest first."""

    changes: list[ChangeOut]
    next: str = Field(..., description="Send it as `after` next time, also when nothing had changed")
    more: bool = Field(..., description="Ask again at once: there is more")


@router.get(
    "/me",
    auth=Token(),
    response={200: MeOut, **problems()},
    operation_id="me",
    url_name="me",
    summary="Who am I, and does the connection work?",
)
def me(request: HttpRequest) -> Any:
    """Whom this token stands for. Any token may ask."""
    caller = caller_of(request)
    return {
        "client": caller.client_code,
        "client_name": caller.client_name,
        "token": caller.name,
        "scopes": sorted(caller.scopes),
        "expires_at": caller.expires_at,
        "time": timezone.now(),
        "requests_per_minute": thresholds.whole("interface.requests"),
    }


@router.get(
    "/changes",
    auth=Token("order", "report"),
    response={200: ChangesOut, **problems(409, 422)},
    operation_id="changes",
    url_name="changes",
    summary="What changed since I last asked?",
)
def changed(
    request: HttpRequest,
    after: str = Query("", max_length=40, description="The `next` of the answer before; empty for the beginning"),
    limit: int = Query(LIMIT, ge=1, le=MOST, description=HOW_MANY),
) -> Any:
    """Changes in an order that never moves, with ids alone. Ask every half minute or so; a change is told within a second or two.

    A token with the scope `order` is told of referrals, images, cases and questions; one with `report` of reports and alerts.
    """
    found, after_it, more = changes.changes_after(caller_of(request), after, limit)
    return {"changes": found, "next": after_it, "more": more}

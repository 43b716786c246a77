"""Operations on cases: where the work stands, and its clocks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from overread.foundation.interface.changes import ANY, Kind
from overread.foundation.interface.door import Token, caller_of
from overread.foundation.interface.paging import bad_parameter, before_of, page
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.values import HOW_MANY, LIMIT, MOST, Taken, problems
from overread.foundation.ledger import queries as ledger
from overread.foundation.work.refusals import NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.case import queries
from overread.journey.case.queries import CaseView
from overread.journey.case.rules import STATE_WORDS, State

router = Router(tags=["Cases"])
LONGEST_SINCE = timedelta(days=31)
CHANGES: dict[str, Kind] = {
    ANY: Kind(
        "case.moved",
        "A case is in another state, which `state` says",
        "order",
        only=lambda entry: entry.subject_type == "case" and "move" in entry.facts,
    ),
    "case.pause_clock": Kind("case.clock-paused", "The clock stands for an agreed reason", "order"),
    "case.resume_clock": Kind("case.clock-resumed", "The clock runs on", "order"),
    "case.set_priority": Kind("case.priority", "A case has another priority", "order"),
    "case.images_late": Kind("case.late-images", "Images came after the study had counted as complete", "order"),
}
"""What the feed of changes tells of this stage, by verb."""


class CaseLine(Schema):
    """A case in a list."""

    id: UUID
    number: str = Field(..., examples=["C-26-000042"])
    state: str = Field(..., description="awaiting_images, ready, claimed, reported, delivering, delivered, held ...")
    state_words: str = Field(..., examples=["Waiting for images"])
    priority: str
    read_type: str
    modality: str
    accession: str
    referral_id: UUID | None
    opened_at: datetime
    received_at: datetime | None = Field(
        None, description="Images complete and referral taken: the clock runs from here"
    )
    due_at: datetime | None = Field(
        None, description="By when the report must be accepted; moves while the clock stands"
    )
    signed_at: datetime | None
    accepted_at: datetime | None = Field(None, description="When a report was accepted: the clock has stopped")
    clock_stands: str = Field(..., description="The agreed reason for which the clock stands now; empty when it runs")
    incomplete: bool = Field(..., description="Fewer images than announced")
    late_images: bool = Field(..., description="Images came after the study had counted as complete")


class CasePage(Schema):
    """Cases, newest first."""

    cases: list[CaseLine]
    next: str = Field(..., description="Send it as `cursor` for the next page; empty behind the last")


class ClockOut(Schema):
    """A turnaround clock; late images open a new one and never move an old one."""

    number: int
    reason: str
    received_at: datetime
    due_at: datetime
    accepted_at: datetime | None


class PauseOut(Schema):
    """A time during which the clock stood."""

    reason: str
    from_at: datetime
    to_at: datetime | None = Field(None, description="Empty: it still stands")


class ReadOut(Schema):
    """One reader's turn; who reads is on the signed report."""

    kind: str = Field(..., description="first, second, arbitration, review or late")
    state: str = Field(..., description="waiting, available, claimed, signed or withdrawn")
    opened_at: datetime
    signed_at: datetime | None


class ImagesOut(Schema):
    """The images of a study of the case."""

    study_id: UUID
    role: str = Field(..., description="current, prior or for_review")
    modalities: str
    series_count: int
    image_count: int
    complete_at: datetime | None


class CaseOut(CaseLine):
    """A case with its clocks, reads and images."""

    clocks: list[ClockOut]
    pauses: list[PauseOut]
    reads: list[ReadOut]
    studies: list[ImagesOut]


class FindCase(Taken):
    """What names a case; at least one."""

    number: str = Field("", max_length=20, description="Our number of the case", examples=["C-26-000042"])
    accession: str = Field("", max_length=64)


def _lines(found: Sequence[CaseView], client_id: UUID) -> list[dict[str, Any]]:
    stands = queries.paused_cases(one.id for one in found)
    codes = terms_for(client_id).pause_codes
    copied = [n for n in CaseLine.model_fields if n not in {"state_words", "clock_stands"}]
    return [
        {
            **{name: getattr(one, name) for name in copied},
            "state_words": STATE_WORDS[State(one.state)],
            "clock_stands": codes.get(stands[one.id], stands[one.id]) if one.id in stands else "",
        }
        for one in found
    ]


def _touched(client_id: UUID, since: datetime | None) -> list[UUID] | None:
    if since is None:
        return None
    if since.tzinfo is None:
        raise bad_parameter("updated_since", "Give the time with its offset, such as 2026-03-02T09:00:00Z.")
    if since < timezone.now() - LONGEST_SINCE:
        raise bad_parameter("updated_since", "At most 31 days back; read /api/v1/changes for longer.")
    return ledger.cases_touched_since(client_id, since)


@router.get(
    "/cases",
    auth=Token("order", "report"),
    response={200: CasePage, **problems(422)},
    operation_id="cases",
    url_name="cases",
    summary="Cases, newest first",
)
def listing(
    request: HttpRequest,
    state: State | None = Query(None, description="Only in this state"),
    updated_since: datetime | None = Query(None, description="Only those about which something was done since then"),
    cursor: str = Query("", max_length=60, description="`next` of the page before"),
    limit: int = Query(LIMIT, ge=1, le=MOST, description=HOW_MANY),
) -> Any:
    """Every case of the client, page by page."""
    client_id = caller_of(request).client_id
    rows = queries.case_page(
        before=before_of(cursor),
        limit=limit,
        states=[state.value] if state else [],
        ids=_touched(client_id, updated_since),
    )
    shown, after = page(rows, limit, lambda c: (c.opened_at, c.id))
    return {"cases": _lines(shown, client_id), "next": after}


@router.post(
    "/cases/find",
    auth=Token("order", "report"),
    response={200: CasePage, **problems(400, 413, 415, 422)},
    operation_id="findCases",
    url_name="cases-find",
    summary="Find cases by number or accession",
)
def find(request: HttpRequest, wanted: FindCase) -> Any:
    """Cases that fit all that is given, newest first, at most 50."""
    if not any(value.strip() for value in wanted.model_dump().values()):
        raise Problem(422, "bad-input", "Give the number or the accession.")
    found = queries.cases_named(**wanted.model_dump(), limit=LIMIT)
    return {"cases": _lines(found, caller_of(request).client_id), "next": ""}


@router.get(
    "/cases/{uuid:case_id}",
    auth=Token("order", "report"),
    response={200: CaseOut, **problems(404)},
    operation_id="case",
    url_name="case",
    summary="One case: state, clocks, pauses, reads, images",
)
def one(request: HttpRequest, case_id: UUID) -> Any:
    """Where the work on a referral stands."""
    found = queries.case(case_id)
    if found is None:
        raise NotFound
    codes = terms_for(found.client_id).pause_codes
    return {
        **_lines([found], found.client_id)[0],
        "clocks": [_plain(ClockOut, row) for row in queries.clocks_of(case_id)],
        "pauses": [
            {**_plain(PauseOut, row), "reason": codes.get(row.reason, row.reason)} for row in queries.pauses_of(case_id)
        ],
        "reads": [_plain(ReadOut, row) for row in queries.reads_of(case_id)],
        "studies": [_plain(ImagesOut, row) for row in queries.studies_of(case_id)],
    }


def _plain(schema: type[Schema], row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in schema.model_fields}

"""The operation on what arrived: where is my study, and why is it not read yet?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from overread.foundation.interface.changes import ANY, Kind
from overread.foundation.interface.door import Token, caller_of
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.values import LIMIT, Taken, problems
from overread.journey.archive import queries as archive
from overread.journey.archive.queries import StudySearch, StudyView
from overread.journey.case import queries as cases
from overread.journey.case.queries import CaseView
from overread.journey.reception import queries
from overread.journey.reception.queries import ArrivalView, HoldView, QuarantinedView
from overread.journey.reception.rules import HOLD_WORDS, QUARANTINE_WORDS, HoldReason, QuarantineReason

router = Router(tags=["Images"])
CHANGES: dict[str, Kind] = {
    ANY: Kind(
        "images.complete",
        "A study counts as complete",
        "order",
        only=lambda entry: entry.subject_type == "study" and entry.facts.get("words") == "complete",
    ),
    "reception.take_batch": Kind(
        "images.held",
        "A study waits until a person decides; look it up to see why",
        "order",
        only=lambda entry: entry.subject_type == "hold",
    ),
    "reception.release_hold": Kind("images.released", "A study that was held goes on", "order"),
    "reception.return_hold": Kind("images.returned", "A study that was held is not taken", "order"),
}
"""What the feed of changes tells of this stage, by verb."""

RECEIVING = "It is arriving. It counts as complete when no image has come for a while."
WAITING = "All its images are here. It waits for its referral; an accession number that fits joins the two at once."
MATCHED = "It belongs to a case; the case says where the report stands."
PRIOR = "It is kept as an earlier study of a case."
RETURNED = "It was not taken, and its images were removed. The provider has told you why."


class FindStudy(Taken):
    """What names a study: its StudyInstanceUID, or its accession number."""

    study_uid: str = Field("", max_length=64, examples=["1.2.826.0.1.3680043.9.7.1"])
    accession: str = Field("", max_length=64)


class KeptOut(Schema):
    """Objects of the study that are kept apart, by reason."""

    reason: str = Field(..., description="A short word", examples=["damaged"])
    words: str
    objects: int


class StudyOut(Schema):
    """Where a study stands."""

    id: UUID | None = Field(None, description="Its id here; empty while it is held")
    study_uid: str
    accession: str
    modalities: str
    state: str = Field(
        ..., description="receiving, waiting-for-referral, matched, prior, held, returned or quarantined"
    )
    words: str = Field(..., description="What that means and what comes next")
    reason: str = Field(..., description="Why it is held, as a short word; empty otherwise")
    images: int
    expected: int | None = Field(None, description="How many were announced, if somebody said")
    first_at: datetime | None
    last_at: datetime | None
    case_ids: list[UUID]
    kept_apart: list[KeptOut] = Field(..., description="Objects that cannot be used, with the reason")


class StudiesOut(Schema):
    """The studies that are named so; none means that nothing of them has arrived."""

    studies: list[StudyOut]


@router.post(
    "/studies/find",
    auth=Token("order", "read", "store"),
    response={200: StudiesOut, **problems(400, 413, 415, 422)},
    operation_id="findStudies",
    url_name="studies-find",
    summary="Where is my study?",
)
def find(request: HttpRequest, wanted: FindStudy) -> Any:
    """Whether a study has arrived, whole or in part; whether it is held, kept apart, or part of a case."""
    uid, accession = wanted.study_uid.strip(), wanted.accession.strip()
    if not (uid or accession):
        raise Problem(422, "bad-input", "Give the study_uid or the accession.")
    search = StudySearch(uids=(uid,) if uid else (), accession=accession)
    studies = archive.search(caller_of(request).client_id, search, limit=LIMIT)
    holds = queries.holds_named(study_uid=uid, accession=accession, limit=LIMIT)
    kept = queries.kept_apart([uid, *(s.uid for s in studies), *(h.study_uid for h in holds)])
    return {"studies": [*_studies(studies, kept), *_others(studies, holds, kept, uid)]}


def _studies(studies: list[StudyView], kept: dict[str, list[QuarantinedView]]) -> list[dict[str, Any]]:
    ids = [s.id for s in studies]
    arrivals, cased, anywhere = queries.arrivals(ids), cases.cases_by_study(ids), cases.studies_in_any_case(ids)
    return [_study(s, arrivals.get(s.id), cased.get(s.id, []), s.id in anywhere, kept) for s in studies]


def _study(
    study: StudyView,
    arrival: ArrivalView | None,
    cased: list[CaseView],
    anywhere: bool,
    kept: dict[str, list[QuarantinedView]],
) -> dict[str, Any]:
    state, words = (
        ("matched", MATCHED) if cased else ("prior", PRIOR) if anywhere else ("waiting-for-referral", WAITING)
    )
    if arrival is not None and arrival.state == "receiving" and not anywhere:
        state, words = "receiving", RECEIVING
    return {
        "id": study.id,
        "study_uid": study.uid,
        "accession": study.accession,
        "modalities": study.modalities,
        "state": state,
        "words": words,
        "reason": "",
        "images": study.image_count,
        "expected": arrival.declared_images if arrival else study.declared_images,
        "first_at": study.first_at,
        "last_at": study.last_at,
        "case_ids": [one.id for one in cased],
        "kept_apart": _kept(kept.get(study.uid, ())),
    }


def _others(
    studies: list[StudyView], holds: list[HoldView], kept: dict[str, list[QuarantinedView]], uid: str
) -> list[dict[str, Any]]:
    """Studies that are not in the archive: held, returned, or nothing but objects that are kept apart."""
    known = {s.uid for s in studies}
    found = []
    for hold in holds:
        if hold.study_uid in known or (hold.state != "open" and hold.resolution == "released"):
            continue
        known.add(hold.study_uid)
        found.append(_held(hold, kept))
    if uid and uid not in known and uid in kept:
        found.append(_apart(uid, kept[uid]))
    return found


def _held(hold: HoldView, kept: dict[str, list[QuarantinedView]]) -> dict[str, Any]:
    waits = hold.state == "open"
    words = HOLD_WORDS.get(HoldReason(hold.reason), hold.reason) if hold.reason in set(HoldReason) else hold.reason
    return {
        "id": None,
        "study_uid": hold.study_uid,
        "accession": hold.accession,
        "modalities": hold.modality,
        "state": "held" if waits else "returned",
        "words": f"{words} The provider decides, and may ask you." if waits else RETURNED,
        "reason": hold.reason,
        "images": hold.image_count,
        "first_at": hold.opened_at,
        "last_at": hold.last_at,
        "case_ids": [],
        "kept_apart": _kept(kept.get(hold.study_uid, ())),
    }


def _apart(uid: str, objects: list[QuarantinedView]) -> dict[str, Any]:
    return {
        "id": None,
        "study_uid": uid,
        "accession": "",
        "modalities": "",
        "state": "quarantined",
        "words": "Nothing of it can be used as it came. Send it again from its source, or call the provider.",
        "reason": objects[0].reason,
        "images": 0,
        "first_at": objects[0].received_at,
        "last_at": objects[-1].received_at,
        "case_ids": [],
        "kept_apart": _kept(objects),
    }


def _kept(objects: Iterable[QuarantinedView]) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for one in objects:
        counts[one.reason] = counts.get(one.reason, 0) + 1
    return [{"reason": reason, "words": _why(reason), "objects": number} for reason, number in sorted(counts.items())]


def _why(reason: str) -> str:
    return QUARANTINE_WORDS[QuarantineReason(reason)] if reason in set(QuarantineReason) else reason

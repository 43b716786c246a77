"""Pure decisions of reception: accept, hold or quarantine an object; when a study has arrived whole.

Adults only (DESIGN 3): the age is the date of birth at the study date; the date of birth comes from the matched
referral, else from DICOM; PatientAge only supports. None, or a contradiction: hold (H11).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from overread.journey.agreement.rules import AgreementView
from overread.journey.archive.rules import StoredObject
from overread.journey.patient.rules import age_at


class Outcome(StrEnum):
    """What becomes of an object."""

    ACCEPT = "accept"
    HOLD = "hold"
    QUARANTINE = "quarantine"


class HoldReason(StrEnum):
    """Why a study waits for a person."""

    NO_BIRTH_DATE = "no-birth-date"
    BIRTH_DATE_CONFLICT = "birth-date-conflict"
    AGE_CONFLICT = "age-conflict"
    UNDER_AGE = "under-age"
    OUT_OF_SCOPE = "out-of-scope"
    PATIENT_CONFLICT = "patient-conflict"


class QuarantineReason(StrEnum):
    """Why an object is kept apart."""

    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    UNSUPPORTED_CLASS = "unsupported-class"
    OTHER_BYTES = "other-bytes"
    NOT_AS_ANNOUNCED = "not-as-announced"
    BYTES_MISSING = "bytes-missing"
    NOT_INDEXED = "not-indexed"


HOLD_WORDS: Final[dict[HoldReason, str]] = {
    HoldReason.NO_BIRTH_DATE: "The images carry no date of birth, so it is not certain that this is an adult.",
    HoldReason.BIRTH_DATE_CONFLICT: "Two dates of birth contradict each other.",
    HoldReason.AGE_CONFLICT: "The age written in the images does not fit the date of birth.",
    HoldReason.UNDER_AGE: "The patient was under age on the day of the examination.",
    HoldReason.PATIENT_CONFLICT: "Images of one study name two different patients.",
    HoldReason.OUT_OF_SCOPE: "The agreement with this client does not cover this kind of examination.",
}

WHAT_TO_DO: Final[dict[HoldReason, str]] = {
    HoldReason.NO_BIRTH_DATE: "Ask the client for the date of birth and enter it, or return the study.",
    HoldReason.BIRTH_DATE_CONFLICT: "Ask the client which date of birth is right, or return the study.",
    HoldReason.AGE_CONFLICT: "Ask the client for the date of birth, or return the study.",
    HoldReason.UNDER_AGE: "Return the study. If the client says the date of birth is wrong, enter the right one.",
    HoldReason.OUT_OF_SCOPE: "Widen the agreement with the client first, or return the study.",
    HoldReason.PATIENT_CONFLICT: "Ask the client whose images these are. Return them if they are of two people.",
}

QUARANTINE_WORDS: Final[dict[QuarantineReason, str]] = {
    QuarantineReason.DAMAGED: "The object is damaged.",
    QuarantineReason.UNREADABLE: "The object cannot be read.",
    QuarantineReason.UNSUPPORTED_CLASS: "This kind of object is not supported.",
    QuarantineReason.OTHER_BYTES: "An object with the same identifier and other content came before. The first is kept.",
    QuarantineReason.NOT_AS_ANNOUNCED: "The object is not the one that its sender announced.",
    QuarantineReason.BYTES_MISSING: "The stored bytes could not be read.",
    QuarantineReason.NOT_INDEXED: "The object could not be entered into the archive.",
}

ACCOMPANYING: Final = frozenset({"SR", "PR", "KO", "SEG", "REG", "DOC", "FID", "RWV", "OT", ""})
"""Modalities of objects that travel with images; they are in scope wherever their images are."""

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_SUPPORTED: Final = frozenset(
    _STORAGE + tail
    for tail in (
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1",  # CR, DX, mammography, intra-oral
        "2", "2.1", "2.2",  # CT, enhanced CT, legacy converted enhanced CT
        "3.1", "4", "4.1", "4.2", "4.3", "4.4", "6.1", "6.2", "20",  # US, MR and its kinds, NM
        "7", "7.1", "7.2", "7.3", "7.4",  # secondary captures
        "12.1", "12.1.1", "12.2", "12.2.1", "13.1.1", "13.1.2", "13.1.3",  # XA, RF, X-ray 3D (CBCT)
        "66", "66.1", "66.2", "66.3", "66.4", "66.5", "68.1", "68.2", "67",  # raw data, registration, segmentation
        "104.1", "104.2", "104.3", "104.4", "128", "130", "77.1.4", "77.1.4.1",  # PDF, CDA, STL, PET, photographs
    )
)  # fmt: skip
_FAMILIES: Final = (_STORAGE + "88.", _STORAGE + "11.", _STORAGE + "9.")
"""Structured reports and key objects, presentation states, waveforms: taken whole families."""

_AGE: Final = re.compile(r"(\d{3})([DWMY])", re.ASCII)
_DAYS: Final = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}
OLDEST: Final = 130


@dataclass(frozen=True)
class Decision:
    """What becomes of an object, why (a value of HoldReason or QuarantineReason), and a detail without names."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""


ACCEPTED: Final = Decision(Outcome.ACCEPT)


@dataclass(frozen=True)
class Arrived:
    """One object out of the journal, with what reading its header gave.

    Attributes:
        stored: what the header says; for an unreadable object only what its sender announced.
        damage: problems for which the object is kept apart, as codes of archive.rules.Problem.
        unreadable: why the header could not be read, or "".
        announced: UIDs of study and instance as its sender named them, if it did.
        fault: a value of QuarantineReason that was found before the header was read, or "".
    """

    stored: StoredObject
    damage: tuple[str, ...] = ()
    unreadable: str = ""
    announced: tuple[str, str] = ("", "")
    fault: str = ""


def is_supported(sop_class: str) -> bool:
    """Whether objects of this SOP class are taken."""
    return sop_class in _SUPPORTED or sop_class.startswith(_FAMILIES)


def age_years(text: str) -> float | None:
    """PatientAge (0010,1010), such as 045Y or 008M, in years; None when it is not an age (PS3.5 6.2, AS)."""
    match = _AGE.fullmatch(text.strip().upper())
    return int(match[1]) * _DAYS[match[2]] / 365.25 if match else None


def age_agrees(text: str, birth_date: date, on: date) -> bool:
    """Whether PatientAge supports a date of birth: it is absent, or off by at most a year and a month."""
    stated = age_years(text)
    if stated is None:
        return True
    real = (on - birth_date).days / 365.25
    return abs(stated - real) <= 1.1


def adult(
    *,
    birth_date: date | None,
    reference: date | None,
    age_text: str,
    on: date,
    adult_age: int,
    given: bool = False,
) -> Decision:
    """Whether the person was an adult on the day of the examination.

    Args:
        birth_date: as DICOM says it.
        reference: from the matched referral, or of the study's first image; it decides when both are there.
        age_text: PatientAge as written; it can only raise a doubt.
        on: the study date.
        adult_age: the agreed youngest age in whole years.
        given: the reference was entered by a person from the client's word; then nothing contradicts it.
    """
    born = reference or birth_date
    if born is None:
        return Decision(Outcome.HOLD, HoldReason.NO_BIRTH_DATE)
    if not given and reference and birth_date and reference != birth_date:
        return Decision(Outcome.HOLD, HoldReason.BIRTH_DATE_CONFLICT)
    if born > on or age_at(born, on) > OLDEST:
        return Decision(Outcome.HOLD, HoldReason.AGE_CONFLICT, "The date of birth does not fit the study date.")
    if age_at(born, on) < adult_age:
        return Decision(Outcome.HOLD, HoldReason.UNDER_AGE)
    if not given and not age_agrees(age_text, born, on):
        return Decision(Outcome.HOLD, HoldReason.AGE_CONFLICT)
    return ACCEPTED


def examined_on(stored: StoredObject) -> date:
    """The day of the examination: the study date, else the acquisition, else the day of arrival."""
    return stored.study_date or (stored.acquired_at or stored.received_at).date()


@dataclass(frozen=True)
class Reference:
    """What is known of the person from elsewhere: the matched referral, or the images of the same study before.

    Attributes:
        birth_date: the date of birth that decides, if known.
        given: it was entered by a person from the client's word.
        identifier: whom the earlier images of the study name; None when there are none.
    """

    birth_date: date | None = None
    given: bool = False
    identifier: str | None = None


NOTHING_KNOWN: Final = Reference()


def decide(arrived: Arrived, agreement: AgreementView, known: Reference = NOTHING_KNOWN) -> Decision:
    """What becomes of one object: kept apart when it is not sound, held when a person must decide, else accepted."""
    return _unsound(arrived) or _doubtful(arrived.stored, agreement, known)


def _unsound(arrived: Arrived) -> Decision | None:
    stored = arrived.stored
    if arrived.fault:
        return Decision(Outcome.QUARANTINE, arrived.fault)
    if arrived.unreadable:
        return Decision(Outcome.QUARANTINE, QuarantineReason.UNREADABLE, arrived.unreadable)
    if any(said and said != read for said, read in zip(arrived.announced, _read_uids(stored), strict=True)):
        return Decision(Outcome.QUARANTINE, QuarantineReason.NOT_AS_ANNOUNCED)
    if arrived.damage:
        return Decision(Outcome.QUARANTINE, QuarantineReason.DAMAGED, ", ".join(arrived.damage))
    if not is_supported(stored.sop_class):
        return Decision(Outcome.QUARANTINE, QuarantineReason.UNSUPPORTED_CLASS, stored.sop_class)
    return None


def _doubtful(stored: StoredObject, agreement: AgreementView, known: Reference) -> Decision:
    if known.identifier is not None and known.identifier != stored.identifier:
        return Decision(Outcome.HOLD, HoldReason.PATIENT_CONFLICT)
    if stored.modality not in ACCOMPANYING and not agreement.takes(stored.modality):
        return Decision(Outcome.HOLD, HoldReason.OUT_OF_SCOPE, stored.modality)
    return adult(
        birth_date=stored.birth_date,
        reference=known.birth_date,
        age_text=stored.age,
        on=examined_on(stored),
        adult_age=agreement.adult_age,
        given=known.given,
    )


def expected_for(stored: StoredObject, expected: Iterable["ExpectedView"]) -> "ExpectedView | None":
    """The referral that these images answer: the same accession number and no other patient, else the same patient.

    A referral that names an identifier never fits images of another one.
    """
    fits = [
        e
        for e in expected
        if not (e.identifier and e.identifier != stored.identifier)
        and not (e.issuer and stored.issuer and e.issuer != stored.issuer)
    ]
    by_accession = [e for e in fits if e.accession and e.accession == stored.accession]
    by_patient = [e for e in fits if e.identifier and e.identifier == stored.identifier]
    found = by_accession or by_patient
    dates = {e.birth_date for e in found if e.birth_date}
    return next((e for e in found if e.birth_date), None) if len(dates) == 1 else None


@dataclass(frozen=True)
class ExpectedView:
    """What an accepted referral says of the images to come."""

    referral_id: UUID
    accession: str
    identifier: str
    issuer: str
    birth_date: date | None
    images: int | None


def _read_uids(stored: StoredObject) -> tuple[str, str]:
    return stored.study_uid, stored.sop_uid


class Completeness(StrEnum):
    """Whether a study has arrived whole."""

    WAIT = "wait"
    WHOLE = "whole"
    SHORT = "short"


def completeness(
    *, images: int, declared: int | None, last_at: datetime, quiet_seconds: int, at: datetime
) -> Completeness:
    """Whether a study has arrived whole: all declared images are there, or nothing came for the quiet time.

    Args:
        images: how many have come.
        declared: how many the sender or the referral says there are; None when nobody says.
        last_at: when the newest came.
        quiet_seconds: the agreed quiet time.
        at: the present.
    """
    if declared is not None and images >= declared:
        return Completeness.WHOLE
    if at - last_at < timedelta(seconds=quiet_seconds):
        return Completeness.WAIT
    return Completeness.WHOLE if declared is None else Completeness.SHORT


def declared_count(from_sender: int | None, from_referral: int | None) -> int | None:
    """How many images to expect, when sender and referral both may say: the higher, so that none is missed."""
    said: Iterable[int] = (n for n in (from_sender, from_referral) if n)
    return max(said, default=None)

"""One case of the simulation, from the referral to the signed report, by the verbs that pages and doors use."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import actions as accounts
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.journey.allocation import actions as allocation
from overread.journey.archive import actions as archive
from overread.journey.archive import queries as archived
from overread.journey.archive.rules import StoredObject
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import StudyFacts
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.referral import actions as referrals
from overread.journey.referral import queries as referral_queries
from overread.journey.reporting import actions as reporting
from overread.journey.reporting.rules import (
    GRADES,
    REGIONS,
    SEEN,
    canonical_text,
    report_purpose,
    text_hash,
    volume_text,
)
from overread.site.simulation.house import PINS, SEEDING, House, look_at_the_pattern
from overread.site.simulation.journal import Journal
from overread.site.simulation.plan import Arrival

FAMILIES = ("Quillfeather", "Hartwell", "Merrow", "Tansley", "Ibbott", "Lovage", "Penhallow", "Rusk", "Sorley", "Wicke")
SOP_CLASS, SYNTAX = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
ALERT = {"category": "critical", "finding": "Acute intracranial haemorrhage", "side": "none"}
WHAT: dict[str, dict[str, str]] = {
    "ct": {"modality": "CT", "procedure": "CT head", "body_part": "HEAD"},
    "mr": {"modality": "MR", "procedure": "MRI lumbar spine", "body_part": "LSPINE"},
    "second-opinion": {"modality": "MR", "procedure": "MRI brain", "body_part": "BRAIN", "read_type": "second_opinion"},
    "review": {"modality": "CT", "procedure": "CT abdomen", "body_part": "ABDOMEN", "read_type": "clinical_review"},
    "cbct": {
        "modality": "CBCT",
        "procedure": "CBCT mandible",
        "body_part": "JAW",
        "purpose": "implant",
        "region": "lower-jaw",
        "teeth": "36",
        "field_diameter": "8",
        "field_height": "8",
        "referrer_number": "71001",
        "entitled": "yes",
    },
}


@dataclass(frozen=True)
class Work:
    """A case that waits for its reader."""

    arrival: Arrival
    client_id: UUID
    case_id: UUID
    read_id: UUID

    @property
    def scope(self) -> Scope:
        """Its client's."""
        return Scope.client(self.client_id)


def _fields(arrival: Arrival, day: date) -> dict[str, str]:
    found = dict(WHAT[arrival.kind])
    if arrival.kind in {"second-opinion", "review"}:
        found |= {
            "original_words": "Normal appearances.",
            "original_author": "Dr Elswyth Corrie",
            "original_organisation": "Fernhill Imaging",
            "original_date": day.isoformat(),
        }
    if arrival.kind == "review":
        found["review_purpose"] = "mdt"
    return found | {
        "question": "Please report. Any change since the previous examination?",
        "priority": arrival.priority,
        "family": FAMILIES[arrival.number % len(FAMILIES)],
        "given": "Osric",
        "identifier": f"S{arrival.number:06d}",
        "issuer": "SIM",
        "sex": "F" if arrival.number % 2 else "M",
        "accession": f"SIM{arrival.number:07d}",
        "referrer_name": "Dr Pascoe Wren",
        "referrer_contact": "01632 960002",
    }


def _objects(arrival: Arrival, born: date, at: datetime) -> tuple[StoredObject, ...]:
    uid = f"1.2.826.0.1.3680043.9.7.{arrival.at:%Y%m%d}.{arrival.number}"
    made: list[StoredObject] = []
    for number in (1, 2, 3):
        sha256 = hashlib.sha256(f"{uid}.{number}".encode()).hexdigest()
        values: dict[str, Any] = {
            "sop_uid": f"{uid}.1.{number}",
            "sop_class": SOP_CLASS,
            "study_uid": uid,
            "series_uid": f"{uid}.1",
            "transfer_syntax": SYNTAX,
            "key": f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}",
            "sha256": sha256,
            "length": 526_000,
            "received_at": at,
            "source": "SIMULATION",
            "identifier": f"S{arrival.number:06d}",
            "patient_name": f"{FAMILIES[arrival.number % len(FAMILIES)]}^Osric",
            "birth_date": born,
            "sex": "F" if arrival.number % 2 else "M",
            "study_date": at.date(),
            "acquired_at": at,
            "modality": "CT" if arrival.kind in {"ct", "cbct", "review"} else "MR",
            "study_description": WHAT[arrival.kind]["procedure"],
            "series_number": 1,
            "number": number,
            "rows": 512,
            "columns": 512,
        }
        made.append(StoredObject(**values))
    return tuple(made)


def arrive(house: House, arrival: Arrival) -> Work:
    """A client's user refers, images are indexed and joined, and the read waits for its reader.

    The objects have no bytes: reception is simulated nowhere, it is driven over real ports elsewhere.
    """
    code = "WILLOW" if arrival.kind == "cbct" else "NORTH"
    client_id, who = house.clients[code], house.actor("saffron" if code == "WILLOW" else "linnet")
    born = date(1950 + arrival.number % 45, 1 + arrival.number % 12, 1 + arrival.number % 28)
    with open_scope(Scope.client(client_id), opened_by="command"):
        referral_id = referrals.make_referral(
            actor=who, client_id=client_id, fields=_fields(arrival, arrival.at.date()), birth_date=born
        )
        referral = referral_queries.referral(referral_id)
        objects = _objects(arrival, born, arrival.at)
        study_id = archive.index(actor=SEEDING, client_id=client_id, objects=objects).study_ids[0]
        if referral is None or referral.case_id is None or referral.patient_id is None:
            raise LookupError("The referral opened no case.")
        archive.set_patient(actor=SEEDING, study_id=study_id, patient_id=referral.patient_id)
        study = archived.study(study_id)
        if study is None:
            raise LookupError("The study was not indexed.")
        facts = StudyFacts(
            description=study.description,
            modalities=study.modalities,
            study_date=study.study_date,
            acquired_at=study.acquired_at,
            series_count=study.series_count,
            image_count=study.image_count,
            image_set_sha256=archived.image_set(study_id),
        )
        cases.attach_study(
            actor=SEEDING, case_id=referral.case_id, study_id=study_id, facts=facts, complete_at=arrival.at
        )
        return Work(arrival, client_id, referral.case_id, case_queries.reads_of(referral.case_id)[0].id)


def _sections(work: Work) -> dict[str, str]:
    kind, critical = work.arrival.kind, work.arrival.critical
    found = {
        "indication": "As requested.",
        "technique": f"{WHAT[kind]['procedure']}, standard protocol.",
        "comparison": "None.",
        "findings": "Acute intracranial haemorrhage." if critical else "No significant abnormality.",
        "conclusion": "Acute intracranial haemorrhage." if critical else "No significant abnormality.",
    }
    if kind == "cbct":
        found |= {"volume": volume_text(dict.fromkeys(REGIONS, SEEN)), "teeth": "36: implant planned."}
        found |= {"quality": "Good, no artefact.", "recommendation": "None."}
    if kind in {"second-opinion", "review"}:
        found |= {
            "question": "As requested.",
            "original": "Fernhill Imaging, Dr Elswyth Corrie.",
            "grade": GRADES[max(GRADES)],
        }
    return found


def proof(actor: Actor, short: str, purpose: str) -> str:
    """A reader signs in and shows that they are there, for one purpose."""
    person_id = actor.person_id
    if person_id is None:
        raise LookupError("Only a person signs.")
    with open_scope(Scope.provider(), opened_by="command"):
        accounts.start_session(actor=actor, person_id=person_id, mfa_method="totp")
        return str(accounts.confirm_presence(actor=actor, method="pin", secret=PINS[short], purpose=purpose).token)


def read(house: House, work: Work, short: str, *, reason: str = "") -> tuple[UUID, bool]:
    """A reader claims, writes and signs.

    Args:
        house: the provider.
        work: whose read.
        short: the reader.
        reason: given when a soft gate is shut at the signature; empty to give up instead.

    Returns:
        The signed version, and whether the reason was needed.

    Raises:
        Refused: a gate stands in the way; its words say which.
    """
    actor = house.actor(short)
    look_at_the_pattern(house, short, timezone.now())
    with open_scope(work.scope, opened_by="command"):
        allocation.claim(actor=actor, read_id=work.read_id)
        sections = _sections(work)
        reporting.begin(actor=actor, read_id=work.read_id, sections={})
        version = reporting.save_draft(actor=actor, read_id=work.read_id, version=1, sections=sections, answers={})
        seen = text_hash(canonical_text(sections))
        token = proof(actor, short, report_purpose(seen))

        def sign(why: str) -> UUID:
            alert = ALERT if work.arrival.critical else None
            return reporting.sign(
                actor=actor,
                read_id=work.read_id,
                version=version,
                seen_sha256=seen,
                presence_token=token,
                alert=alert,
                gate_reason=why,
            )

        try:
            return sign(""), False
        except BadInput:
            if not reason:
                raise
        return sign(reason), True


def take_alerts(house: House, journal: Journal, client_id: UUID, case_id: UUID, what: str) -> None:
    """The referring doctor takes what is open on a case, in the portal; `what` is the journal's word for it."""
    with open_scope(Scope.client(client_id), opened_by="command"):
        for alert in alerts.open_alerts():
            if alert.case_id == case_id:
                escalation.acknowledge(
                    actor=house.actor("linnet"),
                    alert_id=alert.id,
                    name="Dr Linnet Farrow",
                    role="emergency consultant",
                    read_back=alert.finding,
                )
                journal.note("linnet", what, alert.number)

"""The world that journey tests live in: a small provider, two clients, their people, and an outsider.

Take the fixture into a test module or conftest with `from tests.world import world`, and open a scope in the test:
`with world.scope("NORTH"): ...`. `ready_case` gives a case whose read can be claimed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import make_person
from overread.foundation.clients import actions as clients
from overread.foundation.tenancy.scope import OPENERS, Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.credentials import actions as credentials
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Contact, Rung, Terms
from overread.journey.archive import actions as archive
from overread.journey.archive import queries as archive_queries
from overread.journey.archive.rules import StoredObject
from overread.journey.case import actions as case
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import StudyFacts
from overread.journey.patient import actions as patient
from overread.site import wiring
from tests.desks import make_desk
from tests.files import fill_file

SEED = Actor.system("test")
CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


@dataclass(frozen=True)
class ReadyCase:
    """A case that can be read, with what it is made of."""

    client_id: UUID
    case_id: UUID
    read_id: UUID
    study_id: UUID
    patient_id: UUID
    number: str
    due_at: datetime


@dataclass
class World:
    """Who and what there is. Ids of clients by code; people by a short name."""

    clients: dict[str, UUID]
    people: dict[str, PersonView]
    terms: dict[str, Terms]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def scope(self, *codes: str) -> Iterator[Scope]:
        """The scope of these clients; of all when none is named."""
        ids = [self.clients[code] for code in codes or self.clients]
        with open_scope(Scope.clients(ids), opened_by="test") as scope:
            yield scope

    def actor(self, name: str) -> Actor:
        """A person as actor: manager, reader, reader2, administrator, north, north_admin, south, outsider."""
        return Actor.person(self.people[name].id)

    def register(self, code: str = "NORTH", **details: Any) -> UUID:
        """A patient of a client; details override Osric Quillfeather's."""
        number = next(self._numbers)
        values = {
            "issuer": code,
            "identifier": f"H{number:06d}",
            "family": "Quillfeather",
            "given": "Osric",
            "birth_date": date(1955, 2, 3),
            "sex": "M",
        } | details
        with self.scope(code):
            return patient.register_patient(actor=SEED, client_id=self.clients[code], **values)

    def objects(self, study_uid: str, images: int = 3, **details: Any) -> tuple[StoredObject, ...]:
        """Stored objects of one CT series of a study, as reception hands them to the archive; no bytes behind them."""
        found = []
        for number in range(1, images + 1):
            sha256 = hashlib.sha256(f"{study_uid}.{number}".encode()).hexdigest()
            values: dict[str, Any] = {
                "sop_uid": f"{study_uid}.1.{number}",
                "sop_class": CT,
                "study_uid": study_uid,
                "series_uid": f"{study_uid}.1",
                "transfer_syntax": EXPLICIT,
                "key": f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}",
                "sha256": sha256,
                "length": 526_000,
                "received_at": timezone.now(),
                "source": "NORTH_CT2",
                "identifier": "H000001",
                "patient_name": "Quillfeather^Osric",
                "birth_date": date(1955, 2, 3),
                "sex": "M",
                "study_date": date(2026, 3, 2),
                "acquired_at": datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
                "modality": "CT",
                "study_description": "CT head",
                "series_number": 2,
                "number": number,
                "rows": 512,
                "columns": 512,
            }
            found.append(StoredObject(**(values | details)))
        return tuple(found)

    def study(self, code: str = "NORTH", images: int = 3, **details: Any) -> UUID:
        """A study in a client's archive."""
        uid = f"1.2.826.0.1.3680043.9.7.{next(self._numbers)}.{uuid4().int % 10**9}"
        with self.scope(code):
            done = archive.index(actor=SEED, client_id=self.clients[code], objects=self.objects(uid, images, **details))
            return done.study_ids[0]

    def facts(self, study_id: UUID) -> StudyFacts:
        """What a case shows of a study; a scope must be open."""
        study = archive_queries.study(study_id)
        assert study is not None
        return StudyFacts(
            description=study.description,
            modalities=study.modalities,
            study_date=study.study_date,
            acquired_at=study.acquired_at,
            series_count=study.series_count,
            image_count=study.image_count,
            image_set_sha256=archive_queries.image_set(study_id),
        )

    def ready_case(
        self, code: str = "NORTH", *, priority: str = "routine", images: int = 3, **details: Any
    ) -> ReadyCase:
        """A case with patient, referral and complete study, so that its read can be claimed.

        Args:
            code: the client.
            priority: routine, urgent or emergency.
            images: how many.
            details: further arguments of open_case, such as procedure or laterality.
        """
        patient_id = self.register(code)
        study_id = self.study(code, images)
        client_id = self.clients[code]
        described = {
            "modality": "CT",
            "body_part": "HEAD",
            "procedure": "CT head",
            "question": "Fall, on apixaban. Bleed?",
            "accession": f"{code[0]}26-{next(self._numbers):06d}",
            "referral_id": uuid4(),
            "referral_number": f"R-{next(self._numbers):04d}",
        } | details
        with self.scope(code):
            archive.set_patient(actor=SEED, study_id=study_id, patient_id=patient_id)
            case_id = case.open_case(
                actor=SEED, client_id=client_id, priority=priority, patient_id=patient_id, **described
            )
            case.attach_study(
                actor=SEED,
                case_id=case_id,
                study_id=study_id,
                facts=self.facts(study_id),
                complete_at=timezone.now(),
            )
            read = case_queries.reads_of(case_id)[0]
            view = case_queries.case(case_id)
            assert view is not None
            assert view.due_at is not None
        return ReadyCase(client_id, case_id, read.id, study_id, patient_id, view.number, view.due_at)


def _terms(name: str, email: str, person_id: UUID, **changes: Any) -> Terms:
    desk = Contact(uuid4(), f"{name} site team", "site manager", "phone", "01632 960001", out_of_hours=True)
    consultant = Contact(uuid4(), "Linnet Farrow", "emergency consultant", "email", email, person_id)
    return Terms(
        contacts=(consultant, desk),
        ladder=(Rung(1, consultant.id, 10), Rung(2, desk.id, 20)),
        **({"quiet_seconds": 60} | changes),
    )


def make_reader(manager: PersonView, reader: PersonView, number: str) -> None:
    """All that the register asks of a reader, in date, recorded by the manager."""
    today = timezone.localdate()
    since = timezone.now() - timedelta(days=400)
    who: dict[str, Any] = {"actor": Actor.person(manager.id), "person_id": reader.id}
    kinds = ("primary", "second_opinion", "clinical_review")
    modalities = ("CT", "MR", "CBCT")
    registered = {"body": "GMC", "number": number, "checked_on": today, "licence": True, "specialist": True}
    credentials.record_registration(**who, **registered, valid_from=since)
    credentials.record_privilege(
        **who, modalities=modalities, read_types=kinds, valid_from=since, scope="gmc_radiologist"
    )
    credentials.record_indemnity(
        **who,
        insurer="Harbour Mutual",
        modalities=modalities,
        teleradiology=True,
        jurisdiction="England",
        limit_pounds=10_000_000,
        starts_on=today - timedelta(days=100),
        expires_on=today + timedelta(days=265),
    )
    credentials.record_dbs(
        **who, level="enhanced", issued_on=today - timedelta(days=90), renew_by=today + timedelta(days=1000)
    )
    credentials.record_appraisal(
        **who,
        held_on=today - timedelta(days=60),
        appraiser="Dr Bryony Hallam",
        teleradiology=True,
        designated_body="Larkfield Reporting Ltd",
        responsible_officer="Dr Caspian Thorne",
    )
    credentials.record_revalidation(**who, due_on=today + timedelta(days=700))
    audit = credentials.record_audit(
        **who, cross_sectional=20, auditors=("Dr Aster Quince", "Dr Bram Yarrow"), external=True, outcome="Agreed."
    )
    credentials.release_reader(actor=who["actor"], key=audit)
    make_desk(manager, reader)
    fill_file(reader)


def join_house() -> None:
    """Join events, reactions and doors as every process of the product does, once in a test run."""
    if "worker" not in OPENERS:
        wiring.wire()


def build() -> World:
    """Make the world; needs the database."""
    join_house()
    with open_scope(Scope.provider(), opened_by="test"):
        ids = {
            "NORTH": clients.add_client(actor=SEED, code="NORTH", name="Northmere General"),
            "SOUTH": clients.add_client(actor=SEED, code="SOUTH", name="Southbourne Dental", kind="dental"),
        }
        clients.add_ae(actor=SEED, client_id=ids["NORTH"], aet="NORTH_CT2", cidr="127.0.0.0/8")
        clients.add_ae(actor=SEED, client_id=ids["SOUTH"], aet="SOUTH_CBCT", cidr="127.0.0.0/8")
    people = {
        "manager": make_person("registered_manager", name="Imogen Vantry"),
        "reader": make_person("radiologist", "clinical_lead", name="Dr Maren Oakhollow", pin="482913"),
        "reader2": make_person("radiologist", name="Dr Pip Larkspur", pin="739201"),
        "administrator": make_person("administrator", name="Wilf Ashdown"),
        "north": make_person("client_user", client_id=ids["NORTH"], name="Dr Linnet Farrow"),
        "north_admin": make_person("client_administrator", client_id=ids["NORTH"], name="Tamsin Reed"),
        "south": make_person("client_user", client_id=ids["SOUTH"], name="Dr Rowan Pike"),
        "outsider": make_person(name="Nobody Here"),
    }
    terms = {
        "NORTH": _terms("Northmere", people["north"].email, people["north"].id),
        "SOUTH": _terms("Southbourne", people["south"].email, people["south"].id, modalities=("CBCT",)),
    }
    for code, client_id in ids.items():
        with open_scope(Scope.client(client_id), opened_by="test"):
            agreement.agree(
                actor=SEED, client_id=client_id, terms=terms[code], valid_from=timezone.now() - timedelta(days=365)
            )
    with open_scope(Scope.provider(), opened_by="test"):
        make_reader(people["manager"], people["reader"], "7012345")
        make_reader(people["manager"], people["reader2"], "7054321")
    return World(ids, people, terms)


@pytest.fixture
def world(db: None) -> World:
    """The world, made anew for each test."""
    return build()

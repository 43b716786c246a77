"""The model provider of the simulation: its people, clients, agreements and the readers' credentials."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from overread.foundation.clients import actions as clients
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.credentials import actions as credentials
from overread.governance.equipment import actions as equipment
from overread.governance.equipment import queries as desks
from overread.governance.equipment.rules import QUESTIONS, DisplayAnswers, MeasureKind, Readings
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Contact, Peer, Rung, Terms
from overread.site.demo.people import DOMAIN, PEOPLE, seed_people

SEEDING = Actor.system("simulation")
READ_TYPES = ("clinical_review", "primary", "second_opinion")
PINS = {one.short: one.pin for one in PEOPLE}


@dataclass(frozen=True)
class House:
    """Ids of clients by code, of people by short name, of each reader's entry in the regulator's register and of their workstation."""

    clients: dict[str, UUID]
    people: dict[str, UUID]
    registrations: dict[str, UUID] = field(default_factory=dict)
    desks: dict[str, UUID] = field(default_factory=dict)
    risks: dict[str, UUID] = field(default_factory=dict)

    def actor(self, short: str) -> Actor:
        """Somebody as actor."""
        return Actor.person(self.people[short])

    def email(self, short: str) -> str:
        """Somebody's address."""
        return f"{short}@{DOMAIN}"


def build_house(folder: Path, today: date, *, maren_checked: date, tobias_indemnity_ends: date) -> House:
    """Make people, clients, agreements and credentials, all in date on the first day.

    Args:
        folder: of the installation; the password of its people is kept there, as in a demonstration.
        today: the first day.
        maren_checked: when the register was last checked for one reader; its next check will be late.
        tobias_indemnity_ends: the last day of one reader's indemnity, which nobody renews in time.
    """
    with open_scope(Scope.everything(), opened_by="command"):
        ids = {
            "NORTH": clients.add_client(actor=SEEDING, code="NORTH", name="Northmere General", kind="hospital"),
            "WILLOW": clients.add_client(
                actor=SEEDING, code="WILLOW", name="Willowgate Dental Practice", kind="dental"
            ),
        }
    people = seed_people(folder, ids)
    house = House(ids, people)
    for code in ids:
        _agree(house, code)
    with open_scope(Scope.everything(), opened_by="command"):
        _credential(house, "maren", "7000001", today, today + timedelta(days=300), checked=maren_checked)
        _credential(house, "tobias", "7000002", today, tobias_indemnity_ends, checked=today - timedelta(days=2))
        for short in ("maren", "tobias"):
            house.desks[short] = _equip(house, short, today)
    return house


def _agree(house: House, code: str) -> None:
    hospital = code == "NORTH"
    short, role = ("linnet", "emergency consultant") if hospital else ("saffron", "dentist")
    first = Contact(uuid4(), "Duty doctor", role, "email", house.email(short), house.people[short])
    desk = Contact(uuid4(), "Site manager", "switchboard", "phone", "01632 960001", out_of_hours=True)
    terms = Terms(
        modalities=("CT", "MR") if hospital else ("CBCT",),
        read_types=READ_TYPES,
        contacts=(first, desk),
        ladder=(Rung(1, first.id, 10), Rung(2, desk.id, 20)),
        channels=("portal", "dicom") if hospital else ("portal",),
        dicom_peer=Peer("NORTH_PACS", "127.0.0.1", 104) if hospital else None,
    )
    with open_scope(Scope.client(house.clients[code]), opened_by="command"):
        agreement.agree(actor=SEEDING, client_id=house.clients[code], terms=terms, reason="simulation")


def _credential(house: House, short: str, number: str, today: date, indemnity_ends: date, *, checked: date) -> None:
    manager = house.actor("imogen")
    who: dict[str, Any] = {"actor": manager, "person_id": house.people[short]}
    everything = ("CBCT", "CT", "MR")
    house.registrations[short] = credentials.record_registration(
        **who, body="GMC", number=number, licence=True, specialist=True, checked_on=checked
    )
    credentials.record_privilege(**who, modalities=everything, read_types=READ_TYPES, scope="gmc_radiologist")
    credentials.record_indemnity(
        **who,
        insurer="Harbour Mutual (invented)",
        modalities=everything,
        teleradiology=True,
        jurisdiction="England and Wales",
        limit_pounds=10_000_000,
        starts_on=today - timedelta(days=200),
        expires_on=indemnity_ends,
    )
    credentials.record_dbs(
        **who, level="enhanced", issued_on=today - timedelta(days=90), renew_by=today + timedelta(days=900)
    )
    credentials.record_appraisal(
        **who,
        held_on=today - timedelta(days=60),
        appraiser="Dr Bryony Hallam",
        teleradiology=True,
        designated_body="Larkfield Reporting Ltd",
        responsible_officer="Dr Caspian Thorne",
    )
    credentials.record_revalidation(**who, last_on=today - timedelta(days=600), due_on=today + timedelta(days=1000))
    audit = credentials.record_audit(
        **who,
        cross_sectional=24,
        auditors=("Dr Aster Quince", "Dr Bram Yarrow"),
        external=True,
        outcome="24 reports agreed, no discrepancy of significance.",
    )
    credentials.release_reader(actor=manager, key=audit)


def _equip(house: House, short: str, today: date) -> UUID:
    """A reader's workstation with one display, accepted on the first day, and the reader sitting at it."""
    manager = house.actor("imogen")
    desk: UUID = equipment.record_workstation(
        actor=manager, name=f"Desk of {short.capitalize()}", owner_id=house.people[short]
    )
    display = equipment.record_display(
        actor=manager,
        workstation_id=desk,
        make="Larkview (invented)",
        model="Diagnostic 3M",
        serial=f"SIM-{short}",
        width_px=1536,
        height_px=2048,
    )
    equipment.record_test(
        actor=manager,
        display_id=display,
        kind=MeasureKind.ACCEPTANCE,
        tested_on=today,
        tested_by="Medical physics",
        readings=Readings(410, 0.6, 6, 14, 30),
    )
    equipment.take_seat(actor=house.actor(short), workstation_id=desk, how="chosen")
    return desk


def look_at_the_pattern(house: House, short: str, at: datetime) -> None:
    """The minute before a reader's first read of a day."""
    reader = house.actor(short)
    with open_scope(Scope.provider(), opened_by="command"):
        if desks.used_by(house.people[short], at).check_id:
            return
        found = desks.workstation(house.desks[short])
        names = [d.name for d in found.reading] if found else []
        answers = [DisplayAnswers(name, "407", frozenset(QUESTIONS)) for name in names]
        expected = dict.fromkeys(names, "407")
        equipment.record_look(
            actor=reader, workstation_id=house.desks[short], answers=answers, expected=expected, dim=True
        )

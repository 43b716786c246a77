"""The model provider of the simulation: its people, clients, agreements and the readers' credentials."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from overread.foundation.clients import actions as clients
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.equipment import actions as equipment
from overread.governance.equipment import queries as desks
from overread.governance.equipment.rules import Readings
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Contact, Peer, Rung, Terms
from overread.site.demo.equipment import add_display, look
from overread.site.demo.people import DOMAIN, PEOPLE, seed_people
from overread.site.demo.provider import record_reader

SEEDING = Actor.system("simulation")
READERS = ("maren", "tobias")
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
    policies: dict[str, UUID] = field(default_factory=dict)

    def actor(self, short: str) -> Actor:
        """Somebody as actor."""
        return Actor.person(self.people[short])

    def email(self, short: str) -> str:
        """Somebody's address."""
        return f"{short}@{DOMAIN}"


def build_house(folder: Path) -> House:
    """Make people, clients and agreements.

    Args:
        folder: of the installation; the password of its people is kept there, as in a demonstration.
    """
    with open_scope(Scope.everything(), opened_by="command"):
        ids = {
            "NORTH": clients.add_client(actor=SEEDING, code="NORTH", name="Northmere General", kind="hospital"),
            "WILLOW": clients.add_client(
                actor=SEEDING, code="WILLOW", name="Willowgate Dental Practice", kind="dental"
            ),
        }
    house = House(ids, seed_people(folder, ids))
    for code in ids:
        _agree(house, code)
    return house


def let_them_read(house: House, today: date, *, maren_checked: date, tobias_indemnity_ends: date) -> None:
    """Credentials and workstations of the readers, all in date on the first day.

    Args:
        today: the first day.
        maren_checked: when the register was last checked for one reader; its next check will be late.
        tobias_indemnity_ends: the last day of one reader's indemnity, which nobody renews in time.
    """
    with open_scope(Scope.everything(), opened_by="command"):
        for short, number, checked, ends in (
            ("maren", "7000001", maren_checked, today + timedelta(days=300)),
            ("tobias", "7000002", today - timedelta(days=2), tobias_indemnity_ends),
        ):
            house.registrations[short] = record_reader(
                house.actor("imogen"), house.people[short], number, checked_on=checked, indemnity_ends=ends
            )
            house.desks[short] = _equip(house, short)


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


def _equip(house: House, short: str) -> UUID:
    """A reader's workstation with one display, accepted on the first day, and the reader sitting at it."""
    manager = house.actor("imogen")
    desk: UUID = equipment.record_workstation(
        actor=manager, name=f"Desk of {short.capitalize()}", owner_id=house.people[short]
    )
    add_display(manager, desk, f"SIM-{short}", readings=Readings(410, 0.6, 6, 14, 30), days=(0,))
    equipment.take_seat(actor=house.actor(short), workstation_id=desk, how="chosen")
    return desk


def look_at_the_pattern(house: House, short: str, at: datetime) -> None:
    """The minute before a reader's first read of a day."""
    with open_scope(Scope.provider(), opened_by="command"):
        if not desks.used_by(house.people[short], at).check_id:
            look(house.actor(short), house.desks[short])

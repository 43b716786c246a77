"""What the demonstration's provider has agreed, and whom it lets read. All of it is invented."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from overread.foundation.clients import actions as clients
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.credentials import actions as credentials
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Contact, Peer, Rung, Terms
from overread.site.demo.people import SEEDING

NAMES = {"NORTH": ("Northmere General", "hospital"), "WILLOW": ("Willowgate Dental Practice", "dental")}
AETS = {"NORTH": "NORTH_CT2", "WILLOW": "WILLOW_CBCT"}


def seed_clients() -> dict[str, UUID]:
    """Two clients, each with one AE title that may send from this machine."""
    ids = {}
    with open_scope(Scope.everything(), opened_by="command"):
        for code, (name, kind) in NAMES.items():
            ids[code] = clients.add_client(actor=SEEDING, code=code, name=name, kind=kind)
    with open_scope(Scope.everything(), opened_by="command"):
        for code, aet in AETS.items():
            clients.add_ae(actor=SEEDING, client_id=ids[code], aet=aet, cidr="127.0.0.1/32")
    return ids


def agree(client_ids: dict[str, UUID], people: dict[str, UUID], *, node_port: int, quiet: int, recall: int) -> None:
    """Agreements: contacts, ladder, channels. Seconds of quiet and recall are shorter in a checked run.

    Args:
        client_ids, people: ids by code and by sign-in name.
        node_port: where the hospital's DICOM node listens.
        quiet: seconds without images after which a study counts as whole.
        recall: seconds within which a signed report can be recalled.
    """
    for code, client_id in client_ids.items():
        short, role = ("linnet", "emergency consultant") if code == "NORTH" else ("saffron", "dentist")
        first = Contact(uuid4(), "Duty doctor", role, "email", f"duty@{code.lower()}.example", people[short])
        desk = Contact(uuid4(), "Site manager", "switchboard", "phone", "01632 960001", out_of_hours=True)
        hospital = code == "NORTH"
        terms = Terms(
            modalities=("CT", "MR") if hospital else ("CBCT",),
            read_types=("primary", "second_opinion", "clinical_review") if hospital else ("primary",),
            recall_seconds=recall,
            quiet_seconds=quiet,
            contacts=(first, desk),
            ladder=(Rung(1, first.id, 10), Rung(2, desk.id, 20)),
            channels=("portal", "dicom") if hospital else ("portal",),
            dicom_peer=Peer("NORTH_PACS", "127.0.0.1", node_port) if hospital else None,
        )
        with open_scope(Scope.client(client_id), opened_by="command"):
            agreement.agree(actor=SEEDING, client_id=client_id, terms=terms, reason="demonstration")


def credential(people: dict[str, UUID]) -> None:
    """All that the register asks of the two readers, recorded by the manager; one indemnity runs out soon."""
    with open_scope(Scope.everything(), opened_by="command"):
        for short, number, days_left in (("maren", "7000001", 200), ("tobias", "7000002", 21)):
            today = timezone.localdate()
            ends = today + timedelta(days=days_left)
            checked = today - timedelta(days=20)
            record_reader(
                Actor.person(people["imogen"]), people[short], number, checked_on=checked, indemnity_ends=ends
            )


def record_reader(manager: Actor, person_id: UUID, number: str, *, checked_on: date, indemnity_ends: date) -> UUID:
    """All that the register asks of one reader. Needs a scope.

    Args:
        manager: who records it.
        person_id: the reader.
        number: in the register of the GMC.
        checked_on: when that register was last looked at.
        indemnity_ends: the last day of the indemnity.

    Returns:
        The key of the entry about the registration.
    """
    at, today = timezone.now(), timezone.localdate()
    since, everything = at - timedelta(days=30), ("CBCT", "CT", "MR")
    who: dict[str, Any] = {"actor": manager, "person_id": person_id}
    registered: dict[str, Any] = {
        "number": number,
        "licence": True,
        "specialist": True,
        "checked_on": checked_on,
    }
    registration: UUID = credentials.record_registration(**who, body="GMC", valid_from=since, **registered)
    kinds = ("clinical_review", "primary", "second_opinion")
    credentials.record_privilege(
        **who, modalities=everything, read_types=kinds, valid_from=since, scope="gmc_radiologist"
    )
    credentials.record_indemnity(
        **who,
        insurer="Harbour Mutual (invented)",
        modalities=everything,
        teleradiology=True,
        jurisdiction="England and Wales",
        limit_pounds=10_000_000,
        starts_on=today - timedelta(days=165),
        expires_on=indemnity_ends,
    )
    credentials.record_dbs(
        **who, level="enhanced", issued_on=today - timedelta(days=300), renew_by=today + timedelta(days=795)
    )
    credentials.record_appraisal(
        **who,
        held_on=today - timedelta(days=150),
        appraiser="Dr Bryony Hallam",
        teleradiology=True,
        designated_body="Larkfield Reporting Ltd",
        responsible_officer="Dr Caspian Thorne",
    )
    credentials.record_revalidation(**who, last_on=today - timedelta(days=700), due_on=today + timedelta(days=1000))
    audit = credentials.record_audit(
        **who,
        cross_sectional=24,
        auditors=("Dr Aster Quince", "Dr Bram Yarrow"),
        external=True,
        outcome="24 reports agreed, no discrepancy of significance.",
    )
    credentials.release_reader(actor=manager, key=audit)
    return registration

"""What the demonstration's provider has agreed, and whom it lets read. All of it is invented."""

from datetime import timedelta
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
    """Registrations and privileges of the two readers, recorded by the manager."""
    since = timezone.now() - timedelta(days=30)
    manager = Actor.person(people["imogen"])
    with open_scope(Scope.everything(), opened_by="command"):
        for short, number in (("maren", "7000001"), ("tobias", "7000002")):
            credentials.record_registration(
                actor=manager,
                person_id=people[short],
                body="GMC",
                number=number,
                checked_on=since.date(),
                valid_from=since,
            )
            credentials.record_privilege(
                actor=manager,
                person_id=people[short],
                modalities=("CT", "MR", "CBCT"),
                read_types=("primary",),
                valid_from=since,
            )

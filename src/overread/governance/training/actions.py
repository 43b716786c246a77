"""Verbs of training."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.registers.documents import Document
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.governance.training import queries, rules
from overread.governance.training.models import Certificate
from overread.governance.training.rules import CONFIRMED, FIELDS, HANDED_IN, SUBJECT, Standing

RENEW, CONFIRM = "training.renew", "training.confirm"


def _wanted(one: Standing) -> WantedDuty:
    title = f"Training: {SUBJECT[one.subject].title}"
    return WantedDuty(one.id, one.person, title, end_of_day(one.due))


def _keep(actor: Actor, person_id: UUID | None = None) -> None:
    """Every field of the matrix is a duty of its person; a certificate that waits is one of whoever confirms it."""
    found = [s for s in queries.matrix()[1].values() if person_id in (None, s.person)]
    clock.keep_duties(actor=actor, kind=RENEW, wanted=[_wanted(s) for s in found], owner_id=person_id)
    clock.keep_duties(actor=actor, kind=CONFIRM, wanted=_waiting())


def _waiting() -> list[WantedDuty]:
    days = timedelta(days=thresholds.whole("training.confirm"))
    waiting = [e for e in queries.certificates() if e["standing"] == HANDED_IN]
    return [
        WantedDuty(
            e.key,
            None,
            f"C-{e.number} Certificate to be confirmed: {SUBJECT[e['subject']].title}",
            e.recorded_at + days,
        )
        for e in waiting
    ]


def _take(
    actor: Actor, values: Mapping[str, Any], key: UUID | None, document: Document | None, **options: Any
) -> Entry:
    tidied = writing.taken(FIELDS, values)
    faults = rules.certificate_faults(tidied, thresholds.whole("training.pass_mark"))
    if faults:
        raise BadInput("This certificate cannot be taken.", errors=faults)
    more = document.columns if document else {}
    before = queries.certificate(key) if key else None
    entry = writing.add_version(Certificate, FIELDS, actor=actor, values=tidied, key=key, **options, **more)
    for person_id in {entry["person"], before["person"] if before else entry["person"]}:
        _keep(actor, person_id)
    return entry


@action("training.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
    document: Document | None = None,
) -> UUID:
    """Write somebody's certificate, or a version of it. Nobody records or changes their own.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: below the pass mark, without its level, or a value cannot be taken.
    """
    held = queries.certificate(key) if key else None
    if actor.person_id is not None and actor.person_id in (values.get("person"), held and held["person"]):
        raise NotAllowed("Nobody records their own certificate. Hand it in on your own page.", code="own-certificate")
    options: dict[str, Any] = {"why": why, "valid_from": valid_from, "seen": seen}
    return _take(actor, values, key, document, **options).key


@action("training.hand_in")
def hand_in(*, actor: Actor, values: Mapping[str, Any], document: Document) -> UUID:
    """Hand in one's own certificate with its file; it counts when another person has seen it.

    Raises:
        NotAllowed: the actor is no person.
        BadInput: see record.
    """
    if actor.person_id is None:
        raise NotAllowed("A certificate is handed in by a person.")
    own = {**values, "person": actor.person_id, "standing": HANDED_IN}
    return _take(actor, own, None, document).key


@action("training.confirm")
def confirm(*, actor: Actor, key: UUID) -> None:
    """Say that one has seen a certificate that somebody else handed in; from now on it counts.

    Raises:
        NotFound: there is no such certificate.
        NotAllowed: it is the actor's own.
    """
    held = queries.certificate(key)
    if held is None:
        raise NotFound
    values = {**held.values, "standing": CONFIRMED}
    record(actor=actor, values=values, key=key, why="Certificate seen and confirmed", seen=held.version)
    note(subject=("training.certificate", key), words="confirmed")


@action("training.withdraw")
def withdraw(*, actor: Actor, key: UUID, why: str) -> None:
    """Take a certificate out, because it was wrong or another person's; it stays readable.

    Raises:
        NotFound: there is no such certificate.
        NotAllowed: it is the actor's own.
        BadInput: there is no reason.
    """
    held = queries.certificate(key)
    if held is None:
        raise NotFound
    if actor.person_id == held["person"]:
        raise NotAllowed("Nobody withdraws their own certificate. Ask another manager.", code="own-certificate")
    writing.end_entry(Certificate, FIELDS, actor=actor, key=key, why=why)
    _keep(actor, held["person"])


@action("training.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the matrix: people come, go and change their roles, and intervals change."""
    _keep(actor)
    note(subject=("register", "training"), words="arranged")

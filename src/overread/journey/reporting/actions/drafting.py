"""Drafts: begun, and kept as typed."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as case_queries
from overread.journey.reporting.models import Draft
from overread.journey.reporting.rules import EDITABLE, cleaned


def _person_of(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed("Only a person writes a report.")
    return actor.person_id


def _held(read_id: UUID, person_id: UUID) -> case_queries.ReadView:
    read = case_queries.read(read_id)
    if read is None:
        raise NotFound
    if not claims.holds(read_id, person_id):
        raise Conflict(
            "This read is no longer yours: it was taken over, handed back, or its lease ran out. Your draft is kept. "
            "Claim the read again to go on.",
            code="lease-lost",
        )
    return read


@action("report.begin")
def begin(*, actor: Actor, read_id: UUID, sections: Mapping[str, str]) -> UUID:
    """Begin a draft with what is known already; an existing draft is left as it is.

    Args:
        sections: first text of each section, such as the indication from the referral.

    Raises:
        Conflict: the read is not this person's.
    """
    person_id = _person_of(actor)
    read = _held(read_id, person_id)
    at = current_unit().at
    row, made = Draft.objects.get_or_create(
        client_id=read.client_id,
        read_id=read_id,
        author_id=person_id,
        defaults={
            "case_id": read.case_id,
            "sections": {k: cleaned(v) for k, v in sections.items() if k in EDITABLE},
            "begun_at": at,
            "saved_at": at,
        },
    )
    words = "begun" if made else "found"
    note(subject=("draft", row.id), client_id=read.client_id, case_id=read.case_id, words=words)
    return UUID(str(row.id))


@action("report.save_draft")
def save_draft(
    *, actor: Actor, read_id: UUID, version: int, sections: Mapping[str, str], answers: Mapping[str, str]
) -> int:
    """Keep what was typed (H19). The version must be the one that the page was made from.

    Args:
        version: of the draft as the page knows it.
        sections: all sections as typed.
        answers: answers to checks, by code.

    Returns:
        The new version.

    Raises:
        Conflict: the read is not this person's, or another window saved meanwhile; nothing is overwritten.
    """
    person_id = _person_of(actor)
    read = _held(read_id, person_id)
    kept = {name: str(sections.get(name, ""))[:20_000] for name in EDITABLE}
    saved = Draft.objects.filter(read_id=read_id, author_id=person_id, version=version, signed_at__isnull=True).update(
        sections=kept,
        answers={str(k)[:60]: str(v)[:1000] for k, v in answers.items()},
        version=F("version") + 1,
        saved_at=current_unit().at,
    )
    if not saved:
        raise Conflict(
            "This draft was saved from another window, or is signed. Load the page again to see it; nothing was "
            "overwritten.",
            code="stale-draft",
        )
    facts = {"version": version + 1, "lengths": {k: len(v) for k, v in kept.items()}}
    note(subject=("read", read_id), client_id=read.client_id, case_id=read.case_id, facts=facts)
    return version + 1

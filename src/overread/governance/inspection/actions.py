"""Verbs of inspection: a pack is asked for, and what was built is kept."""

from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput
from overread.foundation.work.unit import current_unit
from overread.governance.inspection.events import PackAsked
from overread.governance.inspection.models import Pack, PackFile
from overread.governance.inspection.rules import EDITIONS, Period


@action("inspection.ask_pack")
def ask_pack(*, actor: Actor, period: Period, edition: str, build: bool = True) -> UUID:
    """Ask for the pack of a period (REQ-02).

    Args:
        actor: who wants it; named on the list of packs.
        period: what it covers and from where it looks.
        edition: a key of rules.EDITIONS.
        build: have it built in the background; False when the caller builds it at once.

    Raises:
        BadInput: the period cannot be read, or there is no such edition.
    """
    if period.faults or edition not in EDITIONS:
        raise BadInput(" ".join(period.faults) or "There is no such framework.")
    pack = Pack.objects.create(
        from_at=period.from_at,
        to_at=period.to_at,
        as_at=period.as_at,
        known_by=period.known_by,
        edition=edition,
        asked_at=current_unit().at,
        asked_by=actor.text,
    )
    note(subject=("pack", pack.id), facts={"edition": edition})
    if build:
        publish(PackAsked(pack_id=pack.id))
    return pack.id


@action("inspection.keep_pack")
def keep_pack(
    *,
    actor: Actor,
    pack_id: UUID,
    key: str,
    sha256: str,
    length: int,
    content_sha256: str,
    facts: int,
    gaps: int,
) -> None:
    """Keep what was built for a pack; a second building of the same pack changes nothing.

    Args:
        pack_id: which pack.
        key, sha256, length: the archive in the store; the key is empty when it was written to a folder only.
        content_sha256: of the canonical JSON.
        facts, gaps: how many are in it.
    """
    if not PackFile.objects.filter(pack_id=pack_id).exists():
        PackFile.objects.create(
            pack_id=pack_id,
            key=key,
            sha256=sha256,
            length=length,
            content_sha256=content_sha256,
            facts=facts,
            gaps=gaps,
            built_at=current_unit().at,
        )
    note(subject=("pack", pack_id), facts={"content_sha256": content_sha256, "facts": facts, "gaps": gaps})

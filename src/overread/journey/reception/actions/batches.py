"""Taking a batch of objects out of the journal, decided one by one, in one transaction with the journal's position."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict
from overread.journey.agreement.queries import terms_for
from overread.journey.archive.queries import StudyView, hashes_of, studies_by_uid
from overread.journey.archive.rules import StoredObject
from overread.journey.reception import rules
from overread.journey.reception.actions._holding import _hold, _open_holds
from overread.journey.reception.actions._taking import _counted, _quarantine, _take
from overread.journey.reception.models import Expected, JournalPosition
from overread.journey.reception.queries import Taken
from overread.journey.reception.rules import Arrived, Decision, ExpectedView, Outcome, QuarantineReason, Reference


def _move_position(segment: str, from_offset: int, to_offset: int) -> None:
    """Move the journal's position, if it is still where the batch began.

    Raises:
        Conflict: another process has taken this batch.
    """
    now = timezone.now()
    row, _ = JournalPosition.objects.get_or_create(segment=segment, defaults={"moved_at": now})
    moved = JournalPosition.objects.filter(id=row.id, offset=from_offset).update(offset=to_offset, moved_at=now)
    if not moved:
        raise Conflict("This part of the journal was already taken.", code="journal-taken")


def _expected(client_id: UUID, objects: Sequence[StoredObject]) -> list[ExpectedView]:
    accessions = {o.accession for o in objects if o.accession}
    identifiers = {o.identifier for o in objects if o.identifier}
    rows = Expected.objects.filter(Q(accession__in=accessions) | Q(identifier__in=identifiers), client_id=client_id)
    return [ExpectedView(r.referral_id, r.accession, r.identifier, r.issuer, r.birth_date, r.images) for r in rows]


def _reference(stored: StoredObject, archived: Mapping[str, StudyView], expected: list[ExpectedView]) -> Reference:
    """What decides about the person: the referral's date of birth, else that of the study's images before."""
    before = archived.get(stored.study_uid)
    identifier = before.identifier if before else None
    if before and before.birth_date_given:
        return Reference(before.birth_date, True, identifier)
    answered = rules.expected_for(stored, expected)
    if answered:
        return Reference(answered.birth_date, False, identifier)
    return Reference(before.birth_date if before else None, False, identifier)


def _decided(client_id: UUID, batch: Sequence[Arrived]) -> list[tuple[Arrived, Decision, Reference]]:
    """Each object with its decision; objects that the archive has already, byte for byte, are accepted again."""
    objects = [a.stored for a in batch]
    agreement = terms_for(client_id)
    archived = studies_by_uid(client_id, {o.study_uid for o in objects})
    expected = _expected(client_id, objects)
    have = hashes_of(client_id, (o.sop_uid for o in objects))
    found = []
    for arrived in batch:
        known = _reference(arrived.stored, archived, expected)
        repeat = have.get(arrived.stored.sop_uid, ("", ""))[0] == arrived.stored.sha256
        found.append((arrived, rules.ACCEPTED if repeat else rules.decide(arrived, agreement, known), known))
    return found


def _with_reference(stored: StoredObject, known: Reference) -> StoredObject:
    """The object with the date of birth that decided, when its own header has none."""
    if stored.birth_date is None and known.birth_date is not None:
        return replace(stored, birth_date=known.birth_date, birth_date_given=True)
    return stored


def _parted(client_id: UUID, batch: Sequence[Arrived]) -> dict[str, Any]:
    """The batch in three parts: accepted objects, held ones by study, quarantined ones with their reasons."""
    decided = _decided(client_id, batch)
    holds = _open_holds(client_id, (a.stored.study_uid for a in batch))
    joining = {a.stored.study_uid for a, d, _ in decided if d.outcome is Outcome.HOLD} | set(holds)
    accepted: list[StoredObject] = []
    held: dict[str, list[StoredObject]] = defaultdict(list)
    reasons: dict[str, str] = {}
    apart: list[tuple[StoredObject, str, str]] = []
    for arrived, decision, known in decided:
        stored = arrived.stored
        if decision.outcome is Outcome.QUARANTINE:
            apart.append((stored, decision.reason, decision.detail))
        elif decision.outcome is Outcome.HOLD or stored.study_uid in joining:
            held[stored.study_uid].append(stored)
            if decision.reason:
                reasons.setdefault(stored.study_uid, decision.reason)
        else:
            accepted.append(_with_reference(stored, known))
    return {"accepted": accepted, "held": held, "reasons": reasons, "apart": apart, "holds": holds}


@action("reception.take_batch")
def take_batch(
    *,
    actor: Actor,
    client_id: UUID,
    batch: tuple[Arrived, ...],
    segment: str = "",
    from_offset: int = 0,
    to_offset: int = 0,
) -> Taken:
    """Take objects of one client: index what is accepted, hold and keep apart what is not, move the journal's position.

    Safe to repeat: an object that is known is success, and a batch that another process took changes nothing.

    Args:
        actor: the indexer.
        client_id: whose objects.
        batch: at most a few hundred, read before this action so that it does database work only.
        segment: the journal's segment; "" when the objects do not come out of a journal.
        from_offset, to_offset: where the batch begins and ends in the segment, bytes.

    Raises:
        Conflict: another process has taken this batch.
    """
    if segment:
        _move_position(segment, from_offset, to_offset)
    parts = _parted(client_id, batch)
    for uid, objects in parts["held"].items():
        others = _hold(client_id, parts["holds"].get(uid), objects, parts["reasons"].get(uid, ""))
        parts["apart"] += [(o, QuarantineReason.OTHER_BYTES.value, "") for o in others]
    _quarantine(client_id, parts["apart"])
    done = _take(client_id, parts["accepted"], actor=actor) if parts["accepted"] else None
    held = sum(len(objects) for objects in parts["held"].values())
    taken = Taken(
        new=done.new if done else 0,
        repeats=done.repeats if done else 0,
        held=held,
        quarantined=len(parts["apart"]) + (len(done.conflicts) if done else 0),
        study_ids=done.study_ids if done else (),
    )
    note(
        subject=("journal", segment or "direct"),
        client_id=client_id,
        facts={
            "objects": len(batch),
            "new": taken.new,
            "repeats": taken.repeats,
            "held": taken.held,
            "quarantined": taken.quarantined,
            "reasons": _counted(reason for _, reason, _ in parts["apart"]),
            "to": to_offset,
        },
    )
    return taken

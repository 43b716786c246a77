"""The indexer: takes what the journals say was received into the archive, held or quarantined, batch by batch.

A duty of the worker. It may be killed at any point and done twice at once: a batch and the journal's position move in
one transaction. Headers are read before the action, so the action holds its transaction for database work only.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from overread.foundation.blobs.blob import BlobMissing, BlobStore, StoreError
from overread.foundation.blobs.journal import Reader, Received
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.database import give_way
from overread.foundation.work.refusals import Conflict
from overread.journey.archive import queries as archive
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.rules import InstanceHeader, StoredObject, Unreadable, stored_object
from overread.journey.reception import actions, queries
from overread.journey.reception.events import StudyReturned
from overread.journey.reception.rules import Arrived, QuarantineReason
from overread.site import places

LISTENER = Actor.system("reception")
BATCH = 60
PAUSE_SECONDS = 0.005  # between commits, so that other writers get their turn (DESIGN 3)
ROUNDS = 20
SETTLED_SECONDS = 60.0  # an object written again within this time may still wait for the indexer
ZONE = ZoneInfo("Europe/London")
log = logging.getLogger(__name__)


@dataclass
class Indexer:
    """Reads `reader`'s journals and `store`'s objects.

    Attributes:
        reader: the journals of every process of this machine.
        store: where the bytes are.
        batch: objects in one transaction.
        pause: seconds between two transactions.
    """

    reader: Reader
    store: BlobStore
    batch: int = BATCH
    pause: float = PAUSE_SECONDS
    _done: set[str] = field(default_factory=set)

    def run_once(self) -> bool:
        """Take what is pending, at most ROUNDS batches.

        Returns:
            Whether there may be more.
        """
        rounds = 0
        for segment in self.reader.segments():
            for _ in self._batches(segment):
                rounds += 1
                give_way(self.pause)  # also before the next call, which comes at once when there may be more
                if rounds >= ROUNDS:
                    return True
            self._tidy(segment)
        return False

    def _batches(self, segment: str) -> Iterator[None]:
        """Take the segment's batches one by one; each step is one transaction."""
        with open_scope(Scope.provider(), opened_by="worker"):
            offset = queries.position(segment)
        if self.reader.size(segment) <= offset:
            return
        group: list[Received] = []
        start = end = offset
        for record, after in self.reader.pending(segment, offset):
            if group and (record.client_id != group[0].client_id or len(group) >= self.batch):
                if not self._take(segment, group, start, end):
                    return
                yield
                group, start = [], end
            group.append(record)
            end = after
        if group and self._take(segment, group, start, end):
            yield

    def _take(self, segment: str, group: list[Received], start: int, end: int) -> bool:
        """One transaction; False when another process took this batch."""
        client_id = UUID(group[0].client_id)
        arrived = tuple(self._arrived(record) for record in group)
        with open_scope(Scope.client(client_id), opened_by="worker"):
            try:
                self._act(client_id, arrived, segment, start, end)
            except Conflict:
                return False
            except (OperationalError, InterfaceError, StoreError):
                raise
            except Exception:
                log.exception("a batch could not be indexed; its objects are taken one by one")
                self._act_singly(client_id, arrived, segment, start, end)
        return True

    @staticmethod
    def _act(client_id: UUID, batch: tuple[Arrived, ...], segment: str, start: int, end: int) -> None:
        actions.take_batch(
            actor=LISTENER, client_id=client_id, batch=batch, segment=segment, from_offset=start, to_offset=end
        )

    def _act_singly(self, client_id: UUID, arrived: tuple[Arrived, ...], segment: str, start: int, end: int) -> None:
        """After a failed batch: each object alone; one that fails again is kept apart, and the position moves last."""
        for one in arrived:
            try:
                self._act(client_id, (one,), "", 0, 0)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("an object could not be indexed; it is kept apart")
                apart = Arrived(one.stored, fault=QuarantineReason.NOT_INDEXED.value)
                self._act(client_id, (apart,), "", 0, 0)
            give_way(self.pause)
        self._act(client_id, (), segment, start, end)

    def _arrived(self, record: Received) -> Arrived:
        try:
            header = self._header(record.key)
        except Unreadable as refusal:
            return Arrived(_announced(record), unreadable=refusal.reason.value)
        except BlobMissing:
            log.critical("the store has lost an object that was acknowledged", extra={"sha256": record.sha256})
            return Arrived(_announced(record), fault=QuarantineReason.BYTES_MISSING.value)
        stored = stored_object(
            header,
            key=record.key,
            sha256=record.sha256,
            length=record.length,
            received_at=record.received_at,
            source=record.calling_aet or record.source,
            zone=ZONE,
        )
        damage = tuple(problem.value for problem in header.damage)
        return Arrived(stored, damage=damage, announced=(record.study, record.sop_instance))

    def _header(self, key: str) -> InstanceHeader:
        path = self.store.path(key)
        if path is not None:
            return read_header(path)
        with self.store.open(key) as file:
            return read_header(file.read())

    def _tidy(self, segment: str) -> None:
        """Remove a segment that is taken to its end and that no process writes to any more."""
        if segment in self._done:
            return
        with open_scope(Scope.provider(), opened_by="worker"):
            offset = queries.position(segment)
        ended = offset and self.reader.size(segment) == offset and not self.reader.is_live(segment)
        if ended and self.reader.remove(segment, offset):
            self._done.add(segment)


def _announced(record: Received) -> StoredObject:
    """What is known of an object whose header cannot be read: what its sender announced."""
    return StoredObject(
        sop_uid=record.sop_instance[:64],
        sop_class=record.sop_class[:64],
        study_uid=record.study[:64],
        series_uid=record.series[:64],
        transfer_syntax=record.transfer_syntax[:64],
        key=record.key,
        sha256=record.sha256,
        length=record.length,
        received_at=record.received_at,
        source=(record.calling_aet or record.source)[:80],
        has_pixels=False,
    )


_indexer: list[Indexer] = []


def index_once() -> bool:
    """One round over the journals of this installation; registered as a duty by wiring."""
    if not _indexer:
        _indexer.append(Indexer(Reader(places.journal()), places.store()))
    return _indexer[0].run_once()


def purge(event: StudyReturned) -> None:
    """Remove the bytes of a returned study, except those that something else is made of; reaction of wiring."""
    if event.client_id is None:
        raise LookupError("a returned study has no client")
    keys = queries.held_keys(event.hold_id)
    with open_scope(Scope.everything(), opened_by="worker"):
        used = archive.keys_in_use(keys) | queries.keys_in_use_here(keys, event.hold_id)
    decided = timezone.now().timestamp() - SETTLED_SECONDS
    store = places.store()
    removed = sum(store.remove(key, unless_newer_than=decided) for key in set(keys) - used)
    actions.record_purged(actor=LISTENER, hold_id=event.hold_id, removed=removed, kept=len(set(keys)) - removed)

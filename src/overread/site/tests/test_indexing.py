"""The indexer: from journal and store into the archive, also after being killed."""

from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from overread.foundation.blobs.journal import Journal, Reader, Received
from overread.foundation.blobs.local import LocalStore
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.journey.archive import queries as archive
from overread.journey.reception import actions, queries
from overread.site import indexing
from overread.site.indexing import Indexer
from tests.world import CT, World, world

__all__ = ["world"]


def ct_bytes(study: str, number: int, **changes: object) -> bytes:
    """A small CT image of one study as a DICOM file."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = CT
    image.file_meta.MediaStorageSOPInstanceUID = f"{study}.1.{number}"
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    values = {
        "SOPClassUID": CT,
        "SOPInstanceUID": f"{study}.1.{number}",
        "StudyInstanceUID": study,
        "SeriesInstanceUID": f"{study}.1",
        "PatientID": "H1",
        "PatientName": "Quillfeather^Osric",
        "PatientBirthDate": "19550203",
        "StudyDate": "20260301",
        "Modality": "CT",
        "InstanceNumber": number,
        "Rows": 4,
        "Columns": 4,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelData": bytes(32),
    } | changes
    for name, value in values.items():
        setattr(image, name, value)
    out = BytesIO()
    image.save_as(out, enforce_file_format=True)
    return out.getvalue()


class Place:
    """A store, a journal and an indexer in a folder, with a sender that writes into them."""

    def __init__(self, folder: Path) -> None:
        self.store = LocalStore(folder / "blobs", reserve_bytes=0)
        self.journal = Journal(folder / "journal")
        self.indexer = Indexer(Reader(folder / "journal"), self.store, batch=4, pause=0.0)

    def receive(self, client_id: UUID, study: str, number: int, data: bytes | None = None, **said: str) -> None:
        """Store an object and record it in the journal, as the listener does before it answers."""
        ref = self.store.put(data if data is not None else ct_bytes(study, number))
        values = {
            "sop_class": CT,
            "sop_instance": f"{study}.1.{number}",
            "study": study,
            "series": f"{study}.1",
            "transfer_syntax": "1.2.840.10008.1.2.1",
        } | said
        self.journal.append(
            Received(
                client_id=str(client_id),
                source="dimse",
                receipt_id=str(uuid4()),
                sha256=ref.sha256,
                length=ref.length,
                key=ref.key,
                received_at=datetime.now(UTC),
                calling_aet="NORTH_CT2",
                **values,
            )
        )

    def drain(self) -> None:
        """Run the indexer until nothing is left."""
        while self.indexer.run_once():
            pass


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path)


def _study(client_id: UUID, uid: str) -> archive.StudyView | None:
    with open_scope(Scope.client(client_id), opened_by="test"):
        return archive.study_by_uid(client_id, uid)


def test_what_was_received_is_in_the_archive_after_one_round(world: World, place: Place) -> None:
    """Objects of two clients, interleaved in one journal, each become their own client's study."""
    north, south = world.clients["NORTH"], world.clients["SOUTH"]
    for number in range(1, 11):
        place.receive(north, "1.2.1", number)
        if number % 3 == 0:
            place.receive(south, "1.2.1", number)
    place.drain()
    assert (_study(north, "1.2.1").image_count, _study(south, "1.2.1").image_count) == (10, 3)  # type: ignore[union-attr]
    place.drain()
    assert _study(north, "1.2.1").image_count == 10  # type: ignore[union-attr]


def test_an_indexer_killed_between_batches_goes_on_where_it_was(
    world: World, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash in the middle of a journal nothing is lost and nothing is twice."""
    north = world.clients["NORTH"]
    for number in range(1, 11):
        place.receive(north, "1.2.2", number)
    real, calls = actions.take_batch, []

    def killed(**arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "take_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        place.drain()
    assert _study(north, "1.2.2").image_count == 4  # type: ignore[union-attr]
    monkeypatch.setattr(actions, "take_batch", real)
    Indexer(place.indexer.reader, place.store).run_once()
    assert _study(north, "1.2.2").image_count == 10  # type: ignore[union-attr]


def test_bad_objects_are_kept_apart_and_do_not_stop_the_others(world: World, place: Place) -> None:
    """Rubbish, a cut image and one under a false name go into quarantine; the sound ones between them are indexed."""
    north = world.clients["NORTH"]
    place.receive(north, "1.2.3", 1)
    place.receive(north, "1.2.3", 2, data=b"this is no image")
    place.receive(north, "1.2.3", 3, data=ct_bytes("1.2.3", 3, PixelData=bytes(16)))
    place.receive(north, "1.2.3", 4, sop_instance="1.2.3.1.99")
    place.receive(north, "1.2.3", 5)
    place.drain()
    with open_scope(Scope.client(north), opened_by="test"):
        assert archive.study_by_uid(north, "1.2.3").image_count == 2  # type: ignore[union-attr]
        assert sorted(q.reason for q in queries.quarantined()) == ["damaged", "not-as-announced", "unreadable"]


def test_an_acknowledged_object_that_the_store_lost_is_seen(world: World, place: Place) -> None:
    """If bytes vanish between acknowledgement and indexing, a person sees it; the rest goes on."""
    north = world.clients["NORTH"]
    place.receive(north, "1.2.4", 1)
    lost = place.store.put(ct_bytes("1.2.4", 2))
    place.receive(north, "1.2.4", 2)
    path = place.store.path(lost.key)
    assert path is not None
    path.unlink()
    place.drain()
    with open_scope(Scope.client(north), opened_by="test"):
        assert archive.study_by_uid(north, "1.2.4").image_count == 1  # type: ignore[union-attr]
        assert [q.reason for q in queries.quarantined()] == ["bytes-missing"]


def test_one_object_that_cannot_be_indexed_does_not_block_its_batch(
    world: World, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a batch fails, its objects are taken one by one, and the one that fails again is kept apart."""
    north = world.clients["NORTH"]
    for number in range(1, 4):
        place.receive(north, "1.2.5", number)
    real = actions.take_batch

    def picky(**arguments: object) -> object:
        batch = arguments["batch"]
        if any(a.stored.number == 2 and not a.fault for a in batch):  # type: ignore[attr-defined]
            raise ValueError("cannot")
        return real(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "take_batch", picky)
    place.drain()
    with open_scope(Scope.client(north), opened_by="test"):
        assert archive.study_by_uid(north, "1.2.5").image_count == 2  # type: ignore[union-attr]
        assert [q.reason for q in queries.quarantined()] == ["not-indexed"]


def test_a_finished_segment_is_removed_once_it_is_taken(world: World, place: Place) -> None:
    """The journal does not grow for ever: a segment whose writer is gone and whose records are taken disappears."""
    place.receive(world.clients["NORTH"], "1.2.6", 1)
    place.drain()
    assert len(place.indexer.reader.segments()) == 1
    place.journal.close()
    place.drain()
    assert place.indexer.reader.segments() == []


def _commits_and_pauses(monkeypatch: pytest.MonkeyPatch, *, failing_batches: bool = False) -> list[str]:
    """What the indexer does from now on, in order: "commit" for each transaction, "pause" for each pause."""
    told: list[str] = []
    real = actions.take_batch

    def take(**arguments: object) -> object:
        if failing_batches and len(arguments["batch"]) > 1:  # type: ignore[arg-type]
            raise ValueError
        done = real(**arguments)  # type: ignore[arg-type]
        told.append("commit")
        return done

    def pause(seconds: float) -> None:
        assert seconds >= 0.005
        told.append("pause")

    monkeypatch.setattr(actions, "take_batch", take)
    monkeypatch.setattr(indexing, "give_way", pause)
    return told


@pytest.mark.parametrize("failing_batches", [False, True])
def test_the_indexer_leaves_the_database_to_others_between_any_two_commits(
    world: World, place: Place, monkeypatch: pytest.MonkeyPatch, failing_batches: bool
) -> None:
    """At least 5 ms lie between two transactions: of a round, of two rounds, of two segments, and of single objects."""
    north, south = world.clients["NORTH"], world.clients["SOUTH"]
    for number in range(1, 12):
        place.receive(north, "1.2.9", number)
    place.journal.close()
    for number in range(1, 6):
        place.receive(south, "1.2.9", number)
    told = _commits_and_pauses(monkeypatch, failing_batches=failing_batches)
    monkeypatch.setattr(indexing, "ROUNDS", 2)
    indexer = Indexer(place.indexer.reader, place.store, batch=4)
    while indexer.run_once():
        pass
    assert told.count("commit") >= 5
    assert ("commit", "commit") not in list(pairwise(told))
    assert _study(north, "1.2.9").image_count == 11  # type: ignore[union-attr]

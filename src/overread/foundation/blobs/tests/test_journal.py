"""The journal of received objects: whole records only, one sync for many threads, nothing lost by rotation."""

import errno
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.blobs.journal import Journal, Reader, Received, decode, encode
from overread.foundation.blobs.store import StoreBroken, StoreFull

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def record(number: int = 1, **changes: object) -> Received:
    values: dict[str, object] = {
        "client_id": "6f2c1d1e-7f57-4a5c-9c65-6f0b8a1b0c11",
        "source": "dimse",
        "receipt_id": "r1",
        "sha256": f"{number:064x}",
        "length": number,
        "key": f"sha256/00/00/{number:064x}",
        "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance": f"1.2.3.{number}",
        "study": "1.2.3",
        "series": "1.2.3.4",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "received_at": AT,
    }
    return Received(**(values | changes))  # type: ignore[arg-type]


def read_all(folder: Path) -> list[Received]:
    reader = Reader(folder)
    return [found for segment in reader.segments() for found, _ in reader.pending(segment)]


TEXT = st.text(max_size=40)


@given(
    st.builds(
        lambda aet, peer, uid, n, s: record(
            n, calling_aet=aet, peer=peer, study=uid, received_at=AT + timedelta(seconds=s)
        ),
        TEXT,
        TEXT,
        TEXT,
        st.integers(0, 2**40),
        st.floats(0, 1e8),
    )
)
def test_any_record_is_read_as_it_was_written(written: Received) -> None:
    """Whatever text a sender puts into names and UIDs, the record is read back exactly and stays on one line."""
    line = encode(written)
    assert line.count(b"\n") == 1
    assert decode(line) == written


@given(st.data())
def test_a_torn_or_changed_record_is_never_believed(data: st.DataObject) -> None:
    """A record cut at any byte, or with any byte changed, is recognised as damaged."""
    line = encode(record())
    cut = data.draw(st.integers(0, len(line) - 1))
    assert decode(line[:cut]) is None
    changed = bytearray(line)
    changed[cut] ^= data.draw(st.integers(1, 255))
    assert decode(bytes(changed)) in (None, record())


def test_a_reader_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    """The indexer continues from the offset it kept, and a torn last line waits until it is whole."""
    journal, reader = Journal(tmp_path / "j"), Reader(tmp_path / "j")
    journal.append(record(1))
    [segment] = reader.segments()
    [(first, offset)] = reader.pending(segment)
    assert first == record(1)
    assert list(reader.pending(segment, offset)) == []
    journal.append(record(2))
    path = tmp_path / "j" / segment
    whole = path.read_bytes()
    path.write_bytes(whole + encode(record(3))[:-4])
    assert [found for found, _ in reader.pending(segment, offset)] == [record(2)]
    path.write_bytes(whole + encode(record(3)))
    assert [found for found, _ in reader.pending(segment, offset)] == [record(2), record(3)]


def test_a_damaged_line_does_not_hide_the_records_after_it(tmp_path: Path) -> None:
    """One damaged record on disk costs that record only, and is logged."""
    folder = tmp_path / "j"
    folder.mkdir()
    middle = bytearray(encode(record(2)))
    middle[40] ^= 1
    (folder / "1-1-a.journal").write_bytes(encode(record(1)) + middle + encode(record(3)))
    assert read_all(folder) == [record(1), record(3)]


def test_a_segment_is_removed_only_when_its_writer_is_gone_and_all_is_indexed(tmp_path: Path) -> None:
    """A segment in use, or with records that are not indexed, cannot be removed."""
    journal, reader = Journal(tmp_path / "j"), Reader(tmp_path / "j")
    journal.append(record(1))
    [segment] = reader.segments()
    [(_, end)] = reader.pending(segment)
    assert reader.is_live(segment)
    assert reader.orphans() == []
    assert not reader.remove(segment, end)
    journal.close()
    assert reader.orphans() == [segment]
    assert not reader.remove(segment, 0)
    assert reader.remove(segment, end)
    assert reader.segments() == []
    assert reader.size(segment) == 0
    journal.append(record(2))
    assert read_all(tmp_path / "j") == [record(2)]


def test_a_full_segment_is_followed_by_another_and_nothing_is_lost(tmp_path: Path) -> None:
    """Changing to a new segment under many threads loses no record and doubles none."""
    journal = Journal(tmp_path / "j", segment_bytes=5000)

    def work(start: int) -> None:
        for number in range(start, start + 50):
            journal.append(record(number))

    threads = [threading.Thread(target=work, args=(n * 50,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Reader(tmp_path / "j").segments()) > 3
    assert sorted(found.length for found in read_all(tmp_path / "j")) == list(range(300))


def test_an_append_returns_only_after_a_sync_that_began_after_its_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads share a sync, but none is told "durable" by a sync that began before its own record was written."""
    journal, real, syncs = Journal(tmp_path / "j"), os.fsync, []
    journal.append(record(0))

    def fsync(handle: int) -> None:
        size = os.fstat(handle).st_size
        real(handle)
        syncs.append(size)

    monkeypatch.setattr(os, "fsync", fsync)
    lock, done = threading.Lock(), []

    def work(number: int) -> None:
        journal.append(record(number))
        with lock:
            done.append((number, max(syncs)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [segment] = Reader(tmp_path / "j").segments()
    ends = {found.length: end for found, end in Reader(tmp_path / "j").pending(segment)}
    assert len(done) == 40
    assert all(synced >= ends[number] for number, synced in done)


def test_a_failed_sync_of_the_journal_is_told_to_every_waiting_sender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the journal cannot be made durable no sender is told "stored", now or later, until a restart."""
    journal = Journal(tmp_path / "j")
    journal.append(record(0))

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "made up")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreBroken):
        journal.append(record(1))
    monkeypatch.undo()
    with pytest.raises(StoreBroken):
        journal.append(record(2))


def test_a_disk_that_fills_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that did not fit is refused, cut off, and the next record is whole."""
    journal, real = Journal(tmp_path / "j"), os.write
    journal.append(record(1))
    calls = []

    def half(handle: int, data: memoryview) -> int:
        calls.append(handle)
        if len(calls) == 1:
            return real(handle, data[:30])
        raise OSError(errno.ENOSPC, "made up")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(StoreFull):
        journal.append(record(2))
    monkeypatch.undo()
    journal.append(record(3))
    assert read_all(tmp_path / "j") == [record(1), record(3)]


def test_a_time_without_zone_is_refused() -> None:
    """A journal record always says in which zone its time is."""
    with pytest.raises(ValueError, match="time zone"):
        encode(record(received_at=datetime(2026, 11, 24)))  # noqa: DTZ001


def test_names_of_segments_are_names_only(tmp_path: Path) -> None:
    """No other file can be read through the journal's reader."""
    with pytest.raises(ValueError, match="segment"):
        Reader(tmp_path).size("../secret.journal")

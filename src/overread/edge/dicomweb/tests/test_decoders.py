"""Decoding apart from the web process: bombs, killed processes, deadlines and a full queue.

Bit-exactness of what is decoded is tested in journey/archive/tests/test_pixels.py; here only that it comes back whole.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from overread.edge.dicomweb.decoders import Decoders, Limits, NoDecoder
from overread.edge.dicomweb.objects import BeyondLimits, Busy, NoSuchFrame, NotRenderable, Objects
from overread.journey.archive.formats import pixels
from overread.journey.archive.tests.objects import ct, dicom_file

GOOD = Path(str(get_testdata_file("CT_small.dcm", download=False)))
SIDE = 7_000


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    made = Decoders(count=1)
    yield made
    made.close()


def _bomb(side: int = SIDE, stated: int = SIDE) -> bytes:
    """A few kilobytes of JPEG 2000 that unpack to `side` x `side` pixels of 16 bits, under a header that states `stated`."""
    stream = imagecodecs.jpeg2k_encode(np.zeros((side, side), np.uint16), codecformat="J2K", reversible=True)
    data = ct(Rows=stated, Columns=stated)
    data.PixelData = encapsulate([bytes(stream)])
    data["PixelData"].is_undefined_length = True
    return dicom_file(data, JPEG2000Lossless)


def _started(decoders: Decoders, found: list[object]) -> threading.Thread:
    """A frame asked for in a thread of its own; its bytes or its error are put into `found`."""

    def run() -> None:
        try:
            found.append(decoders.htj2k(GOOD, 1))
        except Exception as fault:
            found.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    pause = threading.Event()
    while not decoders.busy:
        pause.wait(0.005)
    return thread


def _stopped(decoders: Decoders) -> int:
    """The process that has just decoded a frame, stopped, so that the next frame stays in its hands."""
    (child,) = decoders._idle
    os.kill(child.pid, signal.SIGSTOP)
    return child.pid


def test_what_comes_from_a_decoder_process_is_what_was_made_there(decoders: Decoders) -> None:
    """Lossless copy, decoded frame and picture are the same whether made in this process or in one apart (H13)."""
    for source in (GOOD, GOOD.read_bytes()):
        assert decoders.htj2k(source, 1) == pixels.htj2k(source, 1)
        assert decoders.native(source, 1) == pixels.native(source, 1)
        assert decoders.thumbnail(source, None, 64) == pixels.thumbnail(source, side=64)


def test_faults_of_a_frame_come_back_as_what_they_are(decoders: Decoders) -> None:
    """No such frame, and a frame that is not what its header says, are told apart, and the process lives on."""
    decoders.htj2k(GOOD, 1)
    with pytest.raises(pixels.FrameError) as absent:
        decoders.native(GOOD, 2)
    assert absent.type is pixels.FrameError
    with pytest.raises(pixels.FrameError):
        decoders.htj2k(b"not DICOM at all", 1)
    with pytest.raises(pixels.DecodeError):
        decoders.native(_bomb(64, 65), 1)
    assert decoders.htj2k(GOOD, 1) == pixels.htj2k(GOOD, 1)


@pytest.mark.hostile
def test_a_small_file_that_unpacks_to_more_memory_than_allowed_costs_only_its_own_frame() -> None:
    """A kilobyte that unpacks to hundreds of megabytes is refused where less is allowed; the next frame decodes (RELIABILITY 0.6, F41)."""
    bomb = _bomb()
    assert len(bomb) < 2_000
    small = Decoders(count=1, limits=Limits(memory_bytes=350_000_000))
    try:
        with pytest.raises(pixels.DecodeError):
            small.htj2k(bomb, 1)
        assert small.htj2k(GOOD, 1) == pixels.htj2k(GOOD, 1)
    finally:
        small.close()


@pytest.mark.hostile
@pytest.mark.parametrize("stated", [60_000, 65_535])
def test_impossible_sizes_are_refused_and_never_handed_to_the_browser(stated: int) -> None:
    """A header or a stream that asks for gigapixels is answered with an error, not with the bomb as it is stored."""
    objects = Objects(threads=1)
    stream = bytearray(_bomb(64, 64))
    place = stream.index(b"\xff\x4f\xff\x51") + 8
    stream[place : place + 8] = stated.to_bytes(4, "big") * 2
    try:
        for bomb in (_bomb(64, stated), bytes(stream)):
            with pytest.raises(BeyondLimits):
                asyncio.run(objects.frame(bomb, 1, lossless_copy=True))
        assert asyncio.run(objects.frame(GOOD, 1, lossless_copy=True)).content == pixels.htj2k(GOOD, 1)[0]
    finally:
        objects.close()


@pytest.mark.hostile
@pytest.mark.slow
def test_a_frame_that_eats_processor_time_is_ended_and_the_next_decodes() -> None:
    """A frame that needs more seconds of processor time than allowed is refused, and its process replaced."""
    noise = np.random.default_rng(1).integers(0, 65_535, SIDE * SIDE, np.uint16)
    data = ct(Rows=SIDE, Columns=SIDE, PixelData=noise.tobytes())
    hasty = Decoders(count=1, limits=Limits(memory_bytes=4_000_000_000, cpu_seconds=0))
    try:
        with pytest.raises(pixels.TooLarge):
            hasty.htj2k(dicom_file(data), 1)
        assert hasty.htj2k(GOOD, 1) == pixels.htj2k(GOOD, 1)
    finally:
        hasty.close()


@pytest.mark.fault
def test_a_process_that_is_killed_in_the_middle_of_a_frame_is_replaced_and_the_frame_still_comes(
    decoders: Decoders,
) -> None:
    """`kill -9` of the decoder while it has a frame: the frame is decoded by another process, and so are the next (F41)."""
    expected = decoders.htj2k(GOOD, 1)
    for _ in range(3):
        pid = _stopped(decoders)
        found: list[object] = []
        thread = _started(decoders, found)
        assert decoders.busy == [pid]
        os.kill(pid, signal.SIGKILL)
        thread.join()
        assert found == [expected]
    assert decoders.htj2k(GOOD, 1) == expected


@pytest.mark.fault
def test_a_process_killed_between_frames_is_replaced_unseen(decoders: Decoders) -> None:
    """A decoder that died while idle is not noticed by the next frame."""
    expected = decoders.htj2k(GOOD, 1)
    os.kill(_stopped(decoders), signal.SIGKILL)
    assert decoders.htj2k(GOOD, 1) == expected


@pytest.mark.fault
def test_a_process_that_hangs_is_ended_at_its_deadline() -> None:
    """A decoder that does not answer in time is killed; the frame is refused and the next one decodes."""
    decoders = Decoders(count=1, limits=Limits(wall_seconds=30.0))
    try:
        decoders.htj2k(GOOD, 1)
        decoders._idle[0]._limits = Limits(wall_seconds=0.2)
        _stopped(decoders)
        with pytest.raises(pixels.TooLarge, match="in time"):
            decoders.htj2k(GOOD, 1)
        assert decoders.htj2k(GOOD, 1) == pixels.htj2k(GOOD, 1)
    finally:
        decoders.close()


def test_a_process_knows_no_secret_of_the_service(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder's environment holds no key and no database address, whatever this process has."""
    monkeypatch.setenv("OVERREAD_SECRET", "not for decoders")
    decoders.htj2k(GOOD, 1)
    (child,) = decoders._idle
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"OPENBLAS_NUM_THREADS=1" in environment
    assert b"not for decoders" not in environment


def test_processes_end_with_their_owner() -> None:
    """Closing ends every process; afterwards nothing is decoded, and that is said."""
    decoders = Decoders(count=2)
    decoders.warm()
    children = list(decoders._idle)
    assert len(children) == 2
    decoders.close()
    assert all(child.process.returncode is not None for child in children)
    with pytest.raises(NoDecoder):
        decoders.htj2k(GOOD, 1)


def test_more_frames_than_may_wait_are_told_to_come_again() -> None:
    """When as many frames wait as may, one more is refused at once and the others are decoded."""
    objects = Objects(threads=1, decoders=Decoders(count=1), most_waiting=3)

    async def five() -> list[object]:
        asked = (objects.frame(GOOD, 1, lossless_copy=True) for _ in range(5))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    try:
        found = asyncio.run(five())
    finally:
        objects.close()
    assert [type(each).__name__ for each in found] == ["Frame"] * 3 + ["Busy"] * 2
    assert isinstance(found[-1], Busy)


def test_an_object_that_cannot_be_copied_goes_out_as_stored_and_absent_frames_are_absent() -> None:
    """The way round for frames that cannot be carried losslessly stays: stored bytes; a frame that is not there is 404."""
    objects = Objects(threads=1)
    stored = _bomb(64, 65)
    try:
        assert asyncio.run(objects.frame(stored, 1, lossless_copy=True)).transfer_syntax == JPEG2000Lossless
        with pytest.raises(NotRenderable):
            asyncio.run(objects.native(stored, 1))
        with pytest.raises(NoSuchFrame):
            asyncio.run(objects.frame(GOOD, 2, lossless_copy=True))
    finally:
        objects.close()

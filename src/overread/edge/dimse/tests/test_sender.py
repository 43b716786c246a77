"""The sender against our own listener, pynetdicom's and DCMTK's: what a peer says is reported, and silence is not success."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, Verification  # type: ignore[attr-defined]

from overread.edge.dimse.listener import tls_context
from overread.edge.dimse.sender import Peer, SendState, Tls, echo, store_to
from overread.edge.dimse.tests.raw import EXPLICIT
from overread.edge.dimse.tests.rig import CT, certificate, ct, dataset_bytes, listening
from overread.journey.archive.formats.part10 import split_part10, wrap_part10


@contextmanager
def scripted_peer(answer: Callable[[evt.Event], int], *classes: str) -> Iterator[Peer]:
    """A peer whose answers a test decides."""
    ae = AE(ae_title="THEIRS")
    for uid in classes or (CTImageStorage, Verification):
        ae.add_supported_context(uid)
    ae.require_called_aet = True
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, answer)])
    assert server is not None
    try:
        yield Peer("127.0.0.1", server.server_address[1], "THEIRS", "OVERREAD")
    finally:
        server.shutdown()


def test_objects_arrive_unchanged_and_each_has_a_result(tmp_path: Path) -> None:
    """A file, its bytes and a data set are each sent unchanged, and each is reported as accepted."""
    file = tmp_path / "a.dcm"
    first, second, third = ct(), ct(), ct()
    retired = (
        b"\x08\x00\x00\x00UL\x04\x00\x10\x00\x00\x00"  # a group length, which libraries drop when they write again
    )
    file.write_bytes(wrap_part10(retired + dataset_bytes(first), CT, str(first.SOPInstanceUID), EXPLICIT))
    other = tmp_path / "b.dcm"
    second.save_as(other, enforce_file_format=True)
    last = tmp_path / "c.dcm"
    third.save_as(last, enforce_file_format=True)
    with listening(tmp_path) as rig:
        peer = Peer("127.0.0.1", rig.port, "OVERREAD", "SCANNER")
        results = store_to(peer, [file, other.read_bytes(), dcmread(last)], 10)
        assert [(result.state, result.status) for result in results] == [(SendState.ACCEPTED, 0)] * 3
        assert [result.sop_instance for result in results] == [str(d.SOPInstanceUID) for d in (first, second, third)]
        kept = {record.sop_instance: rig.store.path(record.key) for record in rig.journaled()}
        for source, data in ((file, first), (other, second), (last, third)):
            path = kept[str(data.SOPInstanceUID)]
            assert path is not None
            assert split_part10(path)[1] == split_part10(source)[1]
        assert echo(peer).state == SendState.ACCEPTED
        rig.wait_for(2)


def test_what_the_peer_answers_decides_between_refused_and_again_later() -> None:
    """Only success and warnings count as accepted; "no room" is tried again; everything else is refused."""
    statuses = iter([0x0000, 0xB000, 0xA700, 0xA900, 0xC001, 0x0124])
    with scripted_peer(lambda _: next(statuses)) as peer:
        results = store_to(peer, [_filed(ct()) for _ in range(6)], 10)
    assert [result.state.value for result in results] == [
        "accepted",
        "accepted",
        "retry",
        "refused",
        "refused",
        "refused",
    ]


def test_a_peer_that_does_not_know_us_or_the_kind_of_object_refuses() -> None:
    """A wrong AE title and an unsupported kind of object are refusals that a person must look at."""
    with scripted_peer(lambda _: 0) as peer:
        wrong = Peer(peer.host, peer.port, "NOBODY", peer.our_aet)
        assert store_to(wrong, [_filed(ct())], 10)[0].state == SendState.REFUSED
        assert echo(wrong).state == SendState.REFUSED
    with scripted_peer(lambda _: 0, Verification, "1.2.840.10008.5.1.4.1.1.4") as peer:
        [result] = store_to(peer, [_filed(ct())], 10)
        assert result.state is SendState.REFUSED


def test_silence_and_absence_are_never_success() -> None:
    """A peer that is away, or takes the connection and says nothing, is to be tried again."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        absent = Peer("127.0.0.1", closed.getsockname()[1], "THEIRS", "OVERREAD")
        assert store_to(absent, [_filed(ct())], 1)[0].state == SendState.RETRY
        closed.listen(1)
        assert store_to(absent, [_filed(ct())], 0.5)[0].state == SendState.RETRY


def test_a_peer_that_hangs_up_before_it_answers_is_tried_again() -> None:
    """An association that ends between object and answer is no success for that object nor for the next."""
    calls = threading.Event()

    def hang_up(event: evt.Event) -> int:
        calls.set()
        event.assoc.abort()
        return 0

    with scripted_peer(hang_up) as peer:
        results = store_to(peer, [_filed(ct()), _filed(ct())], 2)
    assert calls.is_set()
    assert {result.state for result in results} == {SendState.RETRY}


def test_what_is_no_dicom_file_is_not_sent(tmp_path: Path) -> None:
    """Other bytes are refused here, and the rest still goes."""
    with scripted_peer(lambda _: 0) as peer:
        results = store_to(peer, [b"hello", tmp_path / "absent", _filed(ct())], 10)
    assert [result.state.value for result in results] == ["refused", "refused", "accepted"]


@pytest.mark.parametrize("bare", [False, True])
def test_over_mutual_tls_both_sides_show_who_they_are(tmp_path: Path, bare: bool) -> None:
    """Sending with TLS checks the peer's certificate and shows ours; a peer of another authority gets nothing.

    A hospital's own authority that says nothing of key usage is taken too, on every Python alike.
    """
    certificate(tmp_path, "authority", bare=bare)
    certificate(tmp_path, "stranger")
    server, client = certificate(tmp_path, "server", "authority"), certificate(tmp_path, "client", "authority")
    with listening(tmp_path, tls=tls_context(*server, tmp_path / "authority.pem")) as rig:
        assert rig.tls_port is not None
        tls = Tls(tmp_path / "authority.pem", *client, server_name="localhost")
        assert echo(Peer("127.0.0.1", rig.tls_port, "OVERREAD", "SCANNER", tls)).state == SendState.ACCEPTED
        wrong = Tls(tmp_path / "stranger.pem", *client, server_name="localhost")
        assert echo(Peer("127.0.0.1", rig.tls_port, "OVERREAD", "SCANNER", wrong)).state == SendState.RETRY
        absent = Tls(tmp_path / "nothing.pem")
        assert echo(Peer("127.0.0.1", rig.tls_port, "OVERREAD", "SCANNER", absent)).state == SendState.RETRY


@pytest.mark.conformance
@pytest.mark.skipif(shutil.which("storescp") is None, reason="NOT RUN: DCMTK is not installed")
def test_dcmtk_receives_what_we_send(tmp_path: Path) -> None:
    """DCMTK's storescp takes our object and stores the same instance."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    received = tmp_path / "received"
    received.mkdir()
    program = ["storescp", "-aet", "THEIRS", "+xa", "-od", str(received), str(port)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            peer, data = Peer("127.0.0.1", port, "THEIRS", "OVERREAD"), _filed(ct())
            while echo(peer, 5).state is SendState.RETRY:
                assert child.poll() is None
            assert [result.state for result in store_to(peer, [data], 10)] == [SendState.ACCEPTED]
        finally:
            child.terminate()
    [file] = received.iterdir()
    assert dcmread(file).SOPInstanceUID == data.SOPInstanceUID


def _filed(data: Dataset):
    """A data set as it is after reading its file."""
    import io

    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return dcmread(io.BytesIO(out.getvalue()))

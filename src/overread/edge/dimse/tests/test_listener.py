"""The DICOM listener with well-behaved peers: pynetdicom and, where installed, DCMTK.

Hostile and sick peers are in `test_hostile.py`, kills in `test_kill.py`, the PDU and command codecs in `test_pdu.py`.
"""

import hashlib
import shutil
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, generate_uid
from pynetdicom import AE
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    MRImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from overread.edge.dimse.limits import Limits
from overread.edge.dimse.listener import tls_context
from overread.edge.dimse.ports import Admission
from overread.edge.dimse.tests import raw
from overread.edge.dimse.tests.rig import CT, Doorman, Rig, certificate, ct, dataset_bytes, listening
from overread.foundation.blobs.store import LocalStore, StoreBroken
from overread.journey.archive.formats.part10 import split_part10


@pytest.fixture
def rig(tmp_path: Path):
    with listening(tmp_path) as rig:
        yield rig


def send(rig: Rig, *data: Dataset, calling: str = "SCANNER", called: str = "OVERREAD") -> list[int]:
    """C-STORE with pynetdicom; returns the statuses."""
    ae = AE(ae_title=calling)
    ae.add_requested_context(CTImageStorage, raw.EXPLICIT)
    assoc = ae.associate("127.0.0.1", rig.port, ae_title=called)
    assert assoc.is_established
    statuses = [assoc.send_c_store(one).Status for one in data]
    assoc.release()
    return statuses


def wait_until_nobody_listens(port: int) -> None:
    """Connect again and again until the port is closed."""
    while True:
        try:
            raw.Peer(port).socket.close()
        except ConnectionRefusedError:
            return
        except ConnectionError:  # closed while it was in the queue
            continue


def is_heard(port: int, client: ssl.SSLContext) -> bool:
    """Whether an association request over TLS gets any answer."""
    try:
        with raw.Peer(port, wrap=lambda plain: client.wrap_socket(plain, server_hostname="localhost")) as peer:
            peer.send(raw.associate_rq([(1, CT, [raw.EXPLICIT])]))
            return peer.read() != (0, b"")
    except OSError:
        return False


def test_an_image_is_stored_unchanged_and_journaled_before_success(rig: Rig) -> None:
    """A stored image keeps the sender's bytes exactly; preamble and group 2 are ours; the journal says who sent it."""
    data = ct()
    assert send(rig, data) == [0]
    rig.wait_for(1)
    [record] = rig.journaled()
    path = rig.store.path(record.key)
    assert path is not None
    content = path.read_bytes()
    meta, kept = split_part10(content)
    assert content[:128] == bytes(128)
    assert kept == dataset_bytes(data)
    assert (meta.sop_instance, meta.source_aet) == (str(data.SOPInstanceUID), "")
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    assert record.length == len(content)
    assert (record.client_id, record.sender_id) == ("client-a", "sender-1")
    assert (record.calling_aet, record.peer, record.source) == ("SCANNER", "127.0.0.1", "dimse")
    assert (record.sop_class, record.sop_instance) == (CT, data.SOPInstanceUID)
    assert (record.study, record.series) == (data.StudyInstanceUID, data.SeriesInstanceUID)
    assert record.transfer_syntax == "1.2.840.10008.1.2.1"
    [summary] = rig.ended
    assert (summary.ended, summary.stored, summary.hashes) == ("released", 1, (record.sha256,))
    assert summary.receipt_id == record.receipt_id


def test_the_same_instance_ten_times_at_once_is_success_and_stored_once(rig: Rig) -> None:
    """Ten associations that send the same image at the same time all get success; its bytes are kept once."""
    data, statuses, gate = ct(), [], threading.Barrier(10)

    def work() -> None:
        gate.wait()
        statuses.extend(send(rig, data, data))

    senders = [threading.Thread(target=work) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    rig.wait_for(10)
    assert statuses == [0] * 20
    assert len(list(rig.store.list())) == 1
    assert len(rig.journaled()) == 20


def test_an_unknown_sender_is_rejected_and_recorded(rig: Rig) -> None:
    """A caller that is not on the list gets "calling AE title not recognised", stores nothing, and is recorded."""
    with raw.Peer(rig.port) as peer:
        peer.send(raw.associate_rq([(1, CT, [raw.EXPLICIT])], calling="STRANGER"))
        assert peer.read() == (3, bytes((0, 1, 1, 3)))
    with raw.Peer(rig.port) as peer:
        peer.send(raw.associate_rq([(1, CT, [raw.EXPLICIT])], called="ANYTHING"))
        assert peer.read() == (3, bytes((0, 1, 1, 7)))
    rig.wait_for(count_refused=2)
    assert [(refusal.calling_aet, refusal.reason) for refusal in rig.refused] == [
        ("STRANGER", "unknown-sender"),
        ("SCANNER", "called-aet"),
    ]
    assert rig.ended == []


def test_when_nobody_can_say_who_is_known_the_sender_is_asked_to_come_again(tmp_path: Path) -> None:
    """With the database away a sender is rejected for now, not for ever."""
    with listening(tmp_path, doorman=Doorman(away=True)) as rig, raw.Peer(rig.port) as peer:
        peer.send(raw.associate_rq([(1, CT, [raw.EXPLICIT])]))
        assert peer.read() == (3, bytes((0, 2, 3, 1)))
        rig.wait_for(count_refused=1)


def test_a_client_has_only_so_many_associations_at_a_time(tmp_path: Path) -> None:
    """One client cannot take every association; the next one is asked to come again, another client gets in."""
    doorman = Doorman()
    doorman.known["OTHER"] = Admission("client-b", "sender-2")
    with listening(tmp_path, limits=Limits(associations_per_client=2, drain_seconds=1), doorman=doorman) as rig:
        peers = [raw.Peer(rig.port) for _ in range(3)]
        assert [peer.associate() for peer in peers] == [2, 2, 3]
        with raw.Peer(rig.port) as other:
            assert other.associate(calling="OTHER") == 2
        for peer in peers:
            peer.socket.close()


@pytest.mark.parametrize(
    ("command_class", "command_uid", "data_uid", "status"),
    [
        (CT, "1.2.3.4", "1.2.3.5", 0xA900),
        ("1.2.840.10008.5.1.4.1.1.4", "1.2.3.4", "1.2.3.4", 0xA900),
        (CT, "../../etc/passwd", "1.2.3.4", 0xC000),
        (CT, "1.2.3.4", "../../../etc/x", 0xC000),
        (CT, "1." * 40 + "1", "1.2.3.4", 0xC000),
        (CT, "", "1.2.3.4", 0xC000),
    ],
)
def test_what_does_not_fit_or_is_malformed_is_refused(
    rig: Rig, command_class: str, command_uid: str, data_uid: str, status: int
) -> None:
    """An image that is not what its command announced, or whose identifier is malformed, is refused and not stored."""
    import pydicom.config

    was, pydicom.config.settings.reading_validation_mode = pydicom.config.settings.reading_validation_mode, 0
    data = dataset_bytes(ct(SOPInstanceUID="1.2.3.4")).replace(
        b"\x08\x00\x18\x00UI\x08\x001.2.3.4\0",
        b"\x08\x00\x18\x00UI"
        + (len(data_uid) + len(data_uid) % 2).to_bytes(2, "little")
        + data_uid.encode()
        + b"\0" * (len(data_uid) % 2),
    )
    pydicom.config.settings.reading_validation_mode = was
    with raw.Peer(rig.port) as peer:
        assert peer.associate([(1, CT, [raw.EXPLICIT])]) == 2
        peer.send(raw.p_data(1, 3, raw.command(1, 7, command_class, command_uid, dataset=True)))
        peer.send(raw.p_data(1, 2, data))
        assert peer.status() == status
        peer.send(raw.RELEASE_RQ)
        assert peer.read()[0] == 6
    rig.wait_for(1)
    assert rig.journaled() == []
    assert list(rig.store.list()) == []
    assert rig.ended[0].refused == {f"{status:04X}": 1}
    assert not list(rig.folder.parent.glob("**/passwd"))


def test_bytes_that_are_no_data_set_are_refused(rig: Rig) -> None:
    """Noise, an empty data set, and a data set cut in its header get C000 and leave nothing behind."""
    with raw.Peer(rig.port) as peer:
        assert peer.associate([(1, CT, [raw.EXPLICIT])]) == 2
        for noise in (b"", b"\xff" * 500, dataset_bytes(ct(SOPInstanceUID="1.2.3.4"))[:60]):
            peer.send(raw.p_data(1, 3, raw.command(1, 7, CT, "1.2.3.4", dataset=True)))
            peer.send(raw.p_data(1, 2, noise))
            assert peer.status() == 0xC000
    assert list(rig.store.list()) == []


def test_a_sender_limited_to_some_classes_may_not_store_others(tmp_path: Path) -> None:
    """A sender agreed for MR only is told "not authorised" for a CT image."""
    doorman = Doorman({"SCANNER": Admission("client-a", "sender-1", frozenset({str(MRImageStorage)}))})
    with listening(tmp_path, doorman=doorman) as rig:
        assert send(rig, ct()) == [0x0124]
        assert list(rig.store.list()) == []


def test_a_full_store_is_told_as_no_room_and_the_next_image_after_it_is_taken(rig: Rig) -> None:
    """Without room the sender gets A700 and may send again; when there is room the same association stores."""
    assert isinstance(rig.store, LocalStore)
    ae = AE(ae_title="SCANNER")
    ae.add_requested_context(CTImageStorage)
    assoc = ae.associate("127.0.0.1", rig.port, ae_title="OVERREAD")
    rig.store.reserve_bytes = 1 << 62
    assert assoc.send_c_store(ct()).Status == 0xA700
    rig.store.reserve_bytes = 0
    assert assoc.send_c_store(ct()).Status == 0
    assoc.release()
    rig.wait_for(1)
    assert rig.ended[0].refused == {"A700": 1}
    assert rig.ended[0].stored == 1


def test_when_the_disk_refuses_a_sync_nothing_is_acknowledged_and_the_listener_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed sync the sender gets no answer and the process stops with an error, to be started again."""
    store = LocalStore(tmp_path / "blobs", reserve_bytes=0)

    def refuse(_: int) -> None:
        raise StoreBroken("made up")

    monkeypatch.setattr(store, "sync_file", refuse)
    with listening(tmp_path, store=store) as rig:
        with raw.Peer(rig.port) as peer:
            assert peer.associate([(1, CT, [raw.EXPLICIT])]) == 2
            peer.send(raw.p_data(1, 3, raw.command(1, 7, CT, "1.2.3.4", dataset=True)))
            peer.send(raw.p_data(1, 2, dataset_bytes(ct(SOPInstanceUID="1.2.3.4"))))
            assert peer.read() == (0, b"")
        rig.wait_for(1)
        assert rig.ended[0].ended == "failed"
        assert rig.journaled() == []
    assert isinstance(rig.failure[0], StoreBroken)


def test_storage_in_any_usual_syntax_is_taken_and_nothing_else(rig: Rig) -> None:
    """Every storage class is taken in the first syntax offered that can be kept; deflated, private and query are not."""
    ae = AE(ae_title="SCANNER")
    ae.add_requested_context(CTImageStorage, [JPEG2000Lossless, raw.EXPLICIT])
    ae.add_requested_context(MRImageStorage, ["1.2.840.10008.1.2.1.99"])
    ae.add_requested_context("1.2.840.10008.5.1.4.1.1.999.7", [raw.EXPLICIT])
    ae.add_requested_context("1.3.6.1.4.1.1.2", [raw.EXPLICIT])
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
    ae.add_requested_context(Verification)
    assoc = ae.associate("127.0.0.1", rig.port, ae_title="OVERREAD")
    taken = {str(context.abstract_syntax): str(context.transfer_syntax[0]) for context in assoc.accepted_contexts}
    assert taken == {
        str(CTImageStorage): str(JPEG2000Lossless),
        "1.2.840.10008.5.1.4.1.1.999.7": raw.EXPLICIT,
        str(Verification): raw.IMPLICIT,
    }
    assert assoc.send_c_echo().Status == 0
    assoc.release()


def test_an_operation_that_is_not_offered_is_answered_and_the_association_lives(rig: Rig) -> None:
    """A request other than C-ECHO and C-STORE is told "unrecognised operation"; the next C-ECHO works."""
    with raw.Peer(rig.port) as peer:
        assert peer.associate() == 2
        peer.send(raw.p_data(1, 3, raw.command(0x20, 3, raw.VERIFICATION, dataset=True)))
        peer.send(raw.p_data(1, 2, b"query"))
        assert peer.status() == 0x0211
        peer.send(raw.p_data(1, 3, raw.command(0x0FFF, 3, raw.VERIFICATION).replace(b"\x10\x01", b"\x20\x01")))
        assert peer.echo() == 0


def test_a_transfer_that_is_cut_short_is_never_stored(rig: Rig) -> None:
    """A connection lost in the middle of an image leaves no object, no journal record and no partial file."""
    with raw.Peer(rig.port) as peer:
        assert peer.associate([(1, CT, [raw.EXPLICIT])]) == 2
        peer.send(raw.p_data(1, 3, raw.command(1, 7, CT, "1.2.3.4", dataset=True)))
        peer.send(raw.p_data(1, 0, dataset_bytes(ct(SOPInstanceUID="1.2.3.4"))))
    rig.wait_for(1)
    assert rig.ended[0].ended == "cut"
    assert rig.journaled() == []
    assert list(rig.store.list()) == []
    assert list((rig.folder / "blobs" / "incoming").iterdir()) == []


def test_a_stop_lets_an_image_that_is_under_way_finish(tmp_path: Path) -> None:
    """When the service is stopped, an image in the middle of its transfer is still stored and acknowledged."""
    data = dataset_bytes(ct(SOPInstanceUID="1.2.3.4"))
    statuses: list[int] = []
    with listening(tmp_path, limits=Limits(drain_seconds=10)) as rig:
        peer = raw.Peer(rig.port)
        assert peer.associate([(1, CT, [raw.EXPLICIT])]) == 2
        peer.send(raw.p_data(1, 3, raw.command(1, 7, CT, "1.2.3.4", dataset=True)))
        peer.send(raw.p_data(1, 0, data[:1000]))
        while not list((tmp_path / "blobs" / "incoming").iterdir()):
            pass

        def finish() -> None:
            wait_until_nobody_listens(rig.port)
            peer.send(raw.p_data(1, 2, data[1000:]))
            statuses.append(peer.status())

        late = threading.Thread(target=finish)
        late.start()
    late.join(15)
    peer.socket.close()
    assert statuses == [0]
    assert len(rig.journaled()) == 1


def test_over_mutual_tls_only_a_caller_with_a_certificate_is_heard(tmp_path: Path) -> None:
    """On the TLS port a caller must show a certificate of the agreed authority; its fingerprint reaches the gatekeeper."""
    certificate(tmp_path, "authority")
    server = certificate(tmp_path, "server", "authority")
    scanner = certificate(tmp_path, "scanner", "authority")
    with listening(tmp_path, tls=tls_context(*server, tmp_path / "authority.pem")) as rig:
        assert rig.tls_port is not None
        client = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
        assert not is_heard(rig.tls_port, client)
        assert rig.doorman.asked == []
        client.load_cert_chain(*scanner)
        ae = AE(ae_title="SCANNER")
        ae.add_requested_context(CTImageStorage)
        assoc = ae.associate("127.0.0.1", rig.tls_port, ae_title="OVERREAD", tls_args=(client, "localhost"))
        assert assoc.send_c_store(ct()).Status == 0
        assoc.release()
        der = ssl.PEM_cert_to_DER_cert(scanner[0].read_text())
        assert rig.doorman.asked == [("SCANNER", "127.0.0.1", hashlib.sha256(der).hexdigest())]
        assert len(rig.journaled()) == 1


@pytest.mark.conformance
@pytest.mark.skipif(shutil.which("storescu") is None, reason="NOT RUN: DCMTK is not installed")
def test_dcmtk_can_echo_and_store(rig: Rig, tmp_path: Path) -> None:
    """DCMTK's echoscu and storescu, as in many scanners, are served; storescu with a wrong title is turned away."""
    file = tmp_path / "image.dcm"
    data = ct(SOPInstanceUID=generate_uid())
    data.save_as(file, enforce_file_format=True)
    to = ["-aec", "OVERREAD", "127.0.0.1", str(rig.port)]
    assert subprocess.run(["echoscu", "-aet", "SCANNER", *to], capture_output=True).returncode == 0
    done = subprocess.run(["storescu", "-v", "-aet", "SCANNER", *to, str(file)], capture_output=True)
    assert done.returncode == 0, done.stderr
    refused = subprocess.run(["storescu", "-aet", "STRANGER", *to, str(file)], capture_output=True)
    assert refused.returncode != 0
    assert b"Calling AE Title Not Recognized" in refused.stderr
    rig.wait_for(2)
    [record] = rig.journaled()
    path = rig.store.path(record.key)
    assert path is not None
    assert subprocess.run(["dcmdump", str(path)], capture_output=True).returncode == 0

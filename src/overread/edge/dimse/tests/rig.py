"""A listener on loopback for tests: known senders by AE title, a store and a journal in a temporary folder."""

import io
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from overread.edge.dimse.intake import DurableIntake
from overread.edge.dimse.limits import Limits
from overread.edge.dimse.listener import TlsPort, serve
from overread.edge.dimse.ports import Admission, AssociationRefused, AssociationSummary
from overread.foundation.blobs.journal import Journal, Reader, Received
from overread.foundation.blobs.store import BlobStore, LocalStore

CT = "1.2.840.10008.5.1.4.1.1.2"


def ct(**changes: object) -> Dataset:
    """A small CT image with fresh UIDs."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CT, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.PatientName, data.PatientID, data.Modality = "Test^Anna", "N1", "CT"
    data.Rows = data.Columns = 64
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation, data.SamplesPerPixel = 15, 0, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = bytes(64 * 64 * 2)
    for name, value in changes.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    return data


def dataset_bytes(data: Dataset) -> bytes:
    """The data set alone, in explicit little endian."""
    out = io.BytesIO()
    bare = Dataset(data)
    dcmwrite(out, bare, implicit_vr=False, little_endian=True, enforce_file_format=False)
    return out.getvalue()


@dataclass
class Doorman:
    """Knows senders by AE title; `away` makes it fail as a database would."""

    known: dict[str, Admission] = field(default_factory=lambda: {"SCANNER": Admission("client-a", "sender-1")})
    away: bool = False
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    def admit(self, calling_aet: str, peer_ip: str, peer_cert: str | None) -> Admission | None:
        self.asked.append((calling_aet, peer_ip, peer_cert))
        if self.away:
            raise ConnectionError("made up")
        return self.known.get(calling_aet)


@dataclass
class Rig:
    """A running listener and what it has done."""

    store: BlobStore
    folder: Path
    doorman: Doorman
    port: int = 0
    tls_port: int | None = None
    ended: list[AssociationSummary] = field(default_factory=list)
    refused: list[AssociationRefused] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    failure: list[BaseException] = field(default_factory=list)
    up: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def tell_ended(self, summary: AssociationSummary) -> None:
        with self.news:
            self.ended.append(summary)
            self.news.notify_all()

    def tell_refused(self, refusal: AssociationRefused) -> None:
        with self.news:
            self.refused.append(refusal)
            self.news.notify_all()

    def ready(self, plain: int, secure: int | None) -> None:
        self.port, self.tls_port = plain, secure
        self.up.set()

    def run(self, limits: Limits, tls: TlsPort | None) -> None:
        """The listener's thread."""
        journal = Journal(self.folder / "journal")
        intake = DurableIntake(self.store, journal, self.tell_ended, self.tell_refused)
        try:
            serve("127.0.0.1", 0, "OVERREAD", self.doorman, intake, self.stop, tls=tls, limits=limits, ready=self.ready)
        except BaseException as error:
            self.failure.append(error)
        finally:
            journal.close()
            self.up.set()

    def journaled(self) -> list[Received]:
        reader = Reader(self.folder / "journal")
        return [found for segment in reader.segments() for found, _ in reader.pending(segment)]

    def wait_for(self, count_ended: int = 0, count_refused: int = 0) -> None:
        """Until that many associations have been told of."""
        with self.news:
            assert self.news.wait_for(
                lambda: len(self.ended) >= count_ended and len(self.refused) >= count_refused, timeout=10
            )


@contextmanager
def listening(
    folder: Path,
    *,
    limits: Limits | None = None,
    doorman: Doorman | None = None,
    tls: ssl.SSLContext | None = None,
    store: BlobStore | None = None,
) -> Iterator[Rig]:
    """Run a listener on free ports of loopback."""
    rig = Rig(store or LocalStore(folder / "blobs", reserve_bytes=0), folder, doorman or Doorman())
    secure = TlsPort("127.0.0.1", 0, tls) if tls is not None else None
    thread = threading.Thread(target=rig.run, args=(limits or Limits(drain_seconds=2), secure))
    thread.start()
    try:
        assert rig.up.wait(10)
        assert rig.port, rig.failure
        yield rig
    finally:
        rig.stop.set()
        thread.join(20)
        assert not thread.is_alive()


def certificate(folder: Path, name: str, signer: str | None = None, *, bare: bool = False) -> tuple[Path, Path]:
    """A made-up certificate and key; self-signed, or signed by one made before. `bare`: an authority without key usage."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "30", "-subj", f"/CN={name}"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    if signer is not None:
        command += ["-CA", str(folder / f"{signer}.pem"), "-CAkey", str(folder / f"{signer}.key")]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    elif not bare:
        command += ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key

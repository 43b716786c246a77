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

    port: int
    tls_port: int | None
    store: BlobStore
    folder: Path
    doorman: Doorman
    ended: list[AssociationSummary]
    refused: list[AssociationRefused]
    news: threading.Condition
    failure: list[BaseException]

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
    news = threading.Condition()
    ended: list[AssociationSummary] = []
    refused: list[AssociationRefused] = []
    failure: list[BaseException] = []
    doorman = doorman or Doorman()
    store = store or LocalStore(folder / "blobs", reserve_bytes=0)
    journal = Journal(folder / "journal")

    def tell_ended(summary: AssociationSummary) -> None:
        with news:
            ended.append(summary)
            news.notify_all()

    def tell_refused(refusal: AssociationRefused) -> None:
        with news:
            refused.append(refusal)
            news.notify_all()

    ports: list[tuple[int, int | None]] = []
    up, stop = threading.Event(), threading.Event()

    def run() -> None:
        def ready(plain: int, secure: int | None) -> None:
            ports.append((plain, secure))
            up.set()

        try:
            serve(
                "127.0.0.1",
                0,
                "OVERREAD",
                doorman,
                DurableIntake(store, journal, tell_ended, tell_refused),
                stop,
                tls=TlsPort("127.0.0.1", 0, tls) if tls is not None else None,
                limits=limits or Limits(drain_seconds=2),
                ready=ready,
            )
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert up.wait(10), failure
        yield Rig(ports[0][0], ports[0][1], store, folder, doorman, ended, refused, news, failure)
    finally:
        stop.set()
        thread.join(20)
        journal.close()
        assert not thread.is_alive()


def certificate(folder: Path, name: str, signer: str | None = None) -> tuple[Path, Path]:
    """A made-up certificate and key; self-signed, or signed by one made before."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "30", "-subj", f"/CN={name}"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    if signer is not None:
        command += ["-CA", str(folder / f"{signer}.pem"), "-CAkey", str(folder / f"{signer}.key")]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key

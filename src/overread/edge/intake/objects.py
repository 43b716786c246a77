"""One file taken in: stored durably, recorded in the journal, and only then said to be stored.

Names from the sender are shown on the receipt and used for nothing else (H: zip slip). A DICOMDIR is left out, since
the objects themselves are sent; its paths are never followed.
"""

import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils import timezone

from overread.foundation.blobs.blob import BlobStore, StoreFull
from overread.foundation.blobs.journal import Journal, Received
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.part10 import split_part10, wrap_part10
from overread.journey.archive.rules import InstanceHeader, Refusal, Unreadable

CHUNK = 1024 * 1024
LARGEST_OBJECT = 4 * 1024**3
LARGEST_ZIP = 32 * 1024**3
MOST_MEMBERS = 20_000
LARGEST_RATIO = 200
DAMAGED = "It is damaged inside the zip."
NOT_IMAGES = "This is no DICOM object, so it is left out."


class TooLarge(Exception):
    """A file is larger than is taken; the message is for the sender."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: "stored" or "refused", with the reason for the sender."""

    name: str
    outcome: str
    reason: str = ""
    study_uid: str = ""
    sop_uid: str = ""
    sha256: str = ""
    length: int = 0


@dataclass(frozen=True)
class Taker:
    """Takes files of one upload.

    Attributes:
        store, journal: where bytes and records go.
        client_id, receipt_id, sender_id: whose images, which upload, which person.
    """

    store: BlobStore
    journal: Journal
    client_id: str
    receipt_id: str
    sender_id: str

    def take(self, name: str, file: IO[bytes]) -> Outcome:
        """Take one file, already on our disk or in memory."""
        try:
            data = file.read(LARGEST_OBJECT + 1)
            if len(data) > LARGEST_OBJECT:
                raise TooLarge("This file is larger than 4 GB.")
            header = read_header(data)
            meta, dataset = split_part10(data)
        except Unreadable as refusal:
            return Outcome(name, "refused", _words(refusal))
        except TooLarge as error:
            return Outcome(name, "refused", str(error))
        whole = wrap_part10(dataset, header.sop_class, header.sop_instance, meta.transfer_syntax)
        try:
            ref = self.store.put(whole)
            self._record(header, ref.key, ref.sha256, ref.length, meta.transfer_syntax)
        except StoreFull:
            return Outcome(name, "refused", "There is no room for it here. It is not stored; send it again later.")
        return Outcome(name, "stored", "", header.study_uid, header.sop_instance, ref.sha256, ref.length)

    def _record(self, header: InstanceHeader, key: str, sha256: str, length: int, syntax: str) -> None:
        self.journal.append(
            Received(
                client_id=self.client_id,
                source="upload",
                receipt_id=self.receipt_id,
                sha256=sha256,
                length=length,
                key=key,
                sop_class=header.sop_class,
                sop_instance=header.sop_instance,
                study=header.study_uid,
                series=header.series_uid,
                transfer_syntax=syntax,
                received_at=timezone.now(),
                sender_id=self.sender_id,
            )
        )


def _words(refusal: Unreadable) -> str:
    if refusal.reason in {Refusal.NOT_DICOM, Refusal.DIRECTORY}:
        return NOT_IMAGES
    return str(refusal)


def spool(read: Callable[[int], bytes], limit: int) -> IO[bytes]:
    """The body of a request as an unnamed file of ours.

    Raises:
        TooLarge: it is larger than `limit` bytes.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    taken = 0
    try:
        while chunk := read(CHUNK):
            taken += len(chunk)
            if taken > limit:
                raise TooLarge("This is larger than can be taken at once. Send it in parts.")
            file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"This zip holds more than {MOST_MEMBERS} files. Send it in parts.")
    if sum(m.file_size for m in members) > LARGEST_ZIP:
        raise TooLarge("This zip holds more than 32 GB. Send it in parts.")
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes] | str:
    """A member's bytes as a file of ours, or why it is refused; sizes that lie are found while reading."""
    packed = max(info.compress_size, 1)
    if info.file_size > LARGEST_OBJECT or info.file_size / packed > LARGEST_RATIO:
        return "It unpacks to far more than a real image does."
    if info.flag_bits & 1:
        return "It is locked with a password."
    kind = info.external_attr >> 28
    if kind == 0o12:
        return "It is a link, not a file."
    try:
        with archive.open(info) as source:
            return spool(source.read, min(LARGEST_OBJECT, info.file_size + 1))
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, TooLarge, EOFError):
        return DAMAGED
    except OSError as error:
        if error.errno:  # ours, such as a full disk; bz2 tells bad data by an OSError without a number
            raise
        return DAMAGED


def take_zip(taker: Taker, file: IO[bytes]) -> Iterator[Outcome]:
    """Take every member of a zip; member names lead nowhere, nested zips are left out as no images.

    Raises:
        TooLarge: it holds too much.
        zipfile.BadZipFile: it is no zip, or its directory is damaged.
    """
    with zipfile.ZipFile(file) as archive:
        for info in _checked(archive):
            name = Path(info.filename.replace("\\", "/")).name[:200]
            found = _member(archive, info)
            if isinstance(found, str):
                yield Outcome(name, "refused", found)
                continue
            with found:
                yield taker.take(name, found)

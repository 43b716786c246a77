"""The body of a STOW-RS request: multipart/related, taken apart as it arrives, each part stored as it ends.

Nothing is spooled whole: a part's bytes go to the store while they come in, at most 64 KiB of its start are kept to read
its group 2. What is stored is preamble and group 2 of ours, then the sender's data set unchanged. All bounds are here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from overread.foundation.blobs.blob import CHUNK, BlobWriter, StoreBroken, StoreError, StoreFull
from overread.foundation.blobs.journal import Received
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.part10 import part10_head, read_meta
from overread.journey.archive.rules import InstanceHeader, Unreadable, is_uid

OUT_OF_RESOURCES, OTHER_STUDY, CANNOT_UNDERSTAND = 0xA700, 0xA901, 0xC000
_HEAD_BYTES = 64 * 1024
_TYPES = {b"application/dicom", b"application/octet-stream"}


class Malformed(Exception):
    """The body is not the multipart/related that its header announces."""


class TooMuch(Exception):
    """A part, the number of parts or the whole is larger than is taken."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may be. Bytes and counts."""

    part_bytes: int = 8 * 1024**3
    request_bytes: int = 64 * 1024**3
    parts: int = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part fared: `reason` 0 is stored, else the failure reason of PS3.18; UIDs are valid or empty."""

    reason: int
    sop_class: str = ""
    sop_instance: str = ""
    study: str = ""
    series: str = ""
    sha256: str = ""
    length: int = 0
    words: str = ""


class PartIntake(Protocol):
    """Where parts go: `writer` begins an object, `accept` makes its record durable."""

    def writer(self) -> BlobWriter:
        """Raises StoreFull, StoreUnavailable or StoreBroken."""

    def accept(self, header: InstanceHeader, sha256: str, length: int, key: str, at: datetime) -> Received:
        """Returns when the record is durable."""


class _Part:
    """One part on its way in."""

    def __init__(self, intake: PartIntake, study: str | None, content_type: bytes) -> None:
        self._intake, self._study = intake, study
        self._start = bytearray()
        self._writer: BlobWriter | None = None
        self._announced = ("", "")
        self._head_length = 0
        self._outcome: Outcome | None = None
        if parse_options_header(content_type)[0] not in _TYPES:
            self._outcome = Outcome(CANNOT_UNDERSTAND, words="The part is not application/dicom.")

    def write(self, data: memoryview) -> None:
        if self._outcome is not None:
            return
        if self._writer is not None:
            writer = self._writer
            self._try(lambda: writer.write(data))
            return
        self._start += data
        if len(self._start) >= _HEAD_BYTES:
            self._try(self._begin)

    def finish(self, at: datetime) -> Outcome:
        if self._outcome is None and self._writer is None:
            self._try(self._begin)
        if self._outcome is None:
            self._try(lambda: self._keep(at))
        self.abort()
        return self._outcome or Outcome(CANNOT_UNDERSTAND)

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()
            self._writer = None

    def _begin(self) -> None:
        """The start of the part is at hand: read its group 2, and write ours and what follows it."""
        meta = read_meta(memoryview(bytes(self._start)))
        if not (is_uid(meta.sop_class) and is_uid(meta.sop_instance)):
            self._outcome = Outcome(CANNOT_UNDERSTAND, words="Its file meta information does not say what it is.")
            return
        self._announced = (meta.sop_class, meta.sop_instance)
        head = part10_head(meta.sop_class, meta.sop_instance, meta.transfer_syntax)
        self._head_length = len(head)
        self._writer = self._intake.writer()
        self._writer.write(head)
        self._writer.write(self._start[meta.dataset_offset :])
        self._start.clear()

    def _keep(self, at: datetime) -> None:
        writer = self._writer
        if writer is None:
            return
        header = read_header(writer.path)
        if self._study is not None and header.study_uid != self._study:
            self._outcome = self._failed(OTHER_STUDY, "It is of another study than the address names.")
            return
        if (header.sop_class, header.sop_instance) != self._announced:
            writer = self._written_again(writer, header)
        ref = writer.commit()
        self._intake.accept(header, ref.sha256, ref.length, ref.key, at)
        self._outcome = Outcome(
            0, header.sop_class, header.sop_instance, header.study_uid, header.series_uid, ref.sha256, ref.length
        )

    def _written_again(self, old: BlobWriter, header: InstanceHeader) -> BlobWriter:
        """The sender's group 2 names another object than its data set, as careless tools leave it: the data set is right.

        The head is ours anyway, so that of the data set's own names is written, and the data set after it unchanged.
        """
        self._writer = new = self._intake.writer()
        try:
            new.write(part10_head(header.sop_class, header.sop_instance, header.transfer_syntax))
            with old.path.open("rb") as source:
                source.seek(self._head_length)
                while chunk := source.read(CHUNK):
                    new.write(chunk)
        finally:
            old.abort()
        return new

    def _failed(self, reason: int, words: str) -> Outcome:
        return Outcome(reason, self._announced[0], self._announced[1], words=words)

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except StoreBroken:
            self.abort()
            raise
        except Unreadable as reason:
            self._outcome = self._failed(CANNOT_UNDERSTAND, str(reason))
        except ValueError:
            self._outcome = self._failed(CANNOT_UNDERSTAND, "Its file meta information is malformed.")
        except StoreFull:
            self._outcome = self._failed(OUT_OF_RESOURCES, "There is no room for images. Send it again later.")
        except (StoreError, OSError):
            self._outcome = self._failed(OUT_OF_RESOURCES, "The image store does not answer. Send it again later.")
        if self._outcome is not None:
            self.abort()


class Body:
    """The body of one request. `feed` is called with its bytes in order, `finish` at its end, `abort` if it breaks off.

    It blocks on the disk, so it is called from a thread, one call at a time. Raises Malformed, TooMuch or StoreBroken.
    """

    def __init__(
        self, boundary: bytes, intake: PartIntake, study: str | None, bounds: Bounds, now: Callable[[], datetime]
    ) -> None:
        self.outcomes: list[Outcome] = []
        self._intake, self._study, self._bounds, self._now = intake, study, bounds, now
        self._part: _Part | None = None
        self._part_bytes = 0
        self._bytes = 0
        self._name, self._value, self._type = bytearray(), bytearray(), b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_ends,
                    "on_end": self._all_ends,
                },
                max_header_count=16,
                max_header_size=4096,
            )
        except FormParserError as error:
            raise Malformed from error

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        self._bytes += len(data)
        if self._bytes > self._bounds.request_bytes:
            raise TooMuch
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise Malformed from error

    def finish(self) -> list[Outcome]:
        """The body is over: how each part fared. Raises Malformed if its closing boundary did not come, or no part."""
        if not self._ended or not self.outcomes:
            raise Malformed
        return self.outcomes

    def abort(self) -> None:
        """Drop the part that is under way; parts that ended stay stored."""
        if self._part is not None:
            self._part.abort()
            self._part = None

    def _part_begins(self) -> None:
        if len(self.outcomes) >= self._bounds.parts:
            raise TooMuch
        self._part_bytes, self._type = 0, b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if bytes(self._name).lower() == b"content-type":
            self._type = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        self._part = _Part(self._intake, self._study, self._type)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._part_bytes += end - start
        if self._part_bytes > self._bounds.part_bytes:
            raise TooMuch
        if self._part is not None:
            self._part.write(memoryview(data)[start:end])

    def _part_ends(self) -> None:
        if self._part is not None:
            part, self._part = self._part, None
            self.outcomes.append(part.finish(self._now()))

    def _all_ends(self) -> None:
        self._ended = True

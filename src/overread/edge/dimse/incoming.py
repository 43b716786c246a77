"""One object on its way in over C-STORE: bytes to the store as they arrive, judged, committed, journaled, answered.

The data set's bytes are kept exactly as sent; preamble and group 2 are ours, and say nothing of the way it came, so that
the same object sent by another title or over HTTP is the same bytes (F30, F32). No pixel is decoded. Success is said only
after bytes, name and journal record are durable (RELIABILITY 4.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from overread.edge.dimse.command import (
    CANNOT_UNDERSTAND,
    MISMATCH,
    NOT_AUTHORISED,
    OUT_OF_RESOURCES,
    SUCCESS,
    Command,
)
from overread.edge.dimse.pdu import AgreedContext
from overread.edge.dimse.ports import Admission, Intake
from overread.foundation.blobs.blob import BlobWriter, StoreBroken, StoreError, StoreFull
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.journal import Received
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.part10 import part10_head
from overread.journey.archive.rules import InstanceHeader, Unreadable, is_uid


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends in this association."""

    admission: Admission
    calling_aet: str
    peer: str
    receipt_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: DIMSE status and a comment without patient data; hash and length if stored."""

    status: int
    comment: str = ""
    sha256: str = ""
    length: int = 0


class IncomingObject:
    """Takes the data set of one C-STORE; `finish` says how it went. Not used again after `finish` or `abort`."""

    def __init__(self, intake: Intake, sender: Sender, context: AgreedContext, command: Command, cap: int) -> None:
        self._intake, self._sender, self._context, self._command = intake, sender, context, command
        self._left = cap
        self._writer: BlobWriter | None = None
        self._refusal = self._judge_command()
        if self._refusal is None:
            self._try(self._begin)

    def write(self, data: memoryview) -> None:
        """Keep bytes of the data set. After a refusal they are only taken off the network; raises StoreBroken."""
        if self._writer is None:
            return
        self._left -= len(data)
        if self._left < 0:
            self._refuse(Answer(OUT_OF_RESOURCES, "the object is larger than this service takes"))
            return
        writer = self._writer
        self._try(lambda: writer.write(data))

    def finish(self, at: datetime) -> Answer:
        """The data set is whole: check, commit, journal; returns the answer. Raises StoreBroken."""
        if self._refusal is None and self._writer is not None:
            writer = self._writer
            answer: list[Answer] = []
            self._try(lambda: answer.append(self._keep(writer, at)))
            self.abort()
            if answer:
                return answer[0]
        return self._refusal or Answer(CANNOT_UNDERSTAND, "there was no data set")

    def abort(self) -> None:
        """Drop what is not committed: a transfer that was cut short is never stored."""
        if self._writer is not None:
            self._writer.abort()
            self._writer = None

    def _judge_command(self) -> Answer | None:
        command, allowed = self._command, self._sender.admission.sop_classes
        if command.sop_class != self._context.abstract:
            return Answer(MISMATCH, "the SOP class is not that of the presentation context")
        if not is_uid(command.sop_instance):
            return Answer(CANNOT_UNDERSTAND, "the SOP instance UID is malformed")
        if allowed is not None and command.sop_class not in allowed:
            return Answer(NOT_AUTHORISED, "this sender may not store this SOP class")
        return None

    def _begin(self) -> None:
        self._writer = self._intake.writer()
        self._writer.write(
            part10_head(
                self._command.sop_class,
                self._command.sop_instance,
                self._context.syntax,
            )
        )

    def _keep(self, writer: BlobWriter, at: datetime) -> Answer:
        try:
            header = read_header(writer.path)
        except Unreadable as reason:
            return Answer(CANNOT_UNDERSTAND, str(reason))
        if (header.sop_class, header.sop_instance) != (self._command.sop_class, self._command.sop_instance):
            return Answer(MISMATCH, "the data set is not of the object that was announced")
        ref = writer.commit()
        self._intake.accept(self._record(header, ref.sha256, ref.length, ref.key, at))
        crash_point("answer.ready")
        return Answer(SUCCESS, "", ref.sha256, ref.length)

    def _record(self, header: InstanceHeader, sha256: str, length: int, key: str, at: datetime) -> Received:
        return Received(
            client_id=self._sender.admission.client_id,
            source="dimse",
            receipt_id=self._sender.receipt_id,
            sha256=sha256,
            length=length,
            key=key,
            sop_class=header.sop_class,
            sop_instance=header.sop_instance,
            study=header.study_uid,
            series=header.series_uid,
            transfer_syntax=self._context.syntax,
            received_at=at,
            calling_aet=self._sender.calling_aet,
            peer=self._sender.peer,
            sender_id=self._sender.admission.sender_id,
        )

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except StoreBroken:
            self.abort()
            raise
        except StoreFull:
            self._refuse(Answer(OUT_OF_RESOURCES, "no room for images; send again later"))
        except (StoreError, OSError):
            self._refuse(Answer(OUT_OF_RESOURCES, "the image store does not answer; send again later"))

    def _refuse(self, answer: Answer) -> None:
        self.abort()
        self._refusal = answer

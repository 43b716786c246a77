"""Protocol data units of the DICOM upper layer (PS3.8 section 9.3): bytes from and to values.

Everything a peer says is bounded and checked here; nothing is believed about a length that the bytes do not bear out.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ = 0x01, 0x02, 0x03
P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = 0x04, 0x05, 0x06, 0x07

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

# Results of a presentation context (PS3.8 table 9-18).
ACCEPTED, NO_REASON, ABSTRACT_UNKNOWN, SYNTAXES_UNKNOWN = 0, 2, 3, 4

# Result, source and reason of a rejection (PS3.8 table 9-21).
REJECT_CALLING_AET = (1, 1, 3)
REJECT_CALLED_AET = (1, 1, 7)
REJECT_APPLICATION_CONTEXT = (1, 1, 2)
REJECT_PROTOCOL_VERSION = (1, 2, 2)
REJECT_NO_REASON = (1, 1, 1)
REJECT_BUSY = (2, 3, 1)
REJECT_LIMIT = (2, 3, 2)

# Source and reason of an abort by the provider (PS3.8 table 9-26).
ABORT_UNRECOGNISED, ABORT_UNEXPECTED, ABORT_INVALID = (2, 1), (2, 2), (2, 6)
ABORT_USER = (0, 0)

_HEAD = struct.Struct(">BxL")
_ITEM = struct.Struct(">BxH")
_PDV = struct.Struct(">LBB")
RELEASE_REPLY = _HEAD.pack(RELEASE_RP, 4) + bytes(4)


class MalformedPdu(ValueError):
    """The bytes are not a PDU that the standard allows."""


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as proposed: its odd id, one abstract syntax, transfer syntaxes in the peer's order."""

    id: int
    abstract: str
    syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreedContext:
    """The answer to a proposed context; `syntax` means something only when `result` is ACCEPTED."""

    id: int
    abstract: str
    syntax: str
    result: int


@dataclass(frozen=True, slots=True)
class AssociateRequest:
    """A-ASSOCIATE-RQ. AE titles are stripped; `echo` is the part that the answer must repeat (called, calling, reserved)."""

    version: int
    called: str
    calling: str
    echo: bytes
    application_context: str
    contexts: tuple[ProposedContext, ...]
    max_length: int
    implementation: str


def head(data: bytes | memoryview) -> tuple[int, int]:
    """Type and length of a PDU from its first six bytes."""
    kind, length = _HEAD.unpack(data)
    return int(kind), int(length)


def _items(body: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at < len(body):
        if at + 4 > len(body):
            raise MalformedPdu("an item is cut short")
        kind, length = _ITEM.unpack_from(body, at)
        at += 4
        if at + length > len(body):
            raise MalformedPdu("an item is longer than what holds it")
        yield int(kind), body[at : at + length]
        at += length


def _text(value: memoryview, longest: int) -> str:
    if len(value) > longest:
        raise MalformedPdu("a name is too long")
    return bytes(value).decode("ascii", "replace").strip(" \0")


def _context(body: memoryview) -> ProposedContext:
    if len(body) < 4 or body[0] % 2 == 0:
        raise MalformedPdu("a presentation context has no odd id")
    abstract, syntaxes = "", []
    for kind, value in _items(body[4:]):
        if kind == 0x30:
            abstract = _text(value, 65)
        elif kind == 0x40:
            syntaxes.append(_text(value, 65))
    return ProposedContext(body[0], abstract, tuple(syntaxes))


def _user_information(body: memoryview) -> tuple[int, str]:
    max_length, implementation = 0, ""
    for kind, value in _items(body):
        if kind == 0x51:
            if len(value) != 4:
                raise MalformedPdu("the maximum length is not four bytes")
            max_length = int.from_bytes(value, "big")
        elif kind == 0x55:
            implementation = _text(value, 64)
    return max_length, implementation


def read_associate(body: memoryview) -> AssociateRequest:
    """A-ASSOCIATE-RQ from its bytes after the head; raises MalformedPdu."""
    if len(body) < 68:
        raise MalformedPdu("the association request is cut short")
    application, contexts, user = "", [], (0, "")
    for kind, value in _items(body[68:]):
        if kind == 0x10:
            application = _text(value, 65)
        elif kind == 0x20:
            contexts.append(_context(value))
        elif kind == 0x50:
            user = _user_information(value)
    if len({context.id for context in contexts}) != len(contexts):
        raise MalformedPdu("two presentation contexts have the same id")
    return AssociateRequest(
        version=int.from_bytes(body[:2], "big"),
        called=_text(body[4:20], 16),
        calling=_text(body[20:36], 16),
        echo=bytes(body[4:68]),
        application_context=application,
        contexts=tuple(contexts),
        max_length=user[0],
        implementation=user[1],
    )


def _item(kind: int, value: bytes) -> bytes:
    return _ITEM.pack(kind, len(value)) + value


def write_accept(
    request: AssociateRequest, contexts: list[AgreedContext], max_pdu: int, implementation: tuple[str, str]
) -> bytes:
    """A-ASSOCIATE-AC; `implementation` is our class UID and version name."""
    items = _item(0x10, APPLICATION_CONTEXT.encode())
    for context in contexts:
        answer = bytes((context.id, 0, context.result, 0)) + _item(0x40, context.syntax.encode())
        items += _item(0x21, answer)
    user = _item(0x51, max_pdu.to_bytes(4, "big"))
    user += _item(0x52, implementation[0].encode()) + _item(0x55, implementation[1].encode())
    body = b"\0\1\0\0" + request.echo + items + _item(0x50, user)
    return _HEAD.pack(ASSOCIATE_AC, len(body)) + body


def write_reject(reason: tuple[int, int, int]) -> bytes:
    """A-ASSOCIATE-RJ with result, source and reason."""
    return _HEAD.pack(ASSOCIATE_RJ, 4) + bytes((0, *reason))


def write_abort(reason: tuple[int, int]) -> bytes:
    """A-ABORT with source and reason."""
    return _HEAD.pack(ABORT, 4) + bytes((0, 0, *reason))


def pdvs(body: memoryview) -> Iterator[tuple[int, bool, bool, memoryview]]:
    """The presentation data values of a P-DATA-TF: context id, is it command, is it the last, bytes; raises MalformedPdu."""
    at = 0
    while at < len(body):
        if at + 6 > len(body):
            raise MalformedPdu("a presentation data value is cut short")
        length, context, control = _PDV.unpack_from(body, at)
        end = at + 4 + length
        if length < 2 or end > len(body):
            raise MalformedPdu("a presentation data value is longer than its PDU")
        yield context, bool(control & 1), bool(control & 2), body[at + 6 : end]
        at = end


def write_command(context: int, command: bytes, max_length: int) -> bytes:
    """A command set as P-DATA-TF PDUs, each no longer than the peer's `max_length` (0: no limit), in one piece of bytes."""
    room = max(max_length - 6, 64) if max_length else len(command)
    parts = [command[at : at + room] for at in range(0, len(command), room)]
    out = b""
    for number, part in enumerate(parts, 1):
        control = 3 if number == len(parts) else 1
        out += _HEAD.pack(P_DATA, len(part) + 6) + _PDV.pack(len(part) + 2, context, control) + part
    return out

"""DIMSE command sets (PS3.7 sections 6.3 and 9.3, annex C and E): bytes from and to values. Implicit little endian."""

import struct
from dataclasses import dataclass

C_STORE_RQ, C_ECHO_RQ, C_CANCEL_RQ = 0x0001, 0x0030, 0x0FFF
RESPONSE = 0x8000
NO_DATASET = 0x0101

SUCCESS = 0x0000
NOT_AUTHORISED = 0x0124
UNRECOGNISED_OPERATION = 0x0211
OUT_OF_RESOURCES = 0xA700
MISMATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000

_ELEMENT = struct.Struct("<HHL")


class MalformedCommand(ValueError):
    """The bytes are not a command set."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request: which operation, which message, on which object; `has_dataset` if a data set follows."""

    field: int
    message_id: int
    sop_class: str
    sop_instance: str
    has_dataset: bool


def _number(values: dict[int, bytes], element: int) -> int:
    value = values.get(element, b"")
    if len(value) != 2:
        raise MalformedCommand("a number in the command is missing or not two bytes")
    return int.from_bytes(value, "little")


def _uid(values: dict[int, bytes], *elements: int) -> str:
    for element in elements:
        if element in values:
            return values[element][:66].decode("ascii", "replace").rstrip("\0 ")
    return ""


def read_command(data: bytes) -> Command:
    """A request from its bytes; raises MalformedCommand."""
    values: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise MalformedCommand("the command is cut short")
        group, element, length = _ELEMENT.unpack_from(data, at)
        at += 8
        if group != 0 or at + length > len(data) or element in values:
            raise MalformedCommand("an element of the command is malformed")
        values[element] = data[at : at + length]
        at += length
    field = _number(values, 0x0100)
    return Command(
        field=field,
        message_id=_number(values, 0x0120 if field == C_CANCEL_RQ else 0x0110),
        sop_class=_uid(values, 0x0002, 0x0003),
        sop_instance=_uid(values, 0x1000, 0x1001),
        has_dataset=_number(values, 0x0800) != NO_DATASET,
    )


def _element(number: int, value: bytes, pad: bytes = b"\0") -> bytes:
    if len(value) % 2:
        value += pad
    return _ELEMENT.pack(0, number, len(value)) + value


def write_response(request: Command, status: int, comment: str = "") -> bytes:
    """The response to a request. `comment` is for the sender's log: at most 64 characters, no patient data."""
    body = b""
    if request.sop_class:
        body += _element(0x0002, request.sop_class.encode("ascii", "replace")[:64])
    body += _element(0x0100, (request.field | RESPONSE).to_bytes(2, "little"))
    body += _element(0x0120, request.message_id.to_bytes(2, "little"))
    body += _element(0x0800, NO_DATASET.to_bytes(2, "little"))
    body += _element(0x0900, status.to_bytes(2, "little"))
    if comment:
        body += _element(0x0902, comment.encode("ascii", "replace")[:64], b" ")
    if request.sop_instance and request.field != C_ECHO_RQ:
        body += _element(0x1000, request.sop_instance.encode("ascii", "replace")[:64])
    return _element(0, len(body).to_bytes(4, "little")) + body

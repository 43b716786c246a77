"""A scripted peer that sends raw bytes, for what a well-behaved library refuses to send."""

import socket
import struct

from overread.edge.dimse import pdu

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def associate_rq(
    contexts: list[tuple[int, str, list[str]]], calling: str = "SCANNER", called: str = "OVERREAD", version: int = 1
) -> bytes:
    body = struct.pack(">HH16s16s32x", version, 0, called.ljust(16).encode(), calling.ljust(16).encode())
    body += item(0x10, pdu.APPLICATION_CONTEXT.encode())
    for number, abstract, syntaxes in contexts:
        inner = bytes((number, 0, 0, 0)) + item(0x30, abstract.encode())
        body += item(0x20, inner + b"".join(item(0x40, syntax.encode()) for syntax in syntaxes))
    body += item(0x50, item(0x51, (16384).to_bytes(4, "big")) + item(0x52, b"1.2.3"))
    return struct.pack(">BxL", 1, len(body)) + body


def command(field: int, message_id: int, sop_class: str, sop_instance: str = "", *, dataset: bool = False) -> bytes:
    def element(number: int, value: bytes) -> bytes:
        value += b"\0" * (len(value) % 2)
        return struct.pack("<HHL", 0, number, len(value)) + value

    body = element(0x0002, sop_class.encode()) + element(0x0100, field.to_bytes(2, "little"))
    body += element(0x0110, message_id.to_bytes(2, "little")) + element(0x0700, b"\0\0")
    body += element(0x0800, (1 if dataset else 0x0101).to_bytes(2, "little"))
    if sop_instance:
        body += element(0x1000, sop_instance.encode())
    return element(0, len(body).to_bytes(4, "little")) + body


def p_data(context: int, control: int, data: bytes) -> bytes:
    return struct.pack(">BxLLBB", 4, len(data) + 6, len(data) + 2, context, control) + data


RELEASE_RQ = struct.pack(">BxL4x", 5, 4)


class Peer:
    """A connection that sends what it is told and reads whole PDUs."""

    def __init__(self, port: int, source: str = "127.0.0.1", wrap=None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        if wrap is not None:
            self.socket = wrap(self.socket)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> tuple[int, bytes]:
        """Type and body of the next PDU; (0, b"") when the connection is closed."""
        first = self._exactly(6)
        if len(first) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxL", first)
        return kind, self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            try:
                data = self.socket.recv(count - len(out))
            except ConnectionError:
                return out
            if not data:
                return out
            out += data
        return out

    def associate(self, contexts: list[tuple[int, str, list[str]]] | None = None, calling: str = "SCANNER") -> int:
        self.send(associate_rq(contexts or [(1, VERIFICATION, [IMPLICIT])], calling))
        return self.read()[0]

    def status(self) -> int:
        """The status in the next response."""
        kind, body = self.read()
        assert kind == 4, kind
        at = 6
        while at < len(body):
            _, element, length = struct.unpack_from("<HHL", body, at)
            if element == 0x0900:
                return int.from_bytes(body[at + 8 : at + 10], "little")
            at += 8 + length
        raise AssertionError("a response without status")

    def echo(self) -> int:
        self.send(p_data(1, 3, command(0x30, 1, VERIFICATION)))
        return self.status()


def echo_once(port: int, source: str = "127.0.0.1", wrap=None) -> int:
    """Associate, C-ECHO, release; returns the status."""
    with Peer(port, source, wrap) as peer:
        assert peer.associate() == 2
        status = peer.echo()
        peer.send(RELEASE_RQ)
        assert peer.read()[0] == 6
        return status

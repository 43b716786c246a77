"""A connection to a peer that may be slow, silent or hostile: every wait has an end, every length a cap."""

import socket
import time

from overread.edge.dimse.pdu import ASSOCIATE_RQ, MalformedPdu, head

_FIRST_BUFFER = 16 * 1024


class PeerGone(Exception):
    """The peer closed the connection, or went silent in the middle of a PDU."""


class PeerIdle(Exception):
    """The peer sent nothing for as long as it may be silent between PDUs."""


class Wire:
    """Reads whole PDUs and writes answers, each in one piece with TCP_NODELAY (PERFORMANCE 1)."""

    def __init__(self, connection: socket.socket, send_seconds: float) -> None:
        self._connection = connection
        self._send_seconds = send_seconds
        self._buffer = bytearray(_FIRST_BUFFER)

    def read_pdu(self, silence: float, whole: float, cap: int, associate_cap: int) -> tuple[int, memoryview]:
        """Type and body of the next PDU; the body is valid until the next call.

        `silence` seconds may pass before its first byte, `whole` from there to its last. Raises PeerIdle, PeerGone, or
        MalformedPdu for a PDU longer than `cap` (`associate_cap` for an association request).
        """
        self._read_into(memoryview(self._buffer)[:1], time.monotonic() + silence, PeerIdle)
        deadline = time.monotonic() + whole
        self._read_into(memoryview(self._buffer)[1:6], deadline, PeerGone)
        kind, length = head(memoryview(self._buffer)[:6])
        if length > (associate_cap if kind == ASSOCIATE_RQ else cap):
            raise MalformedPdu("a PDU is longer than was agreed")
        if length > len(self._buffer):
            self._buffer = bytearray(max(length, min(cap, 2 * len(self._buffer))))
        body = memoryview(self._buffer)[:length]
        self._read_into(body, deadline, PeerGone)
        return kind, body

    def _read_into(self, target: memoryview, deadline: float, late: type[Exception]) -> None:
        while target:
            left = deadline - time.monotonic()
            if left <= 0:
                raise late
            try:
                self._connection.settimeout(left)
                count = self._connection.recv_into(target)
            except TimeoutError as error:
                raise late from error
            except OSError as error:
                raise PeerGone from error
            if count == 0:
                raise PeerGone
            target = target[count:]

    def send(self, data: bytes) -> None:
        """Write an answer whole; raises PeerGone if the peer does not take it in time."""
        try:
            self._connection.settimeout(self._send_seconds)
            self._connection.sendall(data)
        except OSError as error:
            raise PeerGone from error

    def close_gently(self, seconds: float) -> None:
        """After a last PDU of ours: wait a little for the peer to close first (PS3.8 ARTIM), so that it reads it."""
        try:
            self._connection.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                self._connection.settimeout(left)
                if not self._connection.recv(65536):
                    return
        except OSError:
            return

"""The DICOM listener: C-ECHO and C-STORE for known senders, on a plain and on a TLS port.

One thread accepts and never waits for a peer; each connection has a thread of its own that does the TLS handshake and
serves the association with blocking reads under deadlines, so idle associations cost no processor time.
"""

import contextlib
import hashlib
import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from overread.edge.dimse.association import Association, Service
from overread.edge.dimse.limits import Limits
from overread.edge.dimse.ports import Gatekeeper, Intake
from overread.edge.dimse.slots import Slot, Slots
from overread.edge.dimse.wire import Wire
from overread.foundation.blobs.blob import StoreBroken

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.2
_OFFICE_THREADS = 4


@dataclass(frozen=True, slots=True)
class TlsPort:
    """Where to listen with TLS, and with which certificates; see `tls_context`."""

    host: str
    port: int
    context: ssl.SSLContext


def tls_context(cert: Path, key: Path, ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later for the listener; with `ca` each caller must show a certificate that it signed (mutual TLS)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    return context


class Listener:
    """Listens from `open` to `stop`; `run` serves until told to stop. Use `serve` unless a test needs the parts."""

    def __init__(self, called_aet: str, gatekeeper: Gatekeeper, intake: Intake, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.slots = Slots(self._limits)
        self._office = ThreadPoolExecutor(_OFFICE_THREADS, thread_name_prefix="dimse-office")
        self._service = Service(called_aet, gatekeeper, intake, self._limits, self.slots, self._office)
        self._ports: dict[socket.socket, ssl.SSLContext | None] = {}
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._live: dict[socket.socket, Association | None] = {}
        self._broken: StoreBroken | None = None
        self._stopping = False

    def open(self, host: str, port: int, context: ssl.SSLContext | None = None, *, shared: bool = False) -> int:
        """Listen on an address; returns the port (useful with 0). `shared`: other processes listen on it too.

        Raises OSError if the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listening.bind((host, port))
            listening.listen(1024)
            listening.setblocking(False)
        except OSError:
            listening.close()
            raise
        self._ports[listening] = context
        self._selector.register(listening, selectors.EVENT_READ)
        return int(listening.getsockname()[1])

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; then finish what is in the middle and close the rest.

        Raises StoreBroken when a sync failed: nothing more may be acknowledged by this process.
        """
        try:
            while not stop.is_set() and self._broken is None:
                for key, _ in self._selector.select(_LOOK_SECONDS):
                    self._accept(cast(socket.socket, key.fileobj))
        finally:
            self._close_all()
            self._office.shutdown(wait=True)
        if self._broken is not None:
            raise self._broken

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, address = listening.accept()
        except BlockingIOError:
            return
        except OSError:  # no file handle left, or the peer is gone already: serve the others
            _log.warning("a connection could not be accepted", exc_info=True)
            time.sleep(0.05)
            return
        slot = self.slots.take(_plain(str(address[0])), lambda: _shut(connection))
        if slot is None:
            connection.close()
            return
        with self._lock:
            self._live[connection] = None
        try:
            threading.Thread(
                target=self._serve, args=(connection, self._ports[listening], slot), name="dimse", daemon=True
            ).start()
        except RuntimeError:  # no thread to be had
            self._forget(connection, slot)

    def _serve(self, connection: socket.socket, context: ssl.SSLContext | None, slot: Slot) -> None:
        speaking: socket.socket = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            certificate = None
            if context is not None:
                connection.settimeout(self._limits.handshake_seconds)
                wrapped = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                speaking = wrapped
                slot.close = lambda: _shut(wrapped)
                self._rename(connection, wrapped, None)
                certificate = self._handshake(wrapped)
            association = Association(self._service, Wire(speaking, self._limits.send_seconds), slot, certificate)
            self._rename(speaking, speaking, association)
            association.run()
        except StoreBroken as error:
            self._broken = error
        except OSError:
            _log.info("a connection ended before it was an association")
        except Exception:
            _log.exception("an association ended by a fault of ours")
        finally:
            self._forget(speaking, slot)

    def _rename(self, before: socket.socket, after: socket.socket, association: Association | None) -> None:
        with self._lock:
            self._live.pop(before, None)
            self._live[after] = association

    def _handshake(self, speaking: ssl.SSLSocket) -> str | None:
        """Do the TLS handshake under one deadline; a peer that trickles bytes is cut off from outside."""
        alarm = threading.Timer(self._limits.handshake_seconds, _shut, args=(speaking,))
        alarm.daemon = True
        alarm.start()
        try:
            speaking.do_handshake()
        finally:
            alarm.cancel()
        der = speaking.getpeercert(binary_form=True)
        return hashlib.sha256(der).hexdigest() if der else None

    def _forget(self, connection: socket.socket, slot: Slot) -> None:
        with self._lock:
            self._live.pop(connection, None)
        _shut(connection)
        with contextlib.suppress(OSError):
            connection.close()
        self.slots.release(slot)

    def _close_all(self) -> None:
        self._selector.close()
        for listening in self._ports:
            listening.close()
        deadline = time.monotonic() + self._limits.drain_seconds
        while True:
            with self._lock:
                live = list(self._live.items())
            for connection, association in live:
                if association is None or association.resting or time.monotonic() > deadline:
                    _shut(connection)
            if not live or time.monotonic() > deadline + 2:
                return
            time.sleep(0.02)


def serve(
    host: str,
    port: int,
    called_aet: str,
    gatekeeper: Gatekeeper,
    intake: Intake,
    stop: threading.Event,
    *,
    tls: TlsPort | None = None,
    limits: Limits | None = None,
    shared: bool = False,
    ready: Callable[[int, int | None], None] | None = None,
) -> None:
    """Listen until `stop` is set. `ready` is called with the plain and the TLS port once both listen.

    Raises OSError if an address cannot be had, StoreBroken if the disk refused a sync: the process must end then, with
    an exit code other than 0, and be started again.
    """
    listener = Listener(called_aet, gatekeeper, intake, limits)
    plain = listener.open(host, port, shared=shared)
    secure = listener.open(tls.host, tls.port, tls.context, shared=shared) if tls is not None else None
    if ready is not None:
        ready(plain, secure)
    listener.run(stop)


def _plain(address: str) -> str:
    """An IPv4 address that came in over IPv6, written as IPv4."""
    return address.removeprefix("::ffff:") if "." in address else address


def _shut(connection: socket.socket) -> None:
    """Wake whoever reads from a connection, from any thread; for TLS the plain shutdown, without its own unwrapping."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)

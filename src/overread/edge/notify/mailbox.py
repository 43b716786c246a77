"""A mailbox for demonstrations: takes every message by SMTP on loopback and keeps it as a file; sends nothing on."""

import socketserver
import threading
import uuid
from pathlib import Path

MOST_BYTES = 1024 * 1024


class _Session(socketserver.StreamRequestHandler):
    """One SMTP session, as far as a mail client of ours speaks it (RFC 5321)."""

    timeout = 20

    def handle(self) -> None:
        """Answer commands until QUIT."""
        self._say("220 demonstration mailbox")
        while line := self.rfile.readline(4096):
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._keep()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb == b"EHLO":
                self._say("250-demonstration\r\n250 8BITMIME")
            else:
                self._say("250 ok")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _keep(self) -> None:
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(8192)) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= MOST_BYTES:
                lines.append(line[1:] if line.startswith(b"..") else line)
        folder: Path = self.server.folder  # type: ignore[attr-defined]
        part = folder / f"{uuid.uuid4()}.part"
        part.write_bytes(b"".join(lines))
        part.rename(part.with_suffix(".eml"))
        self._say("250 kept")


class Mailbox(socketserver.ThreadingTCPServer):
    """The mailbox; `port` says where it listens.

    Args:
        folder: where messages are kept, one .eml file each.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def port(self) -> int:
        """The port on loopback."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread that ends with the process."""
        threading.Thread(target=self.serve_forever, name="mailbox", daemon=True).start()

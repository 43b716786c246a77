"""A dead-man's switch on loopback for tests: counts beats, answers as told, and lets a test wait for the next ones."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Any = self.server
        server.switch.heard(self.path, dict(self.headers))  # before the answer, so that whoever has it can count
        self.send_response(server.switch.answer)
        if server.switch.answer in {301, 302, 307}:
            self.send_header("Location", f"{server.switch.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


class Switch:
    """The switch; `url` is what to ask. Use it as a context."""

    def __init__(self, answer: int = 200) -> None:
        self.answer = answer
        self.beats: list[tuple[str, dict[str, str]]] = []
        self._more = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.switch = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def heard(self, path: str, headers: dict[str, str]) -> None:
        """One beat came."""
        with self._more:
            self.beats.append((path, headers))
            self._more.notify_all()

    def wait_for(self, count: int, seconds: float) -> bool:
        """Whether `count` beats have come, within `seconds` from now."""
        until = time.monotonic() + seconds
        with self._more:
            while len(self.beats) < count and time.monotonic() < until:
                self._more.wait(max(0.0, until - time.monotonic()))
            return len(self.beats) >= count

    def __enter__(self) -> "Switch":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

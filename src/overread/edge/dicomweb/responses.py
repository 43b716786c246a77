"""Answers of the read side: what every one of them carries, and the shapes they come in."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from overread.edge.dicomweb import multipart

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Part = tuple[str, bytes]

# Identity is in every answer: nothing of it may stay in a browser's cache (DESIGN.md 3, "Browser storage").
ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"vary", b"Cookie, Authorization, Accept"),
)


class Problem(Exception):
    """An answer other than 200; `words` say what happened and what to do, without any identifier."""

    def __init__(self, status: int, words: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = headers


class Answer:
    """Passes messages on and remembers whether the answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Pass one message on."""
        self.begun = True
        await self._send(message)


async def send_bytes(send: Send, media_type: str, content: bytes, *, status: int = 200, body: bool = True) -> None:
    """One whole answer."""
    headers = [
        *ALWAYS,
        (b"content-type", media_type.encode("ascii")),
        (b"content-length", str(len(content)).encode("ascii")),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content if body else b""})


async def send_json(send: Send, value: object, *, body: bool = True) -> None:
    """DICOM JSON (PS3.18 F)."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    await send_bytes(send, "application/dicom+json", content, body=body)


async def send_problem(send: Send, problem: Problem) -> None:
    """A refusal in plain words."""
    headers = [*ALWAYS, *problem.headers, (b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.words.encode("utf-8")})


async def send_parts(send: Send, media_type: str, parts: AsyncIterator[Part], *, body: bool = True) -> None:
    """multipart/related, part after part, so that a whole study never stands in memory.

    The first part is fetched before the header goes out, so that a failure to open it is still a proper refusal.
    """
    first = await anext(parts, None)
    boundary = secrets.token_hex(16)
    content_type = multipart.head(media_type, boundary).encode("ascii")
    await send({"type": "http.response.start", "status": 200, "headers": [*ALWAYS, (b"content-type", content_type)]})
    if body and first is not None:
        await _send_part(send, boundary, first)
        async for part in parts:
            await _send_part(send, boundary, part)
    await send({"type": "http.response.body", "body": multipart.closing(boundary) if body else b""})


async def _send_part(send: Send, boundary: str, part: Part) -> None:
    content_type, content = part
    start = multipart.opening(content_type, boundary, len(content))
    await send({"type": "http.response.body", "body": b"".join((start, content, b"\r\n")), "more_body": True})

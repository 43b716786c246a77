"""The doors beside Django's pages, and the cookie that opens them."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from overread.site import places, stowing
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "place", ["/read/{}/dicomweb/studies", "/dicomweb/NORTH/studies", "/dicomweb/NORTH/studies/1.2"]
)
def test_images_are_not_given_without_credentials(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, method: str
) -> None:
    """The handlers in front of Django's pages ask for a session or a token of their own."""
    from overread.site.raw import ROUTES as RAW

    monkeypatch.setenv("OVERREAD_DATA", str(tmp_path))
    monkeypatch.setattr(stowing, "_made", [])
    monkeypatch.setattr(places, "store", places.store.__wrapped__)
    path = place.format(uuid4())
    fitting = [handler for pattern, methods, handler in RAW if method in methods and pattern.match(path)]
    for handler in fitting[:1]:
        assert asyncio.run(_raw(handler, method, path)) in {401, 403, 404}
    if not fitting:
        assert Client().generic(method, path).status_code in {404, 405}


async def _raw(handler: Any, method: str, path: str) -> int:
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "client": ("", 0)}
    await handler(scope, receive, send)
    return int(said[0]["status"])


def test_the_cookie_of_a_session_is_not_readable_by_scripts() -> None:
    """Session cookies stay out of the reach of scripts and of other sites."""
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE in {"Lax", "Strict"}

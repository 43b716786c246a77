"""The ASGI application: raw handlers for images and uploads in front, Django's pages behind them."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from overread.site.metrics import Timed  # noqa: E402
from overread.site.raw import ROUTES  # noqa: E402  Django must be set up before the areas are imported
from overread.site.wiring import wire  # noqa: E402

wire()

Scope = dict[str, Any]
Handler = Callable[[Scope, Any, Any], Awaitable[None]]
_pages = WSGIMiddleware(_django, workers=16)  # type: ignore[arg-type]


async def application(scope: Scope, receive: Any, send: Any) -> None:
    """Give a request to the first raw handler whose pattern fits, else to Django."""
    if scope["type"] != "http":
        return
    with Timed(scope["path"]):
        for pattern, methods, handler in ROUTES:
            if scope["method"] in methods and pattern.match(scope["path"]):
                await handler(scope, receive, send)
                return
        await _pages(scope, receive, send)  # type: ignore[arg-type]

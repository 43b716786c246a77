"""Which requests are answered by raw ASGI handlers, because images must not wait for a page's machinery."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from overread.edge.dicomweb.objects import Objects
from overread.edge.dicomweb.read import ReadSide
from overread.edge.dicomweb.resolvers import SessionResolver, TokenResolver
from overread.foundation.blobs.current import current
from overread.journey.reading.queries import access
from overread.site.stowing import stow

Handler = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_SAFE = frozenset({"GET", "HEAD"})
_objects = Objects()

_of_reads = ReadSide(SessionResolver(access, current), _objects)
_of_clients = ReadSide(TokenResolver(current), _objects)

# pattern of the path, methods, handler; the first that fits answers.
ROUTES: list[tuple[re.Pattern[str], frozenset[str], Handler]] = [
    (re.compile(r"/read/[^/]+/dicomweb/"), _SAFE, _of_reads),
    (re.compile(r"/dicomweb/[^/]+/studies"), frozenset({"POST"}), stow),
    (re.compile(r"/dicomweb/[^/]+/"), _SAFE, _of_clients),
]


def finish() -> None:
    """Write what is not yet summed of the frames sent, and end the decoders; the last thing that the web process does."""
    for side in (_of_reads, _of_clients):
        asyncio.run(side.finish())
    _objects.close()

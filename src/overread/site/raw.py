"""Which requests are answered by raw ASGI handlers, because images must not wait for a page's machinery."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

# pattern of the path, methods, handler; the first that fits answers.
ROUTES: list[tuple[re.Pattern[str], frozenset[str], Handler]] = []

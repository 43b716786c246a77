"""The canonical form of a pack: one text for the same facts, whoever builds it, and its hash."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any


def plain(value: Any) -> Any:
    """A cell as JSON: moments in UTC to the microsecond, days as days, whole numbers whole.

    Raises:
        TypeError: the cell is of another kind, so that nothing is written in a form that a machine decides.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"A {type(value).__name__} is not a cell of evidence.")


def canonical(content: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8, one line feed at its end."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()

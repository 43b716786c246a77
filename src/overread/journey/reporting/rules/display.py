"""What a report says of the displays that it was read on. Pure (REQ-24)."""

from collections.abc import Mapping
from datetime import date
from typing import Any


def read_on_words(used: Mapping[str, Any] | None) -> str:
    """One line for page and PDF; "" for a version that was signed before this was kept.

    Args:
        used: as equipment says it at the signature: workstation, displays, check_words.
    """
    if used is None:
        return ""
    if not used.get("workstation"):
        return "Read at a workstation that is not registered; no display check."
    displays = " and ".join(_display(one) for one in used.get("displays", ()))
    on = f" on {displays}" if displays else ""
    return f"Read at {used['workstation']}{on}. Display check {used.get('check_words', 'not known')}."


def _display(one: Mapping[str, str]) -> str:
    tested = one.get("tested_on", "")
    if not tested:
        return f"{one['name']} (never tested)"
    day = date.fromisoformat(tested)
    said = "" if one.get("result") == "pass" else ", to be put right"
    return f"{one['name']} (tested {day.day} {day:%b %Y}{said})"

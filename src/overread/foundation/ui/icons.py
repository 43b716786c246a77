"""The names of the icons in the sprite; an unknown name is drawn as a ring and logged, never a broken page."""

import logging
import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).with_name("static") / "ui" / "icons.svg"
FALLBACK = "circle"
logger = logging.getLogger(__name__)


@cache
def icon_names() -> frozenset[str]:
    """Every icon that the sprite holds."""
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))


def known_icon(name: str) -> str:
    """The name itself when the sprite has it, else the name of the ring."""
    if name in icon_names():
        return name
    logger.warning("an icon is unknown", extra={"kind": re.sub(r"[^a-z-]", "-", name)[:40]})
    return FALLBACK

"""Reference pages that are made from the code: compared in every run, written anew with OVERREAD_WRITE_DOCS=1."""

import os
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
SOURCE = "This page is made from the code by `OVERREAD_WRITE_DOCS=1 pytest {test}`; change the code, not the page."


def compare(name: str, text: str) -> None:
    """Fail when a page of docs lags behind the code; write it when asked to.

    Args:
        name: path of the page below docs.
        text: what it should hold.
    """
    page = DOCS / name
    if os.environ.get("OVERREAD_WRITE_DOCS") == "1":
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    held = page.read_text(encoding="utf-8") if page.exists() else ""
    assert held == text, f"docs/{name} lags behind: run pytest with OVERREAD_WRITE_DOCS=1"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [head, tuple("-" * max(3, len(title)) for title in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"

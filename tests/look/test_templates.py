"""Every template of the product keeps to what the content security policy and the design allow."""

import re
from pathlib import Path

import pytest

from overread.foundation.ui.icons import icon_names

SOURCE = Path(__file__).resolve().parents[2] / "src" / "overread"
TEMPLATES = sorted(p for p in SOURCE.rglob("templates/**/*.html") if not {"pdf", "mail", "print"} & {*p.parts, p.stem})


def _id(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", TEMPLATES, ids=_id)
def test_a_template_has_no_inline_style_or_script(path: Path) -> None:
    """Inline styles and scripts are refused by the browser under our policy, so no template may rely on one."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"""\sstyle=["']|<style\b|\son[a-z]+=["']|\shx-on[:\w-]*=|javascript:""", text)
    found += [
        tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag and "application/json" not in tag
    ]
    assert not found, f"{_id(path)}: {found}"


@pytest.mark.parametrize("path", TEMPLATES, ids=_id)
def test_a_template_names_only_icons_that_exist(path: Path) -> None:
    """An icon that is not in the sprite would be drawn as a ring, so its name is checked here."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r"""\{%\s*icon\s+["']([^"']+)["']""", text) + re.findall(
        r"""\bicon=["']([a-z0-9-]+)["']""", text
    )
    unknown = sorted(set(names) - icon_names())
    assert not unknown, f"{_id(path)}: {unknown}"

"""The viewer's page, its configuration and its content security policy, as plain values.

The page holds no inline script: what it must know of the read comes from its own app-config.js, the rest are files.
Source: DESIGN.md 3, "Viewer"; the policy is as narrow as the prebuilt application allows (docs/reference/viewer-bridge.md).
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

BUILT = Path(__file__).parent / "static/ohif/build.json"

# Styles: the application's parts write <style> elements at run time (emotion, toasts), so inline styles must stay.
# Workers: two are started from blobs made by the bundle itself. WebAssembly: the image decoders.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
}


class NotBuilt(Exception):
    """The prebuilt viewer is not in this installation; the message says how to make it."""


@dataclass(frozen=True)
class ViewerStudy:
    """A study to hang: `words` tell a reader which it is ("2 Mar 2024, CT head"); no patient detail."""

    uid: str
    role: str
    modalities: tuple[str, ...] = ()
    description: str = ""
    words: str = ""


@dataclass(frozen=True)
class ViewerRead:
    """What the viewer is told of a read. Studies in reading order: current first, then priors, newest first."""

    read_id: str
    client_id: str
    studies: tuple[ViewerStudy, ...]


def headers() -> dict[str, str]:
    """The headers of the viewer's page."""
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()",
        "Cache-Control": "no-store",
    }


def base_of(read_id: str) -> str:
    """The address under which the viewer of a read lives, without a slash at its end."""
    return f"/read/{read_id}/viewer"


def page(read_id: str) -> str:
    """The viewer's HTML.

    Raises:
        NotBuilt: build_tools/viewer.py has not been run.
    """
    script, style = _entry()
    base = html.escape(base_of(read_id))
    return (
        '<!doctype html><html lang="en-GB" class="dark" data-bs-theme="dark"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Images</title>'
        f'<link rel="stylesheet" href="/static/ohif/{style}"><link rel="stylesheet" href="/static/viewer/viewer.css">'
        f'<script src="{base}/app-config.js"></script><script src="/static/viewer/app-config.js"></script>'
        f'<script defer src="/static/ohif/{script}"></script></head>'
        "<body><noscript>The images need JavaScript. Allow it for this address and open the case again.</noscript>"
        '<div id="react-portal"></div><div id="root"></div></body></html>'
    )


def config(read: ViewerRead) -> dict[str, Any]:
    """What the viewer must know of a read, as JSON."""
    return {
        "read": read.read_id,
        "client": read.client_id,
        "base": base_of(read.read_id),
        "dicomweb": f"/read/{read.read_id}/dicomweb",
        "hanging": hanging_of(read.studies),
        "studies": [{"uid": study.uid, "role": study.role, "words": study.words} for study in read.studies],
    }


def config_script(read: ViewerRead) -> str:
    """The page's app-config.js. `<` is escaped, although the answer is a script of its own and never part of a page."""
    return f"window.overread={json.dumps(config(read)).replace('<', chr(92) + 'u003c')};\n"


def hanging_of(studies: tuple[ViewerStudy, ...]) -> str:
    """Which of the viewer's hanging protocols opens a read: head CT in four windows, anything else plainly."""
    current = [study for study in studies if study.role != "prior"]
    has_prior = any(study.role == "prior" for study in studies)
    is_head_ct = any(
        "CT" in study.modalities
        and re.search(r"\b(head|brain|skull|cranial|crani[ou])", study.description, re.IGNORECASE)
        for study in current
    )
    if is_head_ct:
        return "overread.ct-head-prior" if has_prior else "overread.ct-head"
    return "overread.pair" if has_prior else "overread.one"


@lru_cache(maxsize=1)
def _entry() -> tuple[str, str]:
    try:
        built = json.loads(BUILT.read_text("utf-8"))
    except FileNotFoundError:
        raise NotBuilt(
            "The viewer is not built in this checkout. Run `python -m build_tools.viewer` (needs npm) or `make install`."
        ) from None
    return str(built["script"]), str(built["style"])

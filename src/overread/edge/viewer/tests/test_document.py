"""The viewer's page and its configuration, as values and over Django."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client

from overread.edge.viewer import document, pages
from overread.edge.viewer.document import ViewerRead, ViewerStudy
from overread.foundation.accounts.tests.people import make_person, sign_in

HEAD = ViewerStudy("1.2.3", "current", ("CT",), "CT head without contrast", "17 Nov 2026, CT head")
PRIOR = ViewerStudy("1.2.4", "prior", ("CT",), "CT head", "2 Mar 2024, CT </script> head")
STATIC = Path(document.__file__).parent / "static/viewer"
needs_build = pytest.mark.skipif(not document.BUILT.exists(), reason="NOT RUN: the viewer is not built (make install)")


@pytest.mark.parametrize(
    ("studies", "hanging"),
    [
        ((HEAD,), "overread.ct-head"),
        ((HEAD, PRIOR), "overread.ct-head-prior"),
        ((ViewerStudy("1", "current", ("MR",), "MRI brain"),), "overread.one"),
        ((ViewerStudy("1", "current", ("CT",), "CT abdomen"), PRIOR), "overread.pair"),
        ((ViewerStudy("1", "current", ("CT",), "CT forehead"),), "overread.one"),
    ],
)
def test_the_hanging_follows_modality_part_and_priors(studies: tuple[ViewerStudy, ...], hanging: str) -> None:
    """Head CT opens in its windows, with the prior beside if there is one; anything else opens plainly."""
    assert document.hanging_of(studies) == hanging


def test_every_hanging_that_can_be_asked_for_is_one_the_viewer_has() -> None:
    """The names that the server gives exist in the viewer's own list of hanging protocols."""
    known = set(re.findall(r"protocol\(\s*'([a-z-]+)'", (STATIC / "hanging.js").read_text("utf-8")))
    asked = set(re.findall(r'"overread\.([a-z-]+)"', Path(document.__file__).read_text("utf-8")))
    assert asked
    assert asked <= known


def test_the_configuration_cannot_break_out_of_its_script() -> None:
    """Text from a study's description stays a value: no tag survives in app-config.js, and it is whole JSON."""
    script = document.config_script(ViewerRead("r", "c", (HEAD, PRIOR)))
    assert "</script" not in script
    value = json.loads(script.removeprefix("window.overread=").removesuffix(";\n"))
    assert value["studies"][1]["words"] == PRIOR.words
    assert value["dicomweb"] == "/read/r/dicomweb"


def test_the_policy_allows_no_inline_script_and_no_other_host() -> None:
    """Scripts come from files of this host only; nothing is fetched from elsewhere; only our own pages may frame it."""
    policy = document.headers()["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert not re.search(r"https?:|\*", policy)


@needs_build
def test_the_page_has_no_inline_script_and_names_nobody() -> None:
    """The page holds only addresses of files; each exists."""
    content = document.page(str(uuid4()))
    assert re.findall(r"<script[^>]*>([^<]*)</script>", content) == ["", "", ""]
    names = re.findall(r'"/static/(ohif|viewer)/([^"]+)"', content)
    assert len(names) == 4
    for folder, name in names:
        assert (STATIC.parent / folder / name).is_file()


@needs_build
def test_the_built_viewer_points_to_its_own_place() -> None:
    """The prebuilt application was re-based: no script asks the host's root for its parts, and its licences are there."""
    built = document.BUILT.parent
    for path in built.glob("*.js"):
        assert '__webpack_require__.p = "/"' not in path.read_text("utf-8")
    for path in built.glob("*.css"):
        assert not re.search(r"url\(['\"]?/(?!static/ohif/)", path.read_text("utf-8"))
    assert not (built / "ort").exists()
    assert not list(built.rglob("*.map"))
    assert "MIT" in (built / "NOTICE.txt").read_text("utf-8")


def test_a_missing_build_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the prebuilt application the page says which command makes it."""
    document._entry.cache_clear()
    monkeypatch.setattr(document, "BUILT", tmp_path / "build.json")
    with pytest.raises(document.NotBuilt, match="build_tools"):
        document.page("r")
    document._entry.cache_clear()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, tuple[UUID, ViewerRead]]:
    """Reads by id, with the person who may open them."""
    found: dict[UUID, tuple[UUID, ViewerRead]] = {}

    def find(read_id: UUID, person_id: UUID) -> ViewerRead | None:
        holder, read = found.get(read_id, (None, None))
        return read if holder == person_id else None

    monkeypatch.setattr(pages, "find_read", find)
    return found


@needs_build
@pytest.mark.django_db
def test_only_the_reader_of_a_read_gets_its_viewer(reads: dict[UUID, tuple[UUID, ViewerRead]]) -> None:
    """The page, its script and its JSON are for the person whose read it is; another reader gets 404, nobody a sign-in."""
    reader, other = make_person("radiologist"), make_person("radiologist")
    read_id = uuid4()
    reads[read_id] = (reader.id, ViewerRead(str(read_id), "c", (HEAD,)))
    for name in ("", "read", "app-config.js", "config.json"):
        address = f"/read/{read_id}/viewer/{name}"
        assert Client().get(address).status_code == 302
        browser = Client()
        sign_in(browser, other.id)
        assert browser.get(address).status_code == 404
        browser = Client()
        sign_in(browser, reader.id)
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        if name in ("", "read"):
            assert answer.headers["Content-Security-Policy"] == document.headers()["Content-Security-Policy"]
        assert browser.post(address).status_code in (403, 405)

"""Put the prebuilt OHIF viewer into the package: `python -m build_tools.viewer`.

Fetches `@ohif/app` with `npm pack` (one archive, no npm install, no dependency script), refuses it unless its SHA-512
is the one below, leaves out what we do not use (AI runtime, microscopy, source maps, service worker, OpenID client),
re-bases its absolute addresses to /static/ohif/ and writes the result with its notices to
src/overread/edge/viewer/static/ohif/. A second run with an unchanged recipe ends at once. Source: DESIGN.md 3, viewer.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PACKAGE = "@ohif/app"
VERSION = "3.13.2"
SHA512 = "WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
BASE = "/static/ohif/"
TARGET = Path(__file__).resolve().parents[1] / "src/overread/edge/viewer/static/ohif"
STAMP = "build.json"
RECIPE = 3  # raise it when the steps below change, so that an older result is made again

LEFT_OUT_FOLDERS = ("ort", "dicom-microscopy-viewer", "customizations", "assets")
LEFT_OUT_FILES = (
    "_headers",
    "_redirects",
    "app-config.js",
    "es6-shim.min.js",
    "google.js",
    "index.html",
    "init-service-worker.js",
    "manifest.json",
    "oidc-client.min.js",
    "polyfill.min.js",
    "serve.json",
    "silent-refresh.html",
    "sw.js",
)
KEPT_ASSETS = ("assets/images",)
PUBLIC_PATH = '__webpack_require__.p = "/"'
FILES_WITH_PUBLIC_PATH = 8  # counted in 3.13.2: the application and its worker bundles


class BuildError(Exception):
    """The viewer could not be built; the message says why and what to do."""


def build(target: Path = TARGET, archive: Path | None = None) -> bool:
    """Make the viewer's folder, unless it is there already.

    Args:
        target: the folder to write; replaced as a whole.
        archive: a package archive already at hand; without it `npm pack` fetches one.

    Returns:
        True if it was made now, False if it was there.

    Raises:
        BuildError: no npm, another archive than the pinned one, or a layout that the recipe does not know.
    """
    if _is_current(target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".ohif-", dir=target.parent) as scratch:
        work = Path(scratch)
        packed = archive or _fetch(work)
        _check(packed)
        made = work / "ohif"
        made.mkdir()
        licence, manifest = _unpack(packed, made)
        _rebase(made)
        _write_notice(made, licence, manifest)
        _write_stamp(made)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    return True


def _is_current(target: Path) -> bool:
    try:
        stamp = json.loads((target / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(stamp.get("version") == VERSION and stamp.get("recipe") == RECIPE and stamp.get("base") == BASE)


def _fetch(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError(
            "npm was not found. It fetches the viewer once, when the product is built from source: install Node.js with "
            "npm (Debian: apt-get install npm) and run this again. An installed wheel does not need it."
        )
    name = f"{PACKAGE}@{VERSION}"
    done = subprocess.run(
        [npm, "pack", name, "--ignore-scripts", "--silent", "--pack-destination", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = sorted(folder.glob("*.tgz"))
    if done.returncode or len(found) != 1:
        raise BuildError(f"npm could not fetch {name} (exit {done.returncode}): {done.stderr.strip()[-400:]}")
    return found[0]


def _check(packed: Path) -> None:
    digest = hashlib.sha512(packed.read_bytes()).digest()
    found = base64.b64encode(digest).decode("ascii")
    if found != SHA512:
        raise BuildError(f"{PACKAGE} {VERSION} is not the archive that was reviewed: SHA-512 {found}, wanted {SHA512}.")


def _unpack(packed: Path, made: Path) -> tuple[str, dict[str, object]]:
    """Write the kept files of dist/ and return the licence text and the package's manifest."""
    texts = {"package/LICENSE": "", "package/package.json": "{}"}
    with tarfile.open(packed) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            path = PurePosixPath(member.name)
            if member.name in texts:
                texts[member.name] = stream.read().decode("utf-8")
            elif path.parts[:2] == ("package", "dist") and _is_kept(PurePosixPath(*path.parts[2:])):
                out = made.joinpath(*path.parts[2:])
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_bytes(stream.read())
    return texts["package/LICENSE"], json.loads(texts["package/package.json"])


def _is_kept(path: PurePosixPath) -> bool:
    if ".." in path.parts or path.suffix == ".map":
        return False
    if any(path.is_relative_to(kept) for kept in KEPT_ASSETS):
        return True
    return path.parts[0] not in LEFT_OUT_FOLDERS and str(path) not in LEFT_OUT_FILES


def _rebase(made: Path) -> None:
    """Point every absolute address of the bundle at BASE (the bundle was built for the root of a host)."""
    patched = 0
    for path in made.glob("*.js"):
        text = path.read_text("utf-8")
        if PUBLIC_PATH in text:
            patched += 1
            path.write_text(text.replace(PUBLIC_PATH, f'__webpack_require__.p = "{BASE}"'), "utf-8")
    if patched != FILES_WITH_PUBLIC_PATH:
        raise BuildError(f"expected {FILES_WITH_PUBLIC_PATH} files with a webpack public path, found {patched}.")
    for path in made.glob("*.css"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"url\((['\"]?)/(?!/)", rf"url(\1{BASE}", text), "utf-8")


def _write_notice(made: Path, licence: str, manifest: dict[str, object]) -> None:
    """Collect the licence, the declared dependencies and every preserved licence comment of the bundle."""
    declared = manifest.get("dependencies")
    versions = declared if isinstance(declared, dict) else {}
    names = set(versions)
    comments: list[str] = []
    for path in sorted(made.glob("*.js")):
        text = path.read_text("utf-8")
        names.update(re.findall(r"node_modules/((?:@[\w.-]+/)?[\w][\w.-]*)", text))
        comments.extend(_licence_comments(text))
    lines = [
        f"{PACKAGE} {VERSION}, as published, without the parts named in build_tools/viewer.py; addresses re-based.",
        "",
        licence.strip(),
        "",
        "Packages that the bundle names (version where the manifest declares one):",
        *(f"  {name} {versions.get(name, '')}".rstrip() for name in sorted(names)),
        "",
        "Licence notices kept in the bundle:",
        "",
        *dict.fromkeys(comments),
    ]
    (made / "NOTICE.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _licence_comments(text: str) -> Iterator[str]:
    for found in re.finditer(r"/\*[\s\S]{0,6000}?\*/", text):
        comment = found.group()
        if re.search(r"@license|@preserve|copyright|licen[cs]ed under", comment, re.IGNORECASE):
            yield comment + "\n"


def _write_stamp(made: Path) -> None:
    """Write what the viewer's page must know: the entry script and style, whose names carry a content hash."""
    scripts = sorted(made.glob("app.bundle.*.js"))
    styles = sorted(made.glob("app.bundle*.css"))
    if len(scripts) != 1 or len(styles) != 1:
        raise BuildError("the bundle's entry script or style was not found; the package's layout has changed.")
    stamp = {"version": VERSION, "recipe": RECIPE, "base": BASE, "script": scripts[0].name, "style": styles[0].name}
    (made / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m build_tools.viewer", description="Build the viewer's static files."
    )
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to write (default: inside the package)")
    parser.add_argument("--archive", type=Path, help="a package archive already fetched, instead of npm pack")
    chosen = parser.parse_args(arguments)
    try:
        made = build(chosen.target, chosen.archive)
    except BuildError as problem:
        print(f"viewer: {problem}", file=sys.stderr)
        return 1
    print(f"viewer: {PACKAGE} {VERSION} {'written' if made else 'is there already'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Check the system libraries and programs, install the absent ones where that is permitted, else say how.

Run: `python -m build_tools.system_packages runtime|test [--check]`
`runtime` is what an installation needs (Pango and a font, for PDF); `test` adds what only tests use.
Exit code 0 always, except for a wrong argument: what needs an absent tool says so itself (a test: NOT RUN).
"""

import argparse
import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """One thing the machine should offer: what for, how it is found, and Debian's packages that bring it."""

    name: str
    purpose: str
    present: Callable[[], bool]
    debian: tuple[str, ...]
    test_only: bool = True


def _library(name: str) -> Callable[[], bool]:
    return lambda: ctypes.util.find_library(name) is not None


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def postgres_bin() -> Path | None:
    """The folder with `initdb` and `postgres`: on the PATH, else the newest of Debian's; None when there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def _font(pattern: str) -> Callable[[], bool]:
    """Whether a font file of that name lies where fontconfig looks."""
    roots = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts", Path("/Library/Fonts")]
    return lambda: any(next(root.rglob(pattern), None) for root in roots if root.is_dir())


NEEDS = (
    Need("Pango", "PDF of reports", _library("pangoft2-1.0"), ("libpango-1.0-0", "libpangoft2-1.0-0"), False),
    Need("HarfBuzz subset", "small PDF files", _library("harfbuzz-subset"), ("libharfbuzz-subset0",), False),
    Need("DejaVu fonts", "PDF of reports", _font("DejaVuSans.*"), ("fonts-dejavu-core",), False),
    Need("Liberation fonts", "PDF of reports", _font("LiberationSans-Regular.*"), ("fonts-liberation",), False),
    Need("Chromium", "tests of pages in a browser", _program("chromium", "chromium-browser"), ("chromium",)),
    Need("DCMTK", "tests against another DICOM implementation", _program("storescu"), ("dcmtk",)),
    Need("PostgreSQL", "tests on PostgreSQL", lambda: postgres_bin() is not None, ("postgresql",)),
    Need("Poppler", "tests that read PDF files", _program("pdftotext"), ("poppler-utils",)),
)


def _apt_command(packages: list[str]) -> list[str]:
    return ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]


def _privilege() -> list[str] | None:
    """The words to put before apt-get, or None when this user may not install."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def _install(packages: list[str]) -> None:
    before = _privilege()
    if before is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "env": env, "check": False}
    print(f"system: installing {' '.join(packages)}", flush=True)
    install = [*before, *_apt_command(packages)]
    if subprocess.run(install, stderr=subprocess.DEVNULL, **quiet).returncode:  # type: ignore[call-overload]
        subprocess.run([*before, "apt-get", "update", "-q"], **quiet)  # type: ignore[call-overload]
        subprocess.run(install, **quiet)  # type: ignore[call-overload]


def main() -> None:
    """Check, install what is permitted, and name what is still absent in one command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["runtime", "test"])
    parser.add_argument("--check", action="store_true", help="only say what is absent; install nothing")
    options = parser.parse_args()
    needs = [need for need in NEEDS if options.what == "test" or not need.test_only]
    absent = [need for need in needs if not need.present()]
    if absent and not options.check:
        _install([package for need in absent for package in need.debian])
        absent = [need for need in absent if not need.present()]
    if not absent:
        print(f"system: all {len(needs)} system libraries and programs are present")
        return
    for need in absent:
        print(f"system: absent: {need.name} ({need.purpose})")
    packages = [package for need in absent for package in need.debian]
    print(f"system: to add them, run: sudo {' '.join(_apt_command(packages))}")


if __name__ == "__main__":
    main()

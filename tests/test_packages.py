"""The locks: few packages, each pinned by hash, no host named, licences that let a provider run the product."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
LOCKS = ("runtime.txt", "dev.txt", "uv.txt")
MOST_RUNTIME_PACKAGES = 95
# Copyleft that would reach the product's own code. LGPL and MPL bind the library only.
REFUSED = re.compile(r"AGPL|Affero|(?<![Ll])\bGPL|(?<!Lesser )General Public License", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser General Public|Library General Public", re.IGNORECASE)


def _lines(lock: str) -> list[str]:
    """One logical line per package: continuation lines are joined."""
    return (REQUIREMENTS / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def _names(lock: str) -> set[str]:
    return {line.split("==")[0].split("[")[0].strip() for line in _lines(lock) if "==" in line}


def _licence(package: str) -> str:
    """All that a package says of its licence: the expression, the classifiers, else the first line of the field."""
    told = metadata(package)
    classifiers = [c for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    expression = told.get("License-Expression") or ""
    free_text = (told.get("License") or "").strip().splitlines()[:1]
    return "; ".join([expression, *classifiers] if expression or classifiers else free_text)


def _is_refused(licence: str) -> bool:
    """Whether every choice that the licence offers is GPL or AGPL."""
    choices = [choice for choice in re.split(r"\bOR\b|;", licence) if choice.strip()]
    return bool(choices) and all(REFUSED.search(choice) and not LESSER.search(choice) for choice in choices)


def test_the_product_needs_few_packages() -> None:
    """The runtime lock, extras included, names at most 95 packages."""
    assert 30 < len(_names("runtime.txt")) <= MOST_RUNTIME_PACKAGES


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    """Each line of a lock names one version and the SHA-256 of every file of it."""
    loose = [
        line for line in _lines(lock) if line.strip() and not re.search(r"^\S+==\S+.*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock: str) -> None:
    """A lock names no index and no address, so it works wherever the installer is set up."""
    text = (REQUIREMENTS / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host", text)


def test_the_development_lock_agrees_with_the_runtime_lock() -> None:
    """What is tested is what is installed: every runtime line stands unchanged in the development lock."""
    assert set(_lines("runtime.txt")) <= set(_lines("dev.txt"))


def test_no_runtime_package_is_under_gpl_or_agpl_alone() -> None:
    """Every runtime package that is installed offers a licence other than GPL and AGPL, and says which."""
    refused, silent = [], []
    for package in sorted(_names("runtime.txt")):
        try:
            licence = _licence(package)
        except PackageNotFoundError:  # a marker left it out on this machine
            continue
        if not licence:
            silent.append(package)
        if _is_refused(licence):
            refused.append(f"{package}: {licence}")
    assert (refused, silent) == ([], [])


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("LGPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", False),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MPL-2.0", False),
    ],
)
def test_the_licence_check_knows_what_it_refuses(licence: str, refused: bool) -> None:
    """GPL and AGPL alone are refused; LGPL, MPL and a choice with another licence are not."""
    assert _is_refused(licence) is refused

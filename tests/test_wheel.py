"""What is shipped: the wheel holds all that the product needs when it runs, and nothing of the tests."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "overread"
VIEWER = SOURCE / "edge" / "viewer" / "static" / "ohif"
LEFT_BEHIND = {"tests", "__pycache__", ".pytest_cache"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel that is built here, offline, with the locked builder."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def _tracked() -> set[str]:
    """Every file of the product that git knows, as it is named in the wheel."""
    git = shutil.which("git") or pytest.skip("NOT RUN: git is absent")
    listed = subprocess.run([git, "ls-files", "src/overread"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode or not listed.stdout:
        pytest.skip("NOT RUN: this is not a git checkout")
    files = (line.removeprefix("src/") for line in listed.stdout.splitlines() if (ROOT / line).exists())
    return {file for file in files if not LEFT_BEHIND.intersection(file.split("/"))}


def test_the_wheel_holds_every_file_of_the_product(shipped: set[str]) -> None:
    """Modules, migrations, templates, styles, scripts and tables are all shipped."""
    assert sorted(_tracked() - shipped) == []


def test_the_wheel_holds_no_tests(shipped: set[str]) -> None:
    """No test, and no made-up patient of a test, reaches an installation."""
    assert sorted(name for name in shipped if LEFT_BEHIND.intersection(name.split("/"))) == []


def test_the_wheel_holds_the_viewer(shipped: set[str]) -> None:
    """The image viewer is shipped inside, so that an installation needs no npm."""
    if not (VIEWER / "build.json").exists():
        pytest.skip("NOT RUN: the viewer has not been built here")
    built = {f"overread/{p.relative_to(SOURCE)}" for p in VIEWER.rglob("*") if p.is_file() and p.name[0] != "."}
    assert len(built) > 50
    assert sorted(built - shipped) == []


def test_the_command_is_installed_by_name(shipped: set[str]) -> None:
    """The wheel brings its licence and the command `overread`."""
    names = {name.rpartition("/")[2] for name in shipped if ".dist-info/" in name}
    assert {"entry_points.txt", "LICENSE", "METADATA"} <= names

"""Starts of the demonstration that go wrong, as a newcomer meets them: stopped half-way, started twice, told to end."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from overread.site.command_error import CommandError
from overread.site.demo import run
from tests.room.service import free_port

pytestmark = pytest.mark.slow


def _started(folder: Path) -> "subprocess.Popen[str]":
    places = ["--http", f"127.0.0.1:{free_port()}", "--dicom", f"127.0.0.1:{free_port()}"]
    command = [sys.executable, "-m", "overread.site.cli", "demo", "--data", str(folder), *places]
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean)


def _until(stream: IO[str] | None, words: str) -> str:
    assert stream is not None
    seen = ""
    for line in stream:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"it never said {words!r}:\n{seen}")


def _ended(process: "subprocess.Popen[str]") -> int:
    """Told to end as a service manager does it; its code."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return process.returncode


def test_a_first_start_that_was_stopped_begins_again(tmp_path: Path) -> None:
    """Stopped while people are made, the next start says so and begins anew; one beside it is told to wait."""
    folder = tmp_path / "demo"
    first = _started(folder)
    _until(first.stdout, "2 of 5")
    assert _ended(first) == 0, "it ends as by Ctrl C"
    second = _started(folder)
    assert "beginning again" in _until(second.stdout, "2 of 5")
    third = _started(folder)
    said, _ = third.communicate(timeout=60)
    assert "is being made" in said
    assert third.returncode != 0
    assert _ended(second) == 0


def test_the_service_tells_in_its_own_words_why_it_did_not_start(tmp_path: Path) -> None:
    """Of its log, made for machines, the last line for people is shown."""
    (tmp_path / "demo.log").write_text(
        '{"event": "x"}\noverread up: Overread is running on D already.\n\n{"event": "y"}\n'
    )
    assert run._last_words(tmp_path) == "Overread is running on D already."
    (tmp_path / "demo.log").write_text('{"event": "x"}\n')
    assert run._last_words(tmp_path) == ""


def test_a_real_installation_is_never_taken_for_a_demonstration(tmp_path: Path) -> None:
    """A folder with secrets and without the mark of a demonstration is refused, and nothing in it is touched."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / run.UNFINISHED).touch()
    with pytest.raises(CommandError, match="real installation"):
        run._prepare(tmp_path, "http://localhost:1")
    assert (tmp_path / "secrets").exists()

"""The ground under the tests: the installer, the database that the tests run on, and how NOT RUN is counted."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from django.conf import settings
from django.db import connection

from build_tools import checks, install, newest_python


def test_pips_index_is_handed_to_uv() -> None:
    """uv asks the index that the machine's pip is configured with, and trusts the same certificate."""
    configured = {"index-url": "https://index.example/simple", "cert": "/certs/ca.pem"}
    env = install.uv_environment(configured, {"PATH": "/bin"})
    assert (env["UV_DEFAULT_INDEX"], env["SSL_CERT_FILE"]) == ("https://index.example/simple", "/certs/ca.pem")
    assert env["PATH"] == "/bin"


def test_settings_of_uv_itself_win_over_pips() -> None:
    """Whoever has configured uv is not overruled by pip's configuration."""
    env = install.uv_environment({"index-url": "https://pip.example"}, {"UV_DEFAULT_INDEX": "https://uv.example"})
    assert env["UV_DEFAULT_INDEX"] == "https://uv.example"


def test_folders_are_not_taken_for_indexes() -> None:
    """Of pip's extra indexes only those with a web address are handed on; every file is pinned by hash anyway."""
    extra = "file:///wheels/simple https://more.example/simple"
    env = install.uv_environment({"extra-index-url": extra}, {})
    assert env["UV_INDEX"] == "https://more.example/simple"
    assert "UV_INDEX" not in install.uv_environment({"extra-index-url": "file:///wheels/simple"}, {})


@pytest.mark.django_db
def test_sqlite_runs_as_in_production() -> None:
    """The tests' SQLite is a file of the run's own with a write-ahead log and full synchronisation."""
    if connection.vendor != "sqlite":
        assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
        return
    with connection.cursor() as cursor:
        answers = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert answers == ["wal", 2]
    assert Path(connection.settings_dict["NAME"]).parent == Path(settings.STATIC_ROOT).parent


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_binds_the_application_by_row_security() -> None:
    """On PostgreSQL the tests' role is no superuser and not exempt from row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("overread", False, False)


def test_a_missing_tool_is_said_and_not_passed_over(
    program: Callable[..., str], not_run: Callable[[str], NoReturn]
) -> None:
    """A test that needs an absent program ends as NOT RUN, never as passed."""
    with pytest.raises(pytest.skip.Exception, match="NOT RUN: no-such-program is absent"):
        program("no-such-program")
    with pytest.raises(pytest.skip.Exception, match="NOT RUN: no scanner"):
        not_run("no scanner")


def test_the_summary_counts_what_did_not_run(tmp_path: Path) -> None:
    """Reasons of both runs of the tests are added up."""
    (tmp_path / "tests-sqlite.json").write_text('{"not_run": {"NOT RUN: dcmtk": 2}}', encoding="utf-8")
    (tmp_path / "tests-postgres.json").write_text('{"not_run": {"NOT RUN: dcmtk": 1}}', encoding="utf-8")
    assert checks._tests_not_run(tmp_path) == Counter({"NOT RUN: dcmtk": 3})


def test_a_launcher_without_its_python_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests on Python 3.13 say NOT RUN where only a launcher of that name stands, and run where the Python works."""
    launcher = tmp_path / f"python{newest_python.VERSION}"
    launcher.write_text("#!/bin/sh\nexit 127\n", encoding="ascii")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    assert newest_python.find() == ""
    launcher.write_text(f"#!/bin/sh\necho {newest_python.VERSION}\n", encoding="ascii")
    assert newest_python.find() == launcher.name

"""The provider's own thresholds.toml: taken at the start, refused when not safe, and told to the ledger once.

Not covered here: the checks of each key (foundation/thresholds/tests/test_rules.py).
"""

import subprocess
import sys
from pathlib import Path

import pytest

from overread.foundation.ledger import queries as ledger
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current
from overread.foundation.thresholds.rules import Refused
from overread.site import doctor, thresholds, wiring
from tests.world import join_house

DECISION = """edition = 1
[escalation.critical]
value = 30
why = "Our clients asked for half an hour"
owner = "clinical_lead"
review_by = 2027-03-01
decided_on = 2026-01-05
"""


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    join_house()
    monkeypatch.setattr(current, "_decided", None)


def _decide(folder: Path, text: str = DECISION) -> None:
    (folder / "thresholds.toml").write_text(text, encoding="utf-8")


def _recorded() -> list[dict[str, object]]:
    with open_scope(Scope.provider(), opened_by="test"):
        return [dict(entry.facts) for entry in ledger.entries_about(*thresholds.SUBJECT, None)]


def test_a_decision_acts_from_the_start_of_a_process(tmp_path: Path) -> None:
    """Once the file is taken, every caller gets the provider's number; without a file the default holds."""
    thresholds.take(tmp_path)
    assert current.words("escalation.critical") == "60 minutes"
    _decide(tmp_path)
    thresholds.take(tmp_path)
    assert current.words("escalation.critical") == "30 minutes"


def test_a_process_does_not_start_with_thresholds_that_are_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alert put off for 30 days stops the start with words that name the key, before anything else is joined."""
    _decide(tmp_path, DECISION.replace("= 30", "= 43200"))
    monkeypatch.setattr(wiring.config, "data_dir", lambda: tmp_path)
    for part in ("allow_openers", "register_clients", "_duties", "_deadlines", "on", "menu", "panels"):
        monkeypatch.setattr(wiring, part, _not_reached)
    with pytest.raises(Refused, match=r"escalation\.critical\.value: 43200 is not safe; it may be 5 to 60 minutes"):
        wiring.wire()


def _not_reached(*_: object) -> None:
    raise AssertionError("joined before the thresholds were looked at")


def test_the_doctor_names_a_file_that_is_not_safe(tmp_path: Path) -> None:
    """A malformed file, and one that was changed but does not act yet, are findings with what to do."""
    assert doctor._thresholds(tmp_path).well
    _decide(tmp_path)
    assert "start the processes again" in doctor._thresholds(tmp_path).do
    assert not doctor._thresholds(tmp_path).well
    thresholds.take(tmp_path)
    assert doctor._thresholds(tmp_path).well
    _decide(tmp_path, "edition = ")
    assert "thresholds.toml: is not TOML" in doctor._thresholds(tmp_path).do
    assert not doctor._thresholds(tmp_path).well


@pytest.mark.django_db
def test_the_ledger_is_told_once_which_thresholds_act(tmp_path: Path) -> None:
    """The hash and the names of decided values are recorded when they differ from the last ones, and not again."""
    assert thresholds.record_if_new()
    assert not thresholds.record_if_new()
    _decide(tmp_path)
    thresholds.take(tmp_path)
    assert thresholds.record_if_new()
    assert not thresholds.record_if_new()
    current.use(current.packaged())
    assert thresholds.record_if_new()
    first, second, third = _recorded()
    assert (first["changed"], second["changed"], third["changed"]) == ("", "escalation.critical", "")
    assert first["sha256"] == third["sha256"] == current.packaged().sha256 != second["sha256"]


def test_the_supervisor_does_not_start_on_thresholds_that_are_not_safe(tmp_path: Path) -> None:
    """`overread up` names the key and ends, before it makes tables or starts a child that would be refused for ever."""
    (tmp_path / "secrets").mkdir()
    for name in ("django", "factors"):
        (tmp_path / "secrets" / name).write_text("x" * 50, encoding="utf-8")
        (tmp_path / "secrets" / name).chmod(0o600)
    _decide(tmp_path, DECISION.replace("= 30", "= 43200"))
    command = [sys.executable, "-m", "overread", "up", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "escalation.critical.value: 43200 is not safe" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob("*.sqlite3"))

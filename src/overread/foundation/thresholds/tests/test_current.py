"""The thresholds that act in a process: the packaged file, the provider's file over it, and overrides of tests."""

from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import pytest

from overread.foundation.accounts.rules import Role
from overread.foundation.thresholds import current, rules
from overread.foundation.thresholds.rules import Refused

TODAY = date(2026, 11, 24)
DECISION = """
edition = 1
[allocation.lease]
value = 10
why = "Slow lines in the north"
owner = "clinical_lead"
review_by = 2027-03-01
decided_on = 2026-11-01
"""


def test_the_packaged_file_is_whole() -> None:
    """The file that comes with the program passes its own checks and bounds every number from both sides."""
    found = current.packaged().thresholds
    assert len(found) > 100
    assert [one.name for one in found.values() if one.at_least is None or one.at_most is None] == []
    assert current.packaged().changed == ()


def test_owners_are_roles_that_people_hold() -> None:
    """Each owner in the file is a role of the program, so a person can be found for every threshold."""
    assert set(rules.OWNERS) <= {str(role) for role in Role}


def test_numbers_are_asked_by_name() -> None:
    """A caller gets a number, a whole number, a length of time, or words; a wrong name or kind is an error."""
    assert current.value("allocation.lease") == 5
    assert current.whole("escalation.wrong_codes") == 5
    assert current.duration("allocation.lease") == timedelta(minutes=5)
    assert current.words("escalation.critical") == "60 minutes"
    with pytest.raises(KeyError):
        current.value("allocation.leese")
    with pytest.raises(TypeError):
        current.whole("referral.same_name")
    with pytest.raises(TypeError):
        current.duration("policy.review")


def test_an_area_is_told_in_the_order_of_the_file() -> None:
    """Registers ask for all numbers of their area."""
    reminders = [one.value for one in current.of_area("policy") if "reminder" in one.name]
    assert reminders == [90, 60, 30, 7]


def test_an_override_ends_and_stays_in_its_thread() -> None:
    """A test's other number is gone after it, and no other thread ever sees it."""
    seen: list[float] = []
    with current.overridden({"allocation.lease": 1}):
        other = Thread(target=lambda: seen.append(current.value("allocation.lease")))
        other.start()
        other.join()
        assert current.duration("allocation.lease") == timedelta(minutes=1)
        assert current.edition().sha256 != current.packaged().sha256
    assert seen == [5]
    assert current.value("allocation.lease") == 5


def test_a_provider_without_a_file_takes_the_defaults(tmp_path: Path) -> None:
    """Nobody has to write a file."""
    assert current.with_decisions(tmp_path / "thresholds.toml", TODAY) is current.packaged()


def test_a_provider_s_file_acts_once_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decided value reaches the callers, its name is known, and the hash is another."""
    path = tmp_path / "thresholds.toml"
    path.write_text(DECISION, encoding="utf-8")
    edition = current.with_decisions(path, TODAY)
    monkeypatch.setattr(current, "_decided", None)
    current.use(edition)
    assert current.duration("allocation.lease") == timedelta(minutes=10)
    assert edition.changed == ("allocation.lease",)
    assert edition.sha256 != current.packaged().sha256


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"edition = ", "thresholds.toml: is not TOML"),
        (b"\xff\xfe", "thresholds.toml: cannot be read: UnicodeDecodeError"),
        (DECISION.replace("10", "9999").encode(), "allocation.lease.value: 9999 is not safe"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: bytes, words: str) -> None:
    """A file that is no TOML, no text, or not safe never acts."""
    path = tmp_path / "thresholds.toml"
    path.write_bytes(text)
    with pytest.raises(Refused, match=words):
        current.with_decisions(path, TODAY)


def test_an_alert_cannot_be_put_off_for_a_month(tmp_path: Path) -> None:
    """No provider gives a critical finding, or a rung of its ladder, thirty days (H07)."""
    for name, minutes in (("escalation.critical", 43_200), ("agreement.longest_rung", 43_200)):
        path = tmp_path / f"{name}.toml"
        path.write_text(DECISION.replace("allocation.lease", name).replace("= 10", f"= {minutes}"), encoding="utf-8")
        with pytest.raises(Refused, match=f"{name}.value: 43200 is not safe"):
            current.with_decisions(path, TODAY)

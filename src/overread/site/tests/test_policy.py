"""The pages of thresholds say what acts, and the critical-results policy is printed from the same numbers (REQ-151)."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.thresholds import current
from tests.world import World, world

__all__ = ["world"]
DECISION = """edition = 1
[escalation.critical]
value = 30
why = "Our clients asked for half an hour"
owner = "clinical_lead"
review_by = 2027-03-01
decided_on = 2026-01-05
"""


@pytest.fixture
def decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider who gives a critical finding half an hour."""
    (tmp_path / "thresholds.toml").write_text(DECISION, encoding="utf-8")
    edition = current.with_decisions(tmp_path / "thresholds.toml", date(2026, 11, 24))
    monkeypatch.setattr(current, "_decided", edition)


def _page(world: World, name: str, address: str) -> tuple[int, str]:
    client = Client()
    sign_in(client, world.people[name].id)
    answer = client.get(address)
    return answer.status_code, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_every_threshold_is_on_the_page(world: World) -> None:
    """Each number of policy is shown with its name, its value and its source; nothing is hidden."""
    status, text = _page(world, "manager", "/thresholds/")
    assert status == 200
    for one in current.packaged().thresholds.values():
        assert one.name in text
        assert one.words.replace("'", "&#x27;") in text
    assert "Decided by us Nothing." in text


@pytest.mark.usefixtures("decided")
def test_what_the_provider_decided_is_marked(world: World) -> None:
    """A value of the provider's own stands first, beside what it came as, with reason and day."""
    _, text = _page(world, "reader", "/thresholds/")
    assert "1 decided by us" in text
    assert re.search(r"escalation\.critical 30 minutes 60 minutes Our clients asked for half an hour 0?5 Jan", text)


@pytest.mark.parametrize("name", ["north", "north_admin", "outsider"])
def test_people_of_a_client_do_not_see_the_provider_s_thresholds(world: World, name: str) -> None:
    """The numbers of policy are for those who work for the provider."""
    assert _page(world, name, "/thresholds/")[0] == 403
    assert _page(world, name, "/policies/critical-results/")[0] == 403


@pytest.mark.usefixtures("decided")
def test_the_critical_results_policy_says_what_the_program_does(world: World) -> None:
    """Document and behaviour cannot differ: the policy's times are those by which alerts are due now (REQ-151)."""
    _, text = _page(world, "manager", "/policies/critical-results/")
    assert "Critical: a life may hang on the next hour 30 minutes" in text
    with current.overridden({"escalation.cancer": 1, "escalation.wrong_codes": 4, "escalation.round_pause": 40}):
        _, other = _page(world, "manager", "/policies/critical-results/")
    assert "Cancer: new, or come back 1 working day " in other
    assert "after 4 wrong codes" in other
    assert "rests for 40 minutes" in other


def test_the_policy_promises_only_what_the_program_does(world: World) -> None:
    """Every number of alerts that acts is in the policy; one that is only written down for people is not."""
    _, text = _page(world, "manager", "/policies/critical-results/")
    for one in current.of_area("escalation"):
        assert (one.value_words in text) or not one.enforced, one.name
    assert "100%" not in text

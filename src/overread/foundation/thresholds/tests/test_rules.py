"""A file of thresholds is whole or refused, with every fault named; a provider stays within the safe range.

Not covered here: what each number does in its area, which the tests of that area cover.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from overread.foundation.thresholds import rules
from overread.foundation.thresholds.rules import Refused

TODAY = date(2026, 11, 24)
GOOD: dict[str, Any] = {
    "value": 5,
    "unit": "minutes",
    "words": "How long a claim holds",
    "source": "Chosen",
    "verified": False,
    "owner": "clinical_lead",
    "review_by": date(2027, 11, 30),
    "at_least": 2,
    "at_most": 60,
}
DECIDED: dict[str, Any] = {
    "value": 10,
    "why": "Slow lines in the north",
    "owner": "registered_manager",
    "review_by": date(2027, 3, 1),
    "decided_on": date(2026, 11, 1),
}


def _document(fields: Mapping[str, Any], name: str = "lease") -> dict[str, Any]:
    return {"edition": 1, "allocation": {name: dict(fields)}}


def _without(fields: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != key}


def test_a_good_document_is_read_with_types() -> None:
    """A threshold knows its value in words, its range, its owner, and its length of time."""
    lease = rules.read(_document(GOOD), "thresholds.toml")["allocation.lease"]
    assert (lease.value_words, lease.range_words, lease.owner_words) == (
        "5 minutes",
        "2 to 60 minutes",
        "Clinical lead",
    )
    assert lease.span() == timedelta(minutes=5)
    assert lease.enforced
    assert lease.change is None


@pytest.mark.parametrize("key", sorted(rules.NEEDED))
def test_each_missing_key_is_named(key: str) -> None:
    """A threshold without one of its keys is refused, and the refusal names the key."""
    with pytest.raises(Refused, match=f"allocation.lease.{key}: is missing"):
        rules.read(_document(_without(GOOD, key)), "thresholds.toml")


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("value", "5"),
        ("value", True),
        ("value", float("nan")),
        ("value", 5.5),
        ("unit", "fortnights"),
        ("unit", ["minutes"]),
        ("words", " "),
        ("source", 7),
        ("verified", "no"),
        ("owner", "the boss"),
        ("review_by", "2027-11-30"),
        ("at_least", "2"),
        ("at_most", None),
        ("enforced", 1),
        ("limit", 3),
    ],
)
def test_each_wrong_key_is_named(key: str, wrong: Any) -> None:
    """A value of a wrong type, an unknown unit or an unknown key is refused, and the refusal names the key."""
    with pytest.raises(Refused, match=f"allocation.lease.{key}: "):
        rules.read(_document({**GOOD, key: wrong}), "thresholds.toml")


def test_all_faults_are_told_at_once() -> None:
    """Who corrects a file sees every fault, not the first only."""
    document = {"edition": 0, "allocation": {"lease": _without(GOOD, "unit"), "Bad": GOOD, "soon": 3}, "stray": 1}
    with pytest.raises(Refused) as told:
        rules.read(document, "thresholds.toml")
    assert [fault.partition(":")[0] for fault in told.value.faults] == [
        "edition",
        "allocation.lease.unit",
        "allocation.Bad",
        "allocation.soon",
        "stray",
    ]


@pytest.mark.parametrize("value", [1, 61, -5])
def test_a_default_outside_its_own_range_is_refused(value: int) -> None:
    """The packaged file cannot contradict itself."""
    with pytest.raises(Refused, match=r"allocation.lease.value: .* is not safe; it may be 2 to 60 minutes"):
        rules.read(_document({**GOOD, "value": value}), "thresholds.toml")


def test_a_provider_decides_one_value() -> None:
    """The decision takes value, owner and review date; unit, source and range stay, and the default is still known."""
    base = rules.read(_document(GOOD), "thresholds.toml")
    lease = rules.overlaid(base, _document(DECIDED), "thresholds.toml", TODAY)["allocation.lease"]
    assert (lease.value, lease.owner, lease.review_by) == (10, "registered_manager", date(2027, 3, 1))
    assert (lease.unit, lease.source, lease.at_most) == ("minutes", "Chosen", 60)
    assert lease.change == rules.Change(5, "Slow lines in the north", date(2026, 11, 1))
    assert base["allocation.lease"].value == 5


@pytest.mark.parametrize("key", sorted(rules.DECIDED))
def test_a_decision_says_who_why_and_when(key: str) -> None:
    """A provider's value without owner, reason, day of decision or review date is refused."""
    base = rules.read(_document(GOOD), "thresholds.toml")
    with pytest.raises(Refused, match=f"allocation.lease.{key}: is missing"):
        rules.overlaid(base, _document(_without(DECIDED, key)), "thresholds.toml", TODAY)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (_document({**DECIDED, "value": 61}), "allocation.lease.value: 61 is not safe"),
        (_document({**DECIDED, "value": 1}), "allocation.lease.value: 1 is not safe"),
        (_document({**DECIDED, "at_most": 999}), "allocation.lease.at_most: is not a known key"),
        (_document(DECIDED, name="leese"), "allocation.leese: no threshold has this name"),
        (_document({**DECIDED, "decided_on": date(2026, 11, 25)}), "allocation.lease.decided_on: lies in the future"),
    ],
)
def test_a_decision_that_is_not_safe_is_refused(document: dict[str, Any], words: str) -> None:
    """No provider leaves the safe range, widens it, invents a name, or decides in the future."""
    base = rules.read(_document(GOOD), "thresholds.toml")
    with pytest.raises(Refused, match=words):
        rules.overlaid(base, document, "thresholds.toml", TODAY)


def test_a_span_needs_a_fixed_length() -> None:
    """Working days, months and years need a calendar, so they are never silently taken for days."""
    month = rules.read(_document({**GOOD, "unit": "months"}), "thresholds.toml")["allocation.lease"]
    with pytest.raises(TypeError, match="months"):
        month.span()


def test_the_review_date_itself_is_in_time() -> None:
    """A threshold is overdue from the day after its review date."""
    lease = rules.read(_document(GOOD), "thresholds.toml")["allocation.lease"]
    assert not lease.overdue(date(2027, 11, 30))
    assert lease.overdue(date(2027, 12, 1))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(1, "hours", "1 hour"), (95, "percent", "95%"), (0.92, "similarity", "0.92 of 1"), (5, "count", "5")],
)
def test_values_are_told_in_words(value: float, unit: str, words: str) -> None:
    """One hour is not one hours, and a percent sign stands close to its number."""
    assert rules.in_words(value, unit) == words


def test_the_hashed_text_tells_every_change_of_what_acts() -> None:
    """Value, owner, review date, day and reason of a decision each change the text that is hashed."""
    base = rules.read(_document(GOOD), "thresholds.toml")
    texts = {rules.canonical(base)}
    for key, other in (
        ("value", 11),
        ("owner", "ig_lead"),
        ("review_by", TODAY),
        ("decided_on", date(2026, 10, 1)),
        ("why", "Otherwise"),
    ):
        texts.add(rules.canonical(rules.overlaid(base, _document({**DECIDED, key: other}), "x", TODAY)))
    assert len(texts) == 6

"""Frameworks, periods and the canonical form, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.governance.inspection.rules import (
    EDITIONS,
    QUESTIONS,
    REGULATIONS,
    TOPICS,
    Held,
    canonical,
    period_of,
    plain,
    standing,
)
from overread.site import wiring

NOW = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)


def test_the_single_assessment_framework_has_its_thirty_four_statements() -> None:
    """34 statements: 8 safe, 6 effective, 5 caring, 7 responsive, 8 well-led, each with a topic or a reason (REQ-01)."""
    statements = EDITIONS["saf-34"].statements
    assert [sum(s.question == q for s in statements) for q in QUESTIONS] == [8, 6, 5, 7, 8]
    assert all(bool(s.topics) != bool(s.excused) for s in statements)


@pytest.mark.parametrize("key", sorted(EDITIONS))
def test_every_topic_speaks_to_a_statement_of_every_edition(key: str) -> None:
    """No evidence falls through a framework: each topic is named by a statement, and each name is a topic."""
    named = {t for s in EDITIONS[key].statements for t in s.topics}
    assert named == set(TOPICS)
    assert len({s.key for s in EDITIONS[key].statements}) == len(EDITIONS[key].statements)


def test_every_evidence_names_known_topics_and_regulations() -> None:
    """Each fact of the house speaks to at least one topic and one regulation of the tables (REQ-01)."""
    from overread.foundation.ledger.evidence import EVIDENCE

    assert len(EVIDENCE) >= len(wiring.EVIDENCE) > 0
    for fact in EVIDENCE.values():
        assert set() < set(fact.topics) <= set(TOPICS), fact.name
        assert set() < set(fact.regulations) <= set(REGULATIONS), fact.name


@pytest.mark.parametrize(
    ("excused", "held", "state"),
    [
        ("no patients", [], "idle"),
        ("", [], "urg"),
        ("", [Held(0, 0, None)], "urg"),
        ("", [Held(3, 0, NOW - timedelta(days=366))], "warn"),
        ("", [Held(3, 0, NOW - timedelta(days=365))], "ok"),
        ("", [Held(3, 1, NOW), Held(1, 0, NOW)], "warn"),
    ],
)
def test_a_statement_stands_by_its_evidence(excused: str, held: list[Held], state: str) -> None:
    """Nothing on record and evidence older than 12 months are gaps; what does not apply is none (REQ-01)."""
    found = standing(excused, held, NOW)
    assert (found.state, found.gap) == (state, state in {"urg", "warn"})


CELLS = st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.datetimes(timezones=st.just(UTC))


@given(st.dictionaries(st.text(), st.lists(CELLS)))
def test_the_canonical_form_does_not_depend_on_the_order_of_keys(content: dict[str, list[object]]) -> None:
    """The same facts give the same bytes."""
    there = {k: [plain(c) for c in v] for k, v in content.items()}
    back = dict(reversed(list(there.items())))
    assert canonical(there) == canonical(back)


def test_a_moment_is_written_in_utc_wherever_it_was_measured() -> None:
    """One moment has one text, and a cell of an unknown kind is refused."""
    from zoneinfo import ZoneInfo

    summer = datetime(2026, 7, 1, 12, 0, tzinfo=ZoneInfo("Europe/London"))
    assert plain(summer) == plain(summer.astimezone(UTC)) == "2026-07-01T11:00:00.000000Z"
    with pytest.raises(TypeError):
        plain(object())


def test_a_period_is_whole_days_of_the_united_kingdom() -> None:
    """From the first day's begin to the last day's end, in summer too; as at never lies ahead."""
    found = period_of({"from": "2026-06-01", "to": "2026-06-30", "as_at": "2027-01-01", "known_by": "2026-07-01"}, NOW)
    assert found.from_at == datetime(2026, 5, 31, 23, 0, tzinfo=UTC)
    assert found.to_at == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    assert found.as_at == NOW
    assert found.known_by == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
    assert found.faults == ()


@pytest.mark.parametrize(
    "asked", [{"from": "last week"}, {"to": "2026-13-01"}, {"from": "2026-06-02", "to": "2026-06-01"}, {"as_at": "T"}]
)
def test_a_period_that_cannot_be_read_says_so(asked: dict[str, str]) -> None:
    """Nothing is silently judged over another period than was asked for."""
    assert period_of(asked, NOW).faults


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_exact_moments_survive_the_command_line(day: date) -> None:
    """A moment as a pack prints it is read back as the same moment, so that a pack can be built again."""
    at = datetime(day.year, day.month, day.day, 5, 6, 7, 891, tzinfo=UTC)
    assert period_of({"as_at": plain(at)}, at + timedelta(days=1)).as_at == at

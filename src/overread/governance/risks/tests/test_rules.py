"""Scores and intervals of risks: pure."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.risks.rules import Level, Limits, grid, inherent, level, next_review, residual, score_faults

LIMITS = Limits(8, 15, {Level.HIGH: 1, Level.MEDIUM: 3, Level.LOW: 6})
ONE_TO_FIVE = st.integers(1, 5)


def _values(likelihood: int, impact: int, left_likelihood: int, left_impact: int) -> dict[str, object]:
    return {
        "likelihood": likelihood,
        "impact": impact,
        "residual_likelihood": left_likelihood,
        "residual_impact": left_impact,
        "reviewed_on": date(2026, 1, 31),
    }


def test_every_score_has_the_interval_of_the_requirement() -> None:
    """From 15 monthly, from 8 quarterly, below 8 half-yearly, at every boundary (REQ-05)."""
    expected = {7: Level.LOW, 8: Level.MEDIUM, 14: Level.MEDIUM, 15: Level.HIGH, 25: Level.HIGH, 1: Level.LOW}
    assert {score: level(score, LIMITS) for score in expected} == expected
    assert next_review(_values(5, 5, 3, 5), LIMITS) == date(2026, 2, 28)
    assert next_review(_values(5, 5, 2, 4), LIMITS) == date(2026, 4, 30)
    assert next_review(_values(5, 5, 1, 1), LIMITS) == date(2026, 7, 31)


@given(ONE_TO_FIVE, ONE_TO_FIVE, ONE_TO_FIVE, ONE_TO_FIVE)
def test_controls_never_make_a_risk_greater(a: int, b: int, c: int, d: int) -> None:
    """Either the score with controls is at most the score before, or the entry is refused at the column."""
    values = _values(a, b, c, d)
    if not score_faults(values):
        assert residual(values) <= inherent(values)
    assert set(score_faults(values)) == {
        n for n, worse in (("residual_likelihood", c > a), ("residual_impact", d > b)) if worse
    }


@given(ONE_TO_FIVE, ONE_TO_FIVE, ONE_TO_FIVE, ONE_TO_FIVE)
def test_a_greater_score_is_never_reviewed_later(a: int, b: int, c: int, d: int) -> None:
    """Of two risks reviewed on the same day the higher one is due no later."""
    one, other = _values(5, 5, a, b), _values(5, 5, c, d)
    if residual(one) >= residual(other):
        assert next_review(one, LIMITS) <= next_review(other, LIMITS)


@given(st.lists(st.tuples(ONE_TO_FIVE, ONE_TO_FIVE)))
def test_the_table_counts_every_risk_once(scores: list[tuple[int, int]]) -> None:
    """The 5 by 5 table holds each risk in exactly one field."""
    assert sum(count for _, cells in grid(scores, LIMITS) for count, _ in cells) == len(scores)

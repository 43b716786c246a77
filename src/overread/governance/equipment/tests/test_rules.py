"""Displays: what a measured test says, when tests are due, the daily look, and the gates that follow (REQ-60 to REQ-65)."""

import io
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from overread.governance.credentials.rules import Way, way
from overread.governance.equipment.formats import FIELDS, SIZE, field, pattern
from overread.governance.equipment.rules import (
    QUESTIONS,
    DeskFacts,
    DisplayAnswers,
    DisplayFacts,
    Limits,
    MeasureFacts,
    MeasureKind,
    Readings,
    Result,
    desk_reasons,
    digits_for,
    display_faults,
    due_dates,
    judged,
    visual_faults,
)

LIMITS = Limits(350, 170, 250, 10, 30, 2, 15, 60, timedelta(days=90), 12)
TODAY = date(2026, 11, 24)
GOOD = Readings(400, 1, 8, 20, 30)
TESTED = (MeasureFacts("acceptance", date(2026, 10, 1), "pass"),)
FINE = DisplayFacts("Larkview D340 S1", 3.1, TESTED)
NUMBERS = st.floats(0.1, 1000)
READINGS = st.builds(
    Readings, st.floats(1, 1000), st.floats(0.01, 5), st.floats(0, 50), st.floats(0, 60), st.floats(0, 200)
)


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, Result.GOOD),
        ({"lmax": 350.0}, Result.GOOD),
        ({"lmax": 349.9}, Result.REMEDY),
        ({"lmax": 170.0, "lmin": 0.5}, Result.REMEDY),
        ({"lmax": 169.9, "lmin": 0.5}, Result.WITHDRAWN),
        ({"lmin": 1.6}, Result.GOOD),
        ({"lmin": 1.61}, Result.REMEDY),
        ({"lmin": 0.0}, Result.REMEDY),
        ({"gsdf_error": 10.0}, Result.GOOD),
        ({"gsdf_error": 10.1}, Result.REMEDY),
        ({"uniformity": 30.0}, Result.GOOD),
        ({"uniformity": 30.1}, Result.REMEDY),
        ({"ambient_lux": 15.0}, Result.GOOD),
        ({"ambient_lux": 14.9}, Result.REMEDY),
        ({"ambient_lux": 60.1}, Result.REMEDY),
        ({"ambient_lux": None}, Result.GOOD),
    ],
)
def test_each_number_is_judged_at_its_limit(change: dict[str, float | None], result: Result) -> None:
    """Luminance, ratio, greyscale standard, evenness and light in the room, each at and just beyond its limit (REQ-62)."""
    found, faults = judged(Readings(**{**GOOD.__dict__, **change}), LIMITS)
    assert found is result
    assert bool(faults) is (result is not Result.GOOD)


@given(READINGS, st.floats(0, 200))
def test_a_brighter_display_is_never_judged_worse(readings: Readings, more: float) -> None:
    """More luminance, all else alike, takes away faults and adds none."""
    brighter = Readings(**{**readings.__dict__, "lmax": readings.lmax + more})
    order = [Result.GOOD, Result.REMEDY, Result.WITHDRAWN]
    assert order.index(judged(brighter, LIMITS)[0]) <= order.index(judged(readings, LIMITS)[0])


def test_tests_are_due_in_their_own_time() -> None:
    """A measured check 90 days after the last test of any kind, a full test a year after the last full one (REQ-62)."""
    assert due_dates(DisplayFacts("D", 3), LIMITS) == dict.fromkeys(MeasureKind)
    assert due_dates(FINE, LIMITS) == {MeasureKind.MEASURED: date(2026, 12, 30), MeasureKind.FULL: date(2027, 10, 1)}
    checked = DisplayFacts("D", 3, (*TESTED, MeasureFacts("measured", date(2026, 11, 20), "pass")))
    assert due_dates(checked, LIMITS)[MeasureKind.MEASURED] == date(2027, 2, 18)
    assert due_dates(checked, LIMITS)[MeasureKind.FULL] == date(2027, 10, 1)


@pytest.mark.parametrize(
    ("display", "words", "hard"),
    [
        (DisplayFacts("D", 3.1), "acceptance", False),
        (DisplayFacts("D", 1.9, TESTED), "1.9 megapixels", False),
        (DisplayFacts("D", 3, (MeasureFacts("acceptance", date(2026, 8, 1), "pass"),)), "measured check of D", False),
        (
            DisplayFacts(
                "D",
                3,
                (
                    MeasureFacts("acceptance", date(2025, 11, 1), "pass"),
                    MeasureFacts("measured", date(2026, 11, 1), "pass"),
                ),
            ),
            "full test of D is overdue since 1 Nov 2026",
            False,
        ),
        (DisplayFacts("D", 3, (MeasureFacts("acceptance", TODAY, "remedy", ("dim",)),)), "did not pass", False),
        (DisplayFacts("D", 3, (MeasureFacts("acceptance", TODAY, "withdrawn", ("dim",)),)), "did not pass", True),
    ],
)
def test_what_speaks_against_a_display_is_said(display: DisplayFacts, words: str, hard: bool) -> None:
    """Each fault of a display has its words; only too little light is a gate that nobody passes (REQ-64)."""
    faults = display_faults(display, LIMITS, TODAY)
    assert any(words in f.words and f.hard is hard for f in faults)
    assert display_faults(FINE, LIMITS, TODAY) == ()


def test_the_last_day_of_a_test_still_counts() -> None:
    """Overdue begins on the day after."""
    assert display_faults(FINE, LIMITS, date(2026, 12, 30)) == ()
    assert display_faults(FINE, LIMITS, date(2026, 12, 31))


@given(st.booleans(), st.booleans(), st.sampled_from([None, True, False]), st.sampled_from(["", "Desk"]))
def test_nothing_about_a_desk_but_its_light_delays_pressing_work(
    fine: bool, known: bool, look: bool | None, name: str
) -> None:
    """Whatever is missing at a desk, an urgent or opened read can be signed with a reason, unless the display is too dark."""
    displays = (FINE if fine else DisplayFacts("D", 1),) if known else ()
    reasons = desk_reasons(DeskFacts(name, displays, look, "at 08:12"), LIMITS, TODAY)
    assert way(reasons, pressing=True, opened=False) is not Way.SHUT
    whole = bool(name and known and fine and look)
    assert (way(reasons, pressing=False, opened=False) is Way.OPEN) is whole


def test_a_display_below_the_floor_of_luminance_is_read_on_by_nobody() -> None:
    """Measured too dark: no reason helps, not even for an emergency (REQ-62)."""
    dark = DisplayFacts("D", 3, (MeasureFacts("acceptance", TODAY, "withdrawn", ("120 cd/m2",)),))
    reasons = desk_reasons(DeskFacts("Desk", (dark,), True, "at 08:12"), LIMITS, TODAY)
    assert way(reasons, pressing=True, opened=True) is Way.SHUT


ANSWER = DisplayAnswers("D", "407", frozenset(QUESTIONS))


@pytest.mark.parametrize(
    ("answer", "dim", "fault"),
    [
        (ANSWER, True, ""),
        (DisplayAnswers("D", " 4 0 7", ANSWER.yes), True, ""),
        (DisplayAnswers("D", "-07", ANSWER.yes), True, "not all of the faint digits"),
        (DisplayAnswers("D", "507", ANSWER.yes), True, "on black"),
        (DisplayAnswers("D", "417", ANSWER.yes), True, "on grey"),
        (DisplayAnswers("D", "408", ANSWER.yes), True, "on white"),
        (DisplayAnswers("D", "407", ANSWER.yes - {"ramp"}), True, "ramps"),
        (DisplayAnswers("D", "407", ANSWER.yes - {"lines"}), True, "fine lines"),
        (DisplayAnswers("D", "407", ANSWER.yes - {"clean"}), True, "stains"),
        (DisplayAnswers("Other", "407", ANSWER.yes), True, "not looked at"),
        (ANSWER, False, "not dim"),
    ],
)
def test_the_look_passes_only_when_everything_was_seen(answer: DisplayAnswers, dim: bool, fault: str) -> None:
    """Each digit, each question, every display and the light in the room count (REQ-61)."""
    faults = visual_faults([answer], {"D": "407"}, dim=dim)
    assert bool(faults) is bool(fault)
    assert fault in "; ".join(faults)


@given(st.text(max_size=6), st.sets(st.sampled_from(sorted(QUESTIONS))), st.booleans())
def test_no_other_answer_passes(digits: str, yes: set[str], dim: bool) -> None:
    """A look passes exactly with the digits, a yes to every question and a dim room."""
    seen = "".join(c for c in digits if c in "0123456789")
    whole = seen == "407" and yes == set(QUESTIONS) and dim
    assert (visual_faults([DisplayAnswers("D", digits, frozenset(yes))], {"D": "407"}, dim=dim) == ()) is whole


def test_the_digits_of_a_pattern_are_not_those_of_another_page() -> None:
    """Digits depend on secret, display and page, so that yesterday's answer does not pass today."""
    found = {digits_for(b"secret", "display", str(turn)) for turn in range(200)}
    assert len(found) > 150
    assert all(len(d) == 3 and d.isdecimal() for d in found)
    assert digits_for(b"secret", "display", "1") == digits_for(b"secret", "display", "1")


def test_the_pattern_holds_the_digits_at_their_faint_levels_and_every_grey() -> None:
    """The picture has the exact grey levels: 13 on 0, 131 on 128, 242 on 255, and all 256 in its ramps."""
    image = np.asarray(Image.open(io.BytesIO(pattern("407"))))
    assert image.shape == (SIZE, SIZE)
    for number, (ground, level) in enumerate(FIELDS):
        assert set(np.unique(image[field(number)])) == {ground, level}
    assert set(np.unique(image[100:150, 80:592])) == set(range(256))
    assert pattern("407") != pattern("406")

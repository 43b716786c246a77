"""Teeth by FDI number, and the field of view that decides who may read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.case.rules import (
    LOWER,
    REGIONS,
    UPPER,
    FieldOfView,
    beyond_dento_alveolar,
    field_found,
    field_mm,
    field_words,
    teeth_fault,
    teeth_of,
    tooth_fault,
)

# Diameter and height in centimetres as typed, region, and whether a reader of teeth and jaws alone may read it.
FIELDS = [
    ("8.0", "8.0", "lower-jaw", True),
    ("8", "8", "both-jaws", True),
    ("8.1", "8.0", "lower-jaw", False),
    ("8.0", "8.1", "lower-jaw", False),
    ("8.1", "8.1", "upper-jaw", False),
    ("7.9", "8.0", "upper-jaw", True),
    ("8.0", "7.9", "upper-jaw", True),
    ("4.0", "4.0", "upper-jaw", True),
    ("1.0", "1.0", "lower-jaw", True),
    ("8.0", "1.0", "lower-jaw", True),
    ("1.0", "8.1", "lower-jaw", False),
    ("8.1", "1.0", "lower-jaw", False),
    ("16.0", "10.0", "both-jaws", False),
    ("40.0", "40.0", "both-jaws", False),
    ("9.9", "5.0", "both-jaws", False),
    ("4.0", "4.0", "temporal-bone", False),
    ("8.0", "8.0", "temporal-bone", False),
    ("4.0", "4.0", "tmj", False),
    ("8.0", "8.0", "sinuses", False),
    ("8.0", "8.0", "face", False),
    ("8.0", "8.0", "", False),
    ("8,0", "8,0 cm", "both-jaws", True),
]


@pytest.mark.parametrize(("diameter", "height", "region", "dento_alveolar"), FIELDS)
def test_the_field_of_view_decides_who_may_read(diameter: str, height: str, region: str, dento_alveolar: bool) -> None:
    """8.0 cm is dento-alveolar and 8.1 is not, in either direction; beyond teeth and jaws no size is (REQ-81)."""
    sides = field_mm(diameter), field_mm(height)
    assert sides[0] is not None
    assert sides[1] is not None
    why = beyond_dento_alveolar(FieldOfView(sides[0], sides[1]), region, limit_cm=8)
    assert (why == "") is dento_alveolar, why


def test_an_unknown_field_counts_as_large() -> None:
    """Where nobody said how large the volume is, it is not taken for a small one."""
    assert beyond_dento_alveolar(None, "lower-jaw", limit_cm=8)


@given(st.integers(10, 400), st.integers(10, 400), st.sampled_from(sorted(REGIONS)), st.integers(40, 120))
def test_a_larger_field_never_needs_less(diameter: int, height: int, region: str, limit_mm: int) -> None:
    """What is beyond at some size is beyond at every larger one."""
    limit = limit_mm / 10
    if beyond_dento_alveolar(FieldOfView(diameter, height), region, limit_cm=limit):
        assert beyond_dento_alveolar(FieldOfView(diameter + 1, height), region, limit_cm=limit)
        assert beyond_dento_alveolar(FieldOfView(diameter, height + 1), region, limit_cm=limit)


SIDES = st.builds(FieldOfView, st.integers(10, 400), st.integers(10, 400))


@given(SIDES, SIDES)
def test_the_larger_of_form_and_images_counts(said: FieldOfView, measured: FieldOfView) -> None:
    """Neither a form nor its images can make a volume smaller than the other says, and a real difference is told."""
    found = field_found(said, measured)
    assert found == field_found(said, measured)
    assert found.field is not None
    for one in (said, measured):
        assert found.field.diameter_mm >= one.diameter_mm
        assert found.field.height_mm >= one.height_mm
    apart = max(abs(said.diameter_mm - measured.diameter_mm), abs(said.height_mm - measured.height_mm))
    assert bool(found.differ) is (apart >= 2)


def test_where_one_is_silent_the_other_counts() -> None:
    """A form without images yet, images without a form, and neither."""
    field = FieldOfView(60, 50)
    assert field_found(field, None).field == field_found(None, field).field == field
    assert field_found(None, None).field is None


@given(st.integers(10, 400))
def test_every_tenth_of_a_centimetre_is_read_as_it_is_written(length: int) -> None:
    """A length written in centimetres comes back as the same millimetres."""
    assert field_mm(f"{length / 10:.1f}") == length
    assert field_mm(field_words(FieldOfView(length, length)).split(" x ")[0]) == length


@pytest.mark.parametrize("text", ["", "eight", "8.05", "0.9", "40.1", "-8", "8 8", "1e1", "\u0668"])
def test_what_is_no_length_is_not_guessed(text: str) -> None:
    """Anything but 1 to 40 centimetres with one decimal is refused."""
    assert field_mm(text) is None


def test_the_chart_holds_each_permanent_tooth_once() -> None:
    """Thirty-two teeth, upper and lower, from the patient's right to left."""
    assert len({*UPPER, *LOWER}) == 32
    assert (UPPER[0], UPPER[-1], LOWER[0], LOWER[-1]) == ("18", "28", "48", "38")


@given(st.integers(0, 99))
def test_a_number_is_a_tooth_exactly_when_the_notation_says_so(number: int) -> None:
    """Of all two-digit numbers 32 are an adult's teeth, and 20 more only when they were said to be retained."""
    quadrant, place = divmod(number, 10)
    permanent = quadrant in range(1, 5) and place in range(1, 9)
    deciduous = quadrant in range(5, 9) and place in range(1, 6)
    assert (tooth_fault(f"{number:02d}") == "") is permanent
    assert (tooth_fault(f"{number:02d}", retained=True) == "") is (permanent or deciduous)


def test_a_deciduous_tooth_of_an_adult_is_asked_about() -> None:
    """51 to 85 are refused for an adult until somebody says that they are retained, and the words say how."""
    assert "retained" in teeth_fault(["46", "75"])
    assert teeth_fault(["46", "75"], retained=True) == ""


def test_teeth_are_read_from_what_people_type() -> None:
    """Commas, blanks, doubles and order do not matter."""
    assert teeth_of(" 46, 36;36  11 ") == ("11", "36", "46")
    assert teeth_of("") == ()

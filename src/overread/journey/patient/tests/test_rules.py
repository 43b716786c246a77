"""Identity: what contradicts, what only adds, ages and NHS numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.patient.rules import (
    Demographics,
    age_at,
    completed,
    differences,
    faults,
    nhs_digits,
)

OSRIC = Demographics("Quillfeather", "Osric", date(1955, 2, 3), "M", "9990277788")
_people = st.builds(
    Demographics,
    family=st.sampled_from(("", "Quillfeather", "QUILLFEATHER", "Wren", "Müller", "O'Hara", "OHARA")),
    given=st.sampled_from(("", "Osric", "O", "Osric James", "Pip")),
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(1931, 1, 1)),
    sex=st.sampled_from(("", "M", "F", "O")),
    nhs_number=st.sampled_from(("", "9990277788", "9991234560")),
)


@pytest.mark.parametrize(
    ("got", "field"),
    [
        (Demographics(family="Wren"), "family"),
        (Demographics(given="Pip"), "given"),
        (Demographics(birth_date=date(1955, 3, 2)), "birth_date"),
        (Demographics(sex="F"), "sex"),
        (Demographics(nhs_number="9991234560"), "nhs_number"),
    ],
)
def test_each_contradicting_field_is_named(got: Demographics, field: str) -> None:
    """A name, birth date, sex or NHS number that contradicts the known one is found and named."""
    assert [d.field for d in differences(OSRIC, got)] == [field]


def test_other_spelling_is_no_contradiction() -> None:
    """Capitals, accents, punctuation and shortened given names are the same person's name."""
    assert differences(OSRIC, Demographics("QUILL-FEATHER", "O", date(1955, 2, 3), "M")) == ()
    assert differences(Demographics("Müller", "Zoë"), Demographics("MULLER", "ZOE ANNA")) == ()


@given(_people)
def test_nobody_contradicts_themselves_or_the_unknown(person: Demographics) -> None:
    """Any record agrees with itself and with an empty record."""
    assert differences(person, person) == ()
    assert differences(person, Demographics()) == ()


@given(_people, _people)
def test_contradiction_is_the_same_both_ways(one: Demographics, two: Demographics) -> None:
    """Whether two records contradict each other does not depend on their order."""
    assert {d.field for d in differences(one, two)} == {d.field for d in differences(two, one)}


@given(_people, _people)
def test_completing_never_changes_what_was_known(one: Demographics, two: Demographics) -> None:
    """Filling gaps from a second record keeps every detail of the first, and doing it twice changes nothing."""
    both = completed(one, two)
    assert all(getattr(both, f) == getattr(one, f) for f in one.__dataclass_fields__ if getattr(one, f))
    assert completed(both, two) == both


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("999 027 7788", "9990277788"),
        ("943 476 5919", "9434765919"),
        ("943-476-5919", "9434765919"),
        ("9434765918", ""),
        ("", ""),
    ],
)
def test_nhs_numbers_are_checked(text: str, digits: str) -> None:
    """An NHS number counts only when its check digit fits; spaces and hyphens do not matter."""
    assert nhs_digits(text) == digits


def test_registration_faults_are_named_at_their_fields() -> None:
    """A missing identifier, an unknown sex and a wrong NHS number are each refused in words."""
    assert set(faults(identifier=" ", sex="X", nhs_number="1234567890")) == {"identifier", "sex", "nhs_number"}
    assert faults(identifier="H1", sex="", nhs_number="") == {}


def test_age_changes_on_the_birthday() -> None:
    """Somebody born on 3 February 2008 is 17 on 2 February 2026 and 18 a day later."""
    assert age_at(date(2008, 2, 3), date(2026, 2, 2)) == 17
    assert age_at(date(2008, 2, 3), date(2026, 2, 3)) == 18


def test_a_leap_day_birthday_is_reached_on_the_first_of_march() -> None:
    """Somebody born on 29 February 2008 becomes 18 on 1 March 2026, not the day before."""
    assert age_at(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_at(date(2008, 2, 29), date(2026, 3, 1)) == 18


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(0, 40000))
def test_age_never_falls_and_fits_the_days(born: date, days: int) -> None:
    """Age grows by at most one from a day to the next, and is the whole years that have passed."""
    on = born + timedelta(days=days)
    assert age_at(born, on) in (int(days / 365.2425) - 1, int(days / 365.2425), int(days / 365.2425) + 1)
    assert 0 <= age_at(born, on + timedelta(days=1)) - age_at(born, on) <= 1

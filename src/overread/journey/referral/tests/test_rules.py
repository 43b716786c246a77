"""NHS numbers, referrals, and matches that may be made without a person."""

import random
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.referral.rules import (
    Bars,
    Candidate,
    Side,
    choose,
    document_fault,
    nhs_fault,
    referral_faults,
    score,
)

NUMBER = "4010232137"
REFERRAL = Side(
    family="Teasel",
    given="Marguerite",
    birth_date=date(1961, 9, 9),
    sex="F",
    nhs_number=NUMBER,
    identifier="N418826",
    issuer="NORTH",
    accession="NG26-118231",
    modality="CT",
    at=datetime(2026, 11, 17, 12, 51, tzinfo=UTC),
)
BARS = Bars(by_itself=98, worth_a_look=20, same_name=0.92, like_name=0.8, taken_within=timedelta(days=14))
STUDY = replace(REFERRAL, family="TEASEL", given="MARGUERITE", at=datetime(2026, 11, 17, 13, 9, tzinfo=UTC))


@pytest.mark.parametrize("number", ["0000000000", "9999999999", "1234567890", "401023213", "4010232136", "ten digits"])
def test_numbers_that_nobody_has_are_refused(number: str) -> None:
    """Wrong check digits, wrong lengths and ranges that are never given out are told apart from real numbers."""
    assert nhs_fault(number, allow_test=True)


def test_a_real_number_is_taken_with_or_without_blanks() -> None:
    """3-3-4 with blanks or dashes is the same number; none at all is allowed."""
    assert [nhs_fault(n, allow_test=False) for n in (NUMBER, "401 023 2137", "401-023-2137", "")] == [""] * 4


def test_test_numbers_are_taken_only_where_patients_are_invented() -> None:
    """The range 999 is refused on a real installation."""
    assert nhs_fault("9990277788", allow_test=True) == ""
    assert "tests only" in nhs_fault("9990277788", allow_test=False)


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_is_always_found(place: int, digit: int) -> None:
    """Whichever single digit is typed wrongly, the number is refused."""
    wrong = NUMBER[:place] + str(digit) + NUMBER[place + 1 :]
    assert (nhs_fault(wrong, allow_test=True) == "") == (wrong == NUMBER)


def test_a_study_with_key_birth_date_and_name_matches_by_itself() -> None:
    """Accession, hospital number, NHS number, name and birth date agree: no person is needed."""
    assert choose([Candidate(uuid.uuid4(), score(STUDY, REFERRAL, BARS))]) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"birth_date": date(1961, 9, 8)},
        {"nhs_number": "9434765919"},
        {"identifier": "N418827"},
        {"sex": "M"},
        {"family": "Quillfeather", "given": "Osric"},
        {"family": "Teasdale", "given": "Margaret"},
        {"modality": "MR"},
        {"birth_date": None},
    ],
)
def test_anything_that_speaks_against_it_goes_to_a_person(changed: dict[str, object]) -> None:
    """One contradiction, or a missing birth date, is enough: the match is not made by itself (H01)."""
    assert choose([Candidate(uuid.uuid4(), score(replace(STUDY, **changed), REFERRAL, BARS))]) is None


@pytest.mark.parametrize("changed", [{"accession": "NG26-020417"}, {"at": datetime(2026, 3, 9, 8, 4, tzinfo=UTC)}])
def test_an_earlier_examination_of_the_same_person_goes_to_a_person(changed: dict[str, object]) -> None:
    """Everything about the person agrees, but the accession number or the time is another examination's (H01)."""
    assert choose([Candidate(uuid.uuid4(), score(replace(STUDY, **changed), REFERRAL, BARS))]) is None


def test_two_that_fit_go_to_a_person() -> None:
    """Two referrals for the same patient that both fit are never chosen between by a program."""
    fitting = score(STUDY, REFERRAL, BARS)
    assert choose([Candidate(uuid.uuid4(), fitting), Candidate(uuid.uuid4(), fitting)]) is None


def test_ten_thousand_pairs_of_different_people_are_never_matched() -> None:
    """10,000 generated pairs that differ in person never match by themselves, whatever keys agree by accident (H01)."""
    chance = random.Random(2026)  # noqa: S311  made-up people, not secrets
    families = ["Smith", "Smyth", "Jones", "Patel", "O'Brien", "Brown", "Braun", "Teasel"]
    givens = ["Ann", "Anne", "John", "Jon", "Priya", "Osric", "Marguerite"]

    def person() -> Side:
        born = date(1930 + chance.randrange(75), 1 + chance.randrange(12), 1 + chance.randrange(28))
        return Side(
            family=chance.choice(families),
            given=chance.choice(givens),
            birth_date=born,
            sex=chance.choice("MF"),
            identifier=f"N{chance.randrange(40)}",
            issuer="NORTH",
            accession=f"A{chance.randrange(40)}",
            modality="CT",
        )

    wrong = 0
    for _ in range(10_000):
        one, other = person(), person()
        same_person = (one.birth_date, one.sex, one.identifier) == (other.birth_date, other.sex, other.identifier)
        if not same_person and choose([Candidate(uuid.uuid4(), score(one, other, BARS))]) is not None:
            wrong += 1
    assert wrong == 0


def test_a_referral_says_by_field_what_is_missing() -> None:
    """Every missing field has its own words, and a child is refused with its age."""
    faults = referral_faults({"priority": "urgent"}, born=date(2012, 1, 1), today=date(2026, 11, 24), adult_age=18)
    assert set(faults) == {"family", "question", "procedure", "referrer_name", "birth_date", "referrer_contact"}
    assert "14 years" in faults["birth_date"]


@pytest.mark.parametrize(
    ("media_type", "head", "length", "good"),
    [
        ("application/pdf", b"%PDF-1.7", 100, True),
        ("application/pdf", b"MZ\x90\x00", 100, False),
        ("text/html", b"<html>", 100, False),
        ("image/png", b"\x89PNG\r\n\x1a\n", 30 * 2**20, False),
    ],
)
def test_documents_are_what_they_say(media_type: str, head: bytes, length: int, good: bool) -> None:
    """Only PDF, JPEG and PNG whose first bytes fit, and not too large."""
    assert (document_fault(media_type, head, length, most_megabytes=20) == "") == good


def test_an_earlier_examination_is_known_as_the_same_persons_but_not_as_the_requested_one() -> None:
    """Another accession and a date long before: the same person beyond doubt, yet no match; it can serve as a prior (H09)."""
    earlier = replace(STUDY, accession="NG26-020417", at=datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    found = score(earlier, REFERRAL, BARS)
    assert (found.same_person, found.by_itself) == (True, False)
    now, before = Candidate(uuid.uuid4(), score(STUDY, REFERRAL, BARS)), Candidate(uuid.uuid4(), found)
    assert choose([before, now]) == now.id


@pytest.mark.parametrize("changed", [{"birth_date": date(1961, 9, 8)}, {"family": "Quill"}, {"identifier": "N1"}])
def test_a_doubtful_earlier_study_is_no_prior(changed: dict[str, object]) -> None:
    """Another birth date, name or number: it is not shown as this person's prior (H09)."""
    assert not score(replace(STUDY, accession="X", **changed), REFERRAL, BARS).same_person

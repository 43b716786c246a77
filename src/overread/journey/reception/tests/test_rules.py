"""Reception: the adults rule, what is kept apart, and when a study is whole."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.agreement.rules import DEFAULTS
from overread.journey.archive.rules import StoredObject
from overread.journey.patient.rules import age_at
from overread.journey.reception.rules import (
    Arrived,
    Completeness,
    ExpectedView,
    HoldReason,
    Outcome,
    QuarantineReason,
    Reference,
    adult,
    age_years,
    completeness,
    decide,
    declared_count,
    expected_for,
    is_supported,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CT = StoredObject(
    sop_uid="1.2.3.4",
    sop_class="1.2.840.10008.5.1.4.1.1.2",
    study_uid="1.2.3",
    series_uid="1.2.3.1",
    transfer_syntax="1.2.840.10008.1.2.1",
    key="k",
    sha256="a",
    length=1,
    received_at=AT,
    identifier="H1",
    birth_date=date(1955, 2, 3),
    study_date=date(2026, 3, 1),
    modality="CT",
)


def test_an_adults_ct_is_accepted() -> None:
    """A CT of an adult, in scope and sound, is accepted."""
    assert decide(Arrived(CT), DEFAULTS).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("born", "outcome", "reason"),
    [
        (date(2008, 3, 1), Outcome.ACCEPT, ""),
        (date(2008, 3, 2), Outcome.HOLD, HoldReason.UNDER_AGE),
        (date(2010, 3, 1), Outcome.HOLD, HoldReason.UNDER_AGE),
        (None, Outcome.HOLD, HoldReason.NO_BIRTH_DATE),
        (date(2026, 3, 2), Outcome.HOLD, HoldReason.AGE_CONFLICT),
        (date(1850, 3, 2), Outcome.HOLD, HoldReason.AGE_CONFLICT),
    ],
)
def test_age_is_the_date_of_birth_at_the_study_date(born: date | None, outcome: Outcome, reason: str) -> None:
    """Eighteen on the day of the examination is an adult; a day less, no date, or an impossible one is held (H11)."""
    decision = decide(Arrived(replace(CT, birth_date=born)), DEFAULTS)
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_patient_age_alone_makes_nobody_an_adult() -> None:
    """PatientAge 045Y without a date of birth does not let a study through."""
    assert decide(Arrived(replace(CT, birth_date=None, age="045Y")), DEFAULTS).reason == HoldReason.NO_BIRTH_DATE


@pytest.mark.parametrize(
    ("age", "held"), [("071Y", False), ("070Y", False), ("072Y", False), ("012Y", True), ("999", False)]
)
def test_patient_age_can_raise_a_doubt(age: str, held: bool) -> None:
    """A PatientAge that does not fit the date of birth holds the study; one that is no age says nothing."""
    decision = decide(Arrived(replace(CT, age=age)), DEFAULTS)
    assert (decision.reason == HoldReason.AGE_CONFLICT) is held


def test_the_referral_decides_and_a_contradiction_holds() -> None:
    """The referral's date of birth fills a gap; if it contradicts the images the study is held."""
    known = Reference(date(1955, 2, 3))
    assert decide(Arrived(replace(CT, birth_date=None)), DEFAULTS, known).outcome is Outcome.ACCEPT
    other = Reference(date(1955, 3, 2))
    assert decide(Arrived(CT), DEFAULTS, other).reason == HoldReason.BIRTH_DATE_CONFLICT


def test_a_date_given_by_the_client_settles_it() -> None:
    """After a person entered the client's word, later images of the study are not held again."""
    known = Reference(date(1955, 3, 2), given=True, identifier="H1")
    assert decide(Arrived(replace(CT, age="012Y")), DEFAULTS, known).outcome is Outcome.ACCEPT


def test_images_of_one_study_that_name_two_patients_are_held() -> None:
    """An image whose patient differs from that of the study's first image waits for a person (H01)."""
    assert decide(Arrived(CT), DEFAULTS, Reference(identifier="H2")).reason == HoldReason.PATIENT_CONFLICT


@given(
    born=st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    reference=st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    age=st.sampled_from(("", "045Y", "008M", "017Y", "junk")),
    on=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    adult_age=st.integers(0, 25),
    given_by_client=st.booleans(),
)
def test_nobody_under_age_or_of_unknown_age_is_accepted(
    born: date | None, reference: date | None, age: str, on: date, adult_age: int, given_by_client: bool
) -> None:
    """Whatever the images and the referral say, an accepted person was of age by the date that decides."""
    decision = adult(
        birth_date=born, reference=reference, age_text=age, on=on, adult_age=adult_age, given=given_by_client
    )
    if decision.outcome is Outcome.ACCEPT:
        deciding = reference or born
        assert deciding is not None
        assert age_at(deciding, on) >= adult_age


@pytest.mark.parametrize(
    ("arrived", "reason"),
    [
        (Arrived(CT, damage=("pixel-data-short",)), QuarantineReason.DAMAGED),
        (Arrived(CT, unreadable="malformed"), QuarantineReason.UNREADABLE),
        (Arrived(CT, fault="bytes-missing"), QuarantineReason.BYTES_MISSING),
        (Arrived(CT, announced=("1.2.3", "9.9")), QuarantineReason.NOT_AS_ANNOUNCED),
        (Arrived(replace(CT, sop_class="1.2.3.4.5")), QuarantineReason.UNSUPPORTED_CLASS),
    ],
)
def test_what_is_not_sound_is_kept_apart(arrived: Arrived, reason: str) -> None:
    """Damaged, unreadable, lost, foreign and unsupported objects go into quarantine, each with its reason."""
    decision = decide(arrived, DEFAULTS)
    assert (decision.outcome, decision.reason) == (Outcome.QUARANTINE, reason)


def test_a_modality_outside_the_agreement_is_held() -> None:
    """A PET study of a client that agreed CT and MR waits for a person; its structured report alone would not."""
    assert decide(Arrived(replace(CT, modality="PT")), DEFAULTS).reason == HoldReason.OUT_OF_SCOPE
    assert decide(Arrived(replace(CT, modality="SR")), DEFAULTS).outcome is Outcome.ACCEPT


@pytest.mark.parametrize("tail", ["2", "2.1", "4", "4.1", "7.2", "13.1.2", "88.33", "88.59", "11.1", "104.1", "66.4"])
def test_the_kinds_of_objects_that_clients_send_are_supported(tail: str) -> None:
    """CT, MR, cone-beam, secondary capture, reports, presentation states, PDF and segmentations are taken."""
    assert is_supported(f"1.2.840.10008.5.1.4.1.1.{tail}")


@pytest.mark.parametrize(("text", "years"), [("045Y", 45.0), ("006M", 0.5), ("", None), ("45", None), ("0045Y", None)])
def test_ages_are_read_as_dicom_writes_them(text: str, years: float | None) -> None:
    """PatientAge is three digits and D, W, M or Y; anything else is no age."""
    found = age_years(text)
    assert found is None if years is None else found == pytest.approx(years, abs=0.01)


def _expected(**changes: object) -> ExpectedView:
    from uuid import uuid4

    values: dict[str, object] = {
        "referral_id": uuid4(),
        "accession": "A1",
        "identifier": "H1",
        "issuer": "",
        "birth_date": date(1955, 2, 3),
        "images": None,
    }
    return ExpectedView(**(values | changes))  # type: ignore[arg-type]


def test_a_referral_of_another_patient_never_lends_its_date_of_birth() -> None:
    """The same accession number with another patient number does not count as the same person."""
    image = replace(CT, accession="A1", birth_date=None)
    assert expected_for(image, [_expected(identifier="H2")]) is None
    assert expected_for(image, [_expected()]) is not None
    assert expected_for(image, [_expected(), _expected(birth_date=date(1960, 1, 1))]) is None


@pytest.mark.parametrize(
    ("images", "declared", "quiet_for", "state"),
    [
        (3, 3, 0, Completeness.WHOLE),
        (2, 3, 59, Completeness.WAIT),
        (2, 3, 60, Completeness.SHORT),
        (2, None, 59, Completeness.WAIT),
        (2, None, 60, Completeness.WHOLE),
    ],
)
def test_a_study_is_whole_by_count_or_by_quiet(
    images: int, declared: int | None, quiet_for: int, state: Completeness
) -> None:
    """All declared images make a study whole at once; else the quiet time does, and short of the count is said."""
    found = completeness(
        images=images, declared=declared, last_at=AT, quiet_seconds=60, at=AT + timedelta(seconds=quiet_for)
    )
    assert found is state


def test_the_higher_of_two_declared_counts_holds() -> None:
    """When sender and referral both say how many images there are, the higher number is waited for."""
    assert declared_count(100, 120) == 120
    assert declared_count(None, 7) == 7
    assert declared_count(0, None) is None

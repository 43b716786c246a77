"""What each kind of work asks for: a dental volume, a second opinion, a review; and how matches are undone and done again."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from overread.foundation.work.refusals import BadInput
from overread.journey.agreement import actions as agreement
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries
from overread.journey.referral.rules import kind_faults
from tests.world import SEED, World, world

__all__ = ["world"]
TODAY = date(2026, 11, 24)
BASE = {
    "question": "Disc?",
    "modality": "MR",
    "procedure": "MRI lumbar spine",
    "family": "Quillfeather",
    "given": "Osric",
    "sex": "M",
    "identifier": "H000001",
    "referrer_name": "Dr Pascoe Wren",
}
DENTAL = {
    **BASE,
    "modality": "CBCT",
    "purpose": "implant",
    "region": "lower-jaw",
    "teeth": "46, 47",
    "field_diameter": "8",
    "field_height": "8.0",
    "voxel": "0.2",
    "dose": "310",
    "referrer_number": "123456",
    "entitled": "yes",
}
OPINION = {
    **BASE,
    "read_type": "second_opinion",
    "original_words": "No disc protrusion.",
    "original_author": "Dr Elsewhere",
    "original_date": "2026-03-01",
}


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": ""},
        {"region": "moon"},
        {"field_diameter": ""},
        {"field_height": "large"},
        {"teeth": "46, 75"},
        {"teeth": "49"},
        {"voxel": "9"},
        {"dose": "much"},
        {"referrer_number": "12"},
        {"entitled": ""},
    ],
)
def test_a_dental_request_names_what_it_lacks(change: dict[str, str]) -> None:
    """Each missing or wrong part of a dental request is said at its own field (REQ-80)."""
    assert kind_faults(DENTAL, has_report=False, today=TODAY) == {}
    assert set(kind_faults({**DENTAL, **change}, has_report=False, today=TODAY)) == set(change)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"original_words": ""}, "outside_report"),
        ({"original_author": ""}, "original_author"),
        ({"original_date": "yesterday"}, "original_date"),
        ({"original_date": "2027-01-01"}, "original_date"),
        ({"read_type": "clinical_review"}, "review_purpose"),
        ({"read_type": "clinical_review", "review_purpose": "claim", "original_words": ""}, "outside_report"),
    ],
)
def test_an_opinion_needs_the_report_in_question(change: dict[str, str], field: str) -> None:
    """A second opinion comes with the report it is about, its author and date; a review says what it is for (REQ-40)."""
    assert kind_faults(OPINION, has_report=False, today=TODAY) == {}
    assert field in kind_faults({**OPINION, **change}, has_report=False, today=TODAY)


def test_a_meeting_may_ask_about_images_alone() -> None:
    """A review for a multidisciplinary meeting needs no earlier report."""
    fields = {**BASE, "read_type": "clinical_review", "review_purpose": "mdt"}
    assert kind_faults(fields, has_report=False, today=TODAY) == {}


def _agree(world: World, code: str, **changes: object) -> None:
    with world.scope(code):
        terms = replace(world.terms[code], **changes)  # type: ignore[arg-type]
        agreement.agree(actor=SEED, client_id=world.clients[code], terms=terms)


def _refer(world: World, code: str, who: str, fields: dict[str, str]) -> UUID:
    made: UUID = actions.make_referral(
        actor=world.actor(who), client_id=world.clients[code], fields=fields, birth_date=date(1955, 2, 3)
    )
    return made


@pytest.mark.django_db
def test_a_dental_request_reaches_its_case(world: World) -> None:
    """Region and field of view stand on the case, where they decide who may read; a high dose is told, never a bar (REQ-85)."""
    with world.scope("SOUTH"):
        referral_id = _refer(world, "SOUTH", "south", DENTAL)
        dental, found = queries.dental_of(referral_id), queries.referral(referral_id)
        assert dental is not None
        assert found is not None
        assert found.case_id is not None
        assert (dental.teeth, dental.field_words, dental.above_achievable) == (("46", "47"), "8 x 8 cm", True)
        case = cases.case(found.case_id)
        assert case is not None
        assert (case.region, case.field_diameter_mm, case.field_height_mm) == ("lower-jaw", 80, 80)


@pytest.mark.django_db
def test_a_kind_of_work_that_is_not_agreed_is_refused(world: World) -> None:
    """Opinions are taken from a client that agreed them, with their own times, and from nobody else."""
    with world.scope("NORTH"), pytest.raises(BadInput) as refused:
        _refer(world, "NORTH", "north", OPINION)
    assert "read_type" in refused.value.errors
    _agree(world, "NORTH", read_types=("primary", "second_opinion"))
    with world.scope("NORTH"):
        referral_id = _refer(world, "NORTH", "north", OPINION)
        original, found = queries.original_of(referral_id), queries.referral(referral_id)
        assert original is not None
        assert found is not None
        assert found.case_id is not None
        assert original.words == "No disc protrusion."
        case = cases.case(found.case_id)
        assert case is not None
        assert case.read_type_words == "Second opinion"


@pytest.mark.django_db
def test_a_match_is_undone_and_done_again_with_its_history(world: World) -> None:
    """Un-matching frees the study and keeps why; the same pair is not offered again, and a person may still match it."""
    with world.scope("NORTH"):
        referral_id = _refer(world, "NORTH", "north", {**BASE, "modality": "CT"})
    study_id = world.study("NORTH")
    with world.scope("NORTH"):
        person = world.actor("administrator")
        actions.match(actor=person, referral_id=referral_id, study_id=study_id)
        actions.unmatch(actor=person, referral_id=referral_id, reason="Of the day before")
        free = archive.study(study_id)
        assert free is not None
        assert free.patient_id is None
        waiting = queries.unmatched_study(study_id)
        assert waiting is not None
        assert waiting.pairs == ()
        assert [p.referral.id for p in waiting.ruled_out] == [referral_id]
        actions.match(actor=person, referral_id=referral_id, study_id=study_id)
        steps = queries.steps_of(referral_id)
        assert [(s.step, s.reason) for s in steps] == [
            ("matched", ""),
            ("undone", "Of the day before"),
            ("matched", ""),
        ]

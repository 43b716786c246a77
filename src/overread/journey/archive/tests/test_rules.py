"""The archive: names, hashes of image sets, and what is kept of a header."""

import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.archive.rules import (
    GeometryHeader,
    InstanceHeader,
    PatientHeader,
    PixelHeader,
    image_set_hash,
    joined_modalities,
    name_parts,
    object_from_json,
    object_to_json,
    stored_object,
)

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_uids = st.from_regex(r"1\.2\.[1-9][0-9]{0,6}", fullmatch=True)
_hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)


def _header(**changes: object) -> InstanceHeader:
    values: dict[str, object] = {
        "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance": "1.2.3.4",
        "study_uid": "1.2.3",
        "series_uid": "1.2.3.1",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "patient": PatientHeader(identifier="H1", name="Quillfeather^Osric", birth_date=date(1955, 2, 3)),
        "pixels": PixelHeader(rows=512, columns=512, present=True),
        "geometry": GeometryHeader(),
    }
    return InstanceHeader(**(values | changes))  # type: ignore[arg-type]


@given(st.dictionaries(_uids, _hashes, min_size=1, max_size=20), st.randoms())
def test_the_image_set_hash_does_not_depend_on_order(images: dict[str, str], chance: random.Random) -> None:
    """Whatever the order in which images arrive, and however often, the image set has one hash."""
    pairs = list(images.items())
    shuffled = pairs + pairs[:3]
    chance.shuffle(shuffled)
    assert image_set_hash(pairs) == image_set_hash(shuffled)


@given(st.dictionaries(_uids, _hashes, min_size=1, max_size=10), _uids, _hashes)
def test_one_image_more_or_changed_gives_another_hash(images: dict[str, str], uid: str, sha256: str) -> None:
    """An image that is added or replaced changes the hash of the set."""
    changed = images | {uid: sha256}
    assert (image_set_hash(images.items()) == image_set_hash(changed.items())) == (changed == images)


def test_a_stored_object_survives_being_written_down() -> None:
    """What is kept of a held object comes back as it was."""
    stored = stored_object(
        _header(study_date=date(2026, 3, 1), acquired_local=datetime(2026, 3, 1, 8, 5), utc_offset_minutes=0),  # noqa: DTZ001
        key="sha256/aa/bb/cc",
        sha256="aa",
        length=12,
        received_at=AT,
        source="NORTH_CT2",
        zone=UTC,
    )
    assert object_from_json(object_to_json(stored)) == stored
    assert stored.acquired_at == datetime(2026, 3, 1, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(("issuer", "found"), [("NHS", "9434765919"), ("NORTH", ""), ("", "")])
def test_only_an_identifier_issued_by_the_nhs_is_an_nhs_number(issuer: str, found: str) -> None:
    """Ten digits are taken for an NHS number only when their issuer says so."""
    patient = PatientHeader(identifier="H1", other_identifiers=(("943 476 5919", issuer),))
    stored = stored_object(_header(patient=patient), key="k", sha256="a", length=1, received_at=AT, source="", zone=UTC)
    assert stored.nhs_number == found


def test_modalities_are_joined_once_and_in_order() -> None:
    """A study of two CT series and a report lists CT and SR once each."""
    assert joined_modalities("SR", "CT", "CT,SR") == "CT,SR"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Quillfeather^Osric^James", ("Quillfeather", "Osric James")),
        ("Quillfeather", ("Quillfeather", "")),
        ("", ("", "")),
        ("Yamada^Tarou=山田^太郎", ("Yamada", "Tarou")),
    ],
)
def test_person_names_fall_into_family_and_given(name: str, parts: tuple[str, str]) -> None:
    """A DICOM person name gives a family name and given names, whichever parts it has."""
    assert name_parts(name) == parts

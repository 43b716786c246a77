"""The real files of the demonstration do what the demonstration says of them."""

from pathlib import Path

import pytest

from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.rules import Problem, Refusal, Unreadable
from overread.site.demo import packaged
from overread.site.demo.packaged import Use, packaged_files

DOCUMENT = Path(__file__).parents[5] / "docs" / "reference" / "real-dicom-licences.md"


def test_every_listed_file_is_installed_and_unchanged() -> None:
    """All listed files come with the pinned pydicom, byte for byte; the demonstration downloads nothing."""
    assert len(packaged_files()) == 18
    assert {file.use for file in packaged_files()} == set(Use)


def test_each_file_shows_what_it_is_meant_to_show() -> None:
    """Missing date of birth, child's age, damage, no image and foreign name are really in these files."""
    for file in packaged_files(Use.NO_BIRTH_DATE):
        header = read_header(file.path)
        assert (header.modality, header.patient.birth_date, header.patient.age) == ("CT", None, "043Y")
        assert header.complete
    (child,) = packaged_files(Use.CHILD_AGE)
    assert (read_header(child.path).patient.birth_date, read_header(child.path).patient.age) == (None, "000Y")
    (bad,) = packaged_files(Use.BAD_BIRTH_DATE)
    assert Problem.BIRTH_DATE in read_header(bad.path).problems
    (damaged,) = packaged_files(Use.DAMAGED)
    assert read_header(damaged.path).damage == (Problem.CUT_SHORT, Problem.PIXELS_SHORT)
    assert not any(read_header(file.path).is_image for file in packaged_files(Use.NOT_AN_IMAGE))
    (scope,) = packaged_files(Use.OUT_OF_SCOPE)
    assert read_header(scope.path).modality == "US"
    (name,) = packaged_files(Use.FOREIGN_NAME)
    patient = read_header(name.path).patient
    assert (patient.name, patient.name_ideographic, patient.name_phonetic) == (
        "Yamada^Tarou",
        "山田^太郎",
        "やまだ^たろう",
    )


def test_each_refused_file_has_another_reason() -> None:
    """The files to be refused are refused, each for its own reason."""
    reasons = []
    for file in packaged_files(Use.REFUSED):
        with pytest.raises(Unreadable) as caught:
            read_header(file.path)
        reasons.append(caught.value.reason)
    assert reasons == [
        Refusal.DEFLATED,
        Refusal.CUT_SHORT,
        Refusal.MALFORMED,
        Refusal.UID_MISSING,
        Refusal.NOT_DICOM,
        Refusal.DIRECTORY,
    ]


def test_a_changed_file_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another version of the package, with another hash, is left out instead of trusted."""
    monkeypatch.setattr(packaged, "_LIST", ((Use.DAMAGED, "test_files/MR_truncated.dcm", "0" * 64),))
    assert packaged_files() == ()


def test_every_file_is_in_the_licence_table() -> None:
    """The licence table names every file that is used, with its hash."""
    if not DOCUMENT.exists():
        pytest.skip("NOT RUN: the documentation is not beside the installed package")
    text = DOCUMENT.read_text(encoding="utf-8")
    for file in packaged_files():
        assert file.path.name in text
        assert file.sha256[:16] in text

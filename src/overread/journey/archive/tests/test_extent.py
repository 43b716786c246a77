"""How much of the patient an object shows, as its header says; it decides who may read a dental volume (REQ-81)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.rules import extent, field_of
from overread.journey.archive.tests.objects import ct, dicom_file
from overread.journey.case.rules import FieldOfView


def test_a_slice_says_its_longer_side_and_its_place_along_the_normal() -> None:
    """Rows and columns times their spacing, and half a slice to each side of the position."""
    header = read_header(dicom_file(ct()))
    assert extent(header) == (2.0, 1.0, 6.0)


def test_a_volume_in_one_object_says_its_height_by_its_frames() -> None:
    """The spacing of a multi-frame volume stands in the functional groups that its frames share (PS3.3 C.7.6.16.2.1)."""
    measures, shared = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.25, 0.25], 0.25
    shared.PixelMeasuresSequence = Sequence([measures])
    data = ct(
        PixelSpacing=None,
        SliceThickness=None,
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        NumberOfFrames=4,
        Rows=3,
        Columns=4,
        PixelData=bytes(2 * 3 * 4 * 4),
    )
    data["PixelData"].VR = "OW"
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    assert extent(read_header(dicom_file(data))) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize("change", [{"PixelSpacing": None}, {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}])
def test_what_says_no_size_or_is_a_localizer_is_not_measured(change: dict[str, object]) -> None:
    """Nothing is guessed: without spacing, and for the scout of a scan, there is no extent."""
    assert extent(read_header(dicom_file(ct(**change)))) is None


@given(st.permutations([(0.0, 0.4), (0.4, 0.8), (0.8, 1.2)]), st.floats(1, 400))
def test_the_order_of_arrival_does_not_change_the_field(places: list[tuple[float, float]], across: float) -> None:
    """Slices may arrive in any order: the field is that of the whole stack."""
    low, high = min(p[0] for p in places), max(p[1] for p in places)
    assert field_of([(across, low, high * 50)]) == FieldOfView(round(across), 60)


def test_the_largest_series_counts() -> None:
    """Of several reconstructions the largest in each direction decides."""
    assert field_of([(80.2, 0.0, 80.0), (50.0, 0.0, 120.4)]) == FieldOfView(80, 120)
    assert field_of([]) is None
    assert field_of([(80.0, 5.0, 5.0)]) is None

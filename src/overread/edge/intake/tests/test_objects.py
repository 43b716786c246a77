"""What becomes of each file that a browser sends: stored with its record, or refused with the reason, and nothing else."""

import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file

from overread.edge.intake import objects
from overread.edge.intake.objects import NOT_IMAGES, Outcome, Taker, TooLarge, spool, take_zip
from overread.foundation.blobs.blob import StoreFull
from overread.foundation.blobs.journal import Journal, Reader, Received
from overread.foundation.blobs.local import LocalStore

pytestmark = pytest.mark.hostile

IMAGE = Path(str(get_testdata_file("CT_small.dcm")))


def _image() -> io.BytesIO:
    return io.BytesIO(IMAGE.read_bytes())


class Place:
    """A store and a journal in a folder of their own, and a taker that fills them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / "place"
        self.store = LocalStore(self.folder / "blobs", 0)
        self.journal = Journal(self.folder / "journal")
        self.taker = Taker(self.store, self.journal, str(uuid4()), str(uuid4()), str(uuid4()))

    def records(self) -> list[Received]:
        """What the journal holds."""
        reader = Reader(self.folder / "journal")
        return [record for segment in reader.segments() for record, _ in reader.pending(segment)]

    def outside(self) -> list[Path]:
        """Files anywhere in the test's folder that are neither of the store nor of the journal."""
        own = (self.folder / "blobs", self.folder / "journal")
        return [p for p in self.root.rglob("*") if p.is_file() and not any(p.is_relative_to(o) for o in own)]

    def zipped(self, data: bytes) -> list[Outcome]:
        """What became of each member of a zip."""
        return list(take_zip(self.taker, io.BytesIO(data)))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place, closed afterwards."""
    made = Place(tmp_path)
    yield made
    made.journal.close()


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def test_a_real_image_is_stored_and_then_recorded(place: Place) -> None:
    """The bytes in the store have the SHA-256 that the receipt and the journal name, and hold the same image (H02)."""
    outcome = place.taker.take("CT_small.dcm", _image())
    sent = dcmread(IMAGE)
    assert (outcome.outcome, outcome.sop_uid, outcome.study_uid) == (
        "stored",
        sent.SOPInstanceUID,
        sent.StudyInstanceUID,
    )
    (record,) = place.records()
    assert (record.source, record.client_id, record.receipt_id, record.sender_id) == (
        "upload",
        place.taker.client_id,
        place.taker.receipt_id,
        place.taker.sender_id,
    )
    stored = place.store.read_range(record.key, 0, record.length)
    assert sha256(stored).hexdigest() == outcome.sha256 == record.sha256
    assert dcmread(io.BytesIO(stored)).PixelData == sent.PixelData
    assert record.transfer_syntax == sent.file_meta.TransferSyntaxUID


def test_a_preamble_that_is_a_program_is_not_kept(place: Place) -> None:
    """A DICOM file that is a Windows program at the same time is stored with an empty preamble."""
    data = b"MZ" + bytes(126) + IMAGE.read_bytes()[128:]
    place.taker.take("image.exe", io.BytesIO(data))
    (record,) = place.records()
    assert place.store.read_range(record.key, 0, 132) == bytes(128) + b"DICM"


@pytest.mark.parametrize("data", [b"", b"\x00", b"Look at these.", b"%PDF-1.7", bytes(4096)])
def test_what_is_no_dicom_is_left_out(place: Place, data: bytes) -> None:
    """Empty files, texts and zeros are refused with the reason; nothing is stored or recorded."""
    outcome = place.taker.take("x", io.BytesIO(data))
    assert outcome.outcome == "refused"
    assert outcome.reason
    assert place.records() == []
    assert not [p for p in (place.folder / "blobs").rglob("*") if p.is_file() and p.stat().st_size == len(data) > 0]


def test_a_dicomdir_is_left_out_and_its_paths_are_not_followed(place: Place) -> None:
    """A directory of a CD is no image; what it points to is not opened, only what was sent is taken."""
    directory = Path(str(get_testdata_file("DICOMDIR")))
    outcomes = place.zipped(_zip(("CD/DICOMDIR", directory.read_bytes()), ("CD/IM1", IMAGE.read_bytes())))
    assert [(o.name, o.outcome) for o in outcomes] == [("DICOMDIR", "refused"), ("IM1", "stored")]
    assert outcomes[0].reason == NOT_IMAGES
    assert len(place.records()) == 1


@pytest.mark.parametrize("cut", [200, 1000, 20_000, 39_000])
def test_a_file_that_ends_early_is_not_said_to_be_whole(place: Place, cut: int) -> None:
    """A file cut in its header is refused; one cut in its pixels is at most kept as sent, for reception to hold."""
    data = IMAGE.read_bytes()[:cut]
    outcome = place.taker.take("cut.dcm", io.BytesIO(data))
    if outcome.outcome == "stored":
        (record,) = place.records()
        assert record.length <= cut + 512
    else:
        assert place.records() == []


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "/etc/passwd", "..\\..\\windows\\win.ini", "C:\\x", "a/../../b", "....//x", "x" * 400],
)
def test_names_in_a_zip_lead_nowhere(place: Place, name: str) -> None:
    """Names that climb out of a folder are shown by their last part; the image goes where its bytes say."""
    (outcome,) = place.zipped(_zip((name, IMAGE.read_bytes())))
    assert outcome.outcome == "stored"
    assert not set(outcome.name) & {"/", "\\"}
    assert len(outcome.name) <= 200
    assert place.outside() == []


@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_writes_outside_the_store(place: Place, name: str) -> None:
    """Whatever a member is called, nothing is written outside store and journal."""
    if not name.endswith("/"):
        place.zipped(_zip((name, b"no image")))
    assert place.outside() == []


def test_a_member_that_unpacks_to_far_more_is_refused(place: Place) -> None:
    """A bomb is told by its ratio before it is unpacked; the image beside it is taken."""
    outcomes = place.zipped(_zip(("bomb.dcm", bytes(64 * 1024 * 1024)), ("IM1", IMAGE.read_bytes())))
    assert [o.outcome for o in outcomes] == ["refused", "stored"]
    assert "far more" in outcomes[0].reason


def test_a_size_that_lies_does_not_unpack_more_than_it_says(place: Place) -> None:
    """A member whose directory understates its size is refused as damaged, not unpacked whole."""
    data = _zip(("IM1", IMAGE.read_bytes()))
    length = len(IMAGE.read_bytes()).to_bytes(4, "little")
    (outcome,) = place.zipped(data.replace(length, (600).to_bytes(4, "little")))
    assert outcome.outcome == "refused"
    assert place.records() == []


def test_a_link_in_a_zip_is_not_followed(place: Place) -> None:
    """A symbolic link is refused as a link."""
    link = zipfile.ZipInfo("IM1")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    (outcome,) = place.zipped(_zip((link, b"/etc/passwd")))
    assert (outcome.outcome, outcome.reason) == ("refused", "It is a link, not a file.")
    assert place.records() == []


def test_a_locked_member_is_refused_with_its_reason(place: Place) -> None:
    """A member with a password is told apart from a damaged one."""
    data = bytearray(_zip(("IM1", IMAGE.read_bytes())))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (outcome,) = place.zipped(bytes(data))
    assert (outcome.outcome, outcome.reason) == ("refused", "It is locked with a password.")


def test_a_damaged_member_does_not_stop_the_others(place: Place) -> None:
    """Bytes that do not fit their checksum are refused; the next member is taken."""
    data = bytearray(_zip(("IM1", IMAGE.read_bytes()), ("IM2", IMAGE.read_bytes())))
    data[400:420] = bytes(20)
    outcomes = place.zipped(bytes(data))
    assert [o.outcome for o in outcomes] == ["refused", "stored"]
    assert outcomes[0].reason == "It is damaged inside the zip."


def test_a_zip_without_its_directory_is_refused_whole(place: Place) -> None:
    """A zip that was cut on its way is no zip; the page says so."""
    with pytest.raises(zipfile.BadZipFile):
        place.zipped(_zip(("IM1", IMAGE.read_bytes()))[:-30])
    assert place.records() == []


def test_a_zip_in_a_zip_is_left_out(place: Place) -> None:
    """Nested zips are not opened: they are no images."""
    (outcome,) = place.zipped(_zip(("inner.zip", _zip(("IM1", IMAGE.read_bytes())))))
    assert (outcome.outcome, outcome.reason) == ("refused", NOT_IMAGES)


@pytest.mark.parametrize(("limit", "members"), [("MOST_MEMBERS", 3), ("LARGEST_ZIP", 1)])
def test_a_zip_over_a_limit_is_refused_before_it_is_unpacked(
    place: Place, monkeypatch: pytest.MonkeyPatch, limit: str, members: int
) -> None:
    """Too many members, or too many bytes in all: nothing of it is taken."""
    monkeypatch.setattr(objects, limit, 2)
    with pytest.raises(TooLarge):
        place.zipped(_zip(*((f"IM{n}", IMAGE.read_bytes()) for n in range(members))))
    assert place.records() == []


def test_an_object_over_the_limit_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that is larger than is taken gets its reason, single or inside a zip."""
    monkeypatch.setattr(objects, "LARGEST_OBJECT", 1000)
    outcome = place.taker.take("IM1", _image())
    assert (outcome.outcome, "larger" in outcome.reason) == ("refused", True)
    (member,) = place.zipped(_zip(("IM1", IMAGE.read_bytes())))
    assert member.outcome == "refused"
    assert place.records() == []


@pytest.mark.parametrize(("length", "fits"), [(0, True), (999, True), (1000, True), (1001, False)])
def test_a_body_is_spooled_up_to_its_limit(length: int, fits: bool) -> None:
    """A request is read up to the limit and not one byte further."""
    read: Callable[[int], bytes] = io.BytesIO(bytes(length)).read
    if not fits:
        with pytest.raises(TooLarge):
            spool(read, 1000)
        return
    with spool(read, 1000) as file:
        assert len(file.read()) == length


def test_a_full_store_is_told_as_not_stored(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room the sender is told to send again; nothing is recorded as received (H02)."""

    def full(*_: object) -> None:
        raise StoreFull("no room")

    monkeypatch.setattr(LocalStore, "put", full)
    outcome = place.taker.take("IM1", _image())
    assert outcome.outcome == "refused"
    assert "not stored" in outcome.reason
    assert place.records() == []


def test_uids_that_are_paths_reach_no_path(place: Place) -> None:
    """An image whose UID climbs out of folders is refused, or stored under the hash of its bytes as any other."""
    image = dcmread(IMAGE)
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = "../../../../tmp/overread-evil"
    out = io.BytesIO()
    image.save_as(out)
    place.taker.take("IM1", io.BytesIO(out.getvalue()))
    assert place.outside() == []
    assert all(r.key.startswith("sha256/") for r in place.records())

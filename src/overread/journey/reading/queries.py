"""Reads of the reading room: access, key images, coverage."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from overread.journey.allocation import queries as claims
from overread.journey.allocation.rules import allowed
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.rules import ReadState, Role
from overread.journey.reading.models import Displayed, KeyImage
from overread.journey.reading.rules import SeriesCoverage, covered, may_open

ORDER = {Role.CURRENT: 0, Role.FOR_REVIEW: 1, Role.PRIOR: 2}


@dataclass(frozen=True)
class StudyInRead:
    """A study that belongs to a read."""

    study_id: UUID
    uid: str
    role: str
    modalities: tuple[str, ...]
    description: str
    study_date: date | None
    image_count: int

    @property
    def words(self) -> str:
        """Which study it is, without patient detail: "2 Mar 2024, CT head"."""
        day = f"{self.study_date:%d %b %Y}, " if self.study_date else ""
        return f"{day}{self.description or ' '.join(self.modalities)}"


@dataclass(frozen=True)
class ReadAccess:
    """What a person may see for a read: its current studies and permitted priors, in reading order (H09)."""

    client_id: UUID
    case_id: UUID
    read_id: UUID
    studies: tuple[StudyInRead, ...]


@dataclass(frozen=True)
class KeyImageView:
    """A key image."""

    id: UUID
    number: int
    sop_uid: str
    frame: int
    words: str
    picture_key: str
    picture_length: int
    made_at: datetime


def _studies(case_id: UUID) -> tuple[StudyInRead, ...]:
    attached = cases.studies_of(case_id)
    rows = archive.studies(s.study_id for s in attached)
    found = [
        StudyInRead(
            s.study_id,
            rows[s.study_id].uid,
            s.role,
            tuple(m for m in rows[s.study_id].modalities.replace("\\", ",").split(",") if m),
            rows[s.study_id].description,
            rows[s.study_id].study_date,
            rows[s.study_id].image_count,
        )
        for s in attached
        if s.study_id in rows
    ]
    newest = {s.study_id: -(s.study_date.toordinal() if s.study_date else 0) for s in found}
    return tuple(sorted(found, key=lambda s: (ORDER.get(Role(s.role), 9), newest[s.study_id])))


_GRANTS: list[Callable[[UUID, UUID], bool]] = []


def grant_images(may_see: Callable[[UUID, UUID], bool]) -> None:
    """Let a later stage say who else must see the images of a read now, such as its reviewer; site joins it.

    Args:
        may_see: `(read_id, person_id)`; asked at every request. The gates of register and privilege hold all the same.
    """
    if may_see not in _GRANTS:
        _GRANTS.append(may_see)


def access(read_id: UUID, person_id: UUID) -> ReadAccess | None:
    """What a person may see for a read, or None when it is not theirs to open.

    Asked again at every request for images, so that a lost claim or an ended privilege takes effect at once (H12).
    """
    read = cases.read(read_id)
    if read is None:
        return None
    theirs = read.state == ReadState.SIGNED and read.reader_id == person_id
    holds = claims.holds(read_id, person_id)
    asked = any(grant(read_id, person_id) for grant in _GRANTS)
    if not (holds or theirs or asked):
        return None
    may_read = allowed(claims.hard_gates(read_id, person_id))
    if not may_open(holds=holds, signed_by_them=theirs or asked, may_read=may_read):
        return None
    return ReadAccess(read.client_id, read.case_id, read_id, _studies(read.case_id))


def key_images(read_id: UUID) -> list[KeyImageView]:
    """The key images of a read, in order of making."""
    rows = KeyImage.objects.filter(read_id=read_id, removed_at__isnull=True).order_by("number")
    return [
        KeyImageView(r.id, r.number, r.sop_uid, r.frame, r.words, r.picture_key, r.picture_length, r.made_at)
        for r in rows
    ]


def key_image(read_id: UUID, number: int) -> KeyImageView | None:
    """One key image of a read."""
    return next((k for k in key_images(read_id) if k.number == number), None)


def coverage(read_id: UUID, person_id: UUID) -> tuple[SeriesCoverage, ...]:
    """How much of each series of the current studies was displayed to this person."""
    read = cases.read(read_id)
    if read is None:
        return ()
    shown = frozenset(Displayed.objects.filter(read_id=read_id, person_id=person_id).values_list("sop_uid", flat=True))
    current = [s.study_id for s in _studies(read.case_id) if s.role == Role.CURRENT]
    images: dict[UUID, set[str]] = defaultdict(set)
    for series_id, sop_uid, _, has_pixels in archive.images_of(frozenset(current)):
        if has_pixels:
            images[series_id].add(sop_uid)
    series = []
    for study_id in current:
        for row in archive.series_of(study_id):
            uids = frozenset(images[row.id])
            words = f"{row.modality} {row.number or ''} {row.description}".strip()
            if uids:
                series.append((row.uid, words, uids))
    return covered(series, shown)

"""Reads of the archive: studies, series, instances, priors, and the hash of an image set."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from overread.foundation.work.once import once
from overread.journey.archive.models import Instance, Series, Study
from overread.journey.archive.rules import StoredObject, field_of, image_set_hash, name_words, text_words
from overread.journey.case.rules import FieldOfView, StudyFacts
from overread.journey.patient.queries import linked_ids


@dataclass(frozen=True)
class Indexed:
    """What became of a batch: new instances, repeats of known ones, and objects whose UID has other bytes."""

    new: int
    repeats: int
    conflicts: tuple[StoredObject, ...]
    study_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class StudyView:
    """A study; the patient fields are as sent, `patient_id` is the person it was matched to."""

    id: UUID
    client_id: UUID
    uid: str
    patient_id: UUID | None
    identifier: str
    issuer: str
    patient_name: str
    birth_date: date | None
    birth_date_given: bool
    sex: str
    nhs_number: str
    accession: str
    study_date: date | None
    acquired_at: datetime | None
    description: str
    modalities: str
    body_part: str
    laterality: str
    referrer: str
    institution: str
    source: str
    declared_images: int | None
    series_count: int
    image_count: int
    total_bytes: int
    first_at: datetime
    last_at: datetime

    @property
    def name(self) -> str:
        """Family, Given, as lists show it; "" when none was sent."""
        return name_words(self.patient_name)

    @property
    def examination(self) -> str:
        """What was done, as the scanner says it, else the modality."""
        return text_words(self.description) or self.modalities


@dataclass(frozen=True)
class SeriesView:
    """A series."""

    id: UUID
    client_id: UUID
    study_id: UUID
    uid: str
    modality: str
    number: int | None
    description: str
    body_part: str
    laterality: str
    declared_images: int | None
    image_count: int


@dataclass(frozen=True)
class InstanceView:
    """An instance, with the key of its bytes in the blob store."""

    id: UUID
    client_id: UUID
    study_id: UUID
    study_uid: str
    series_id: UUID
    series_uid: str
    series_number: int | None
    sop_uid: str
    sop_class: str
    number: int | None
    transfer_syntax: str
    sha256: str
    key: str
    length: int
    rows: int | None
    columns: int | None
    frames: int
    lossy: bool
    has_pixels: bool
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class StudySearch:
    """What to look for; empty fields do not narrow. Names may hold * and ? (PS3.4 C.2.2.2.4)."""

    uids: tuple[str, ...] = ()
    identifier: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: date | None = None
    nhs_number: str = ""
    accession: str = ""
    modality: str = ""
    from_date: date | None = None
    to_date: date | None = None


_STUDY_FIELDS = tuple(StudyView.__dataclass_fields__)
_SERIES_FIELDS = tuple(SeriesView.__dataclass_fields__)


def _study(row: Study) -> StudyView:
    return StudyView(**{name: getattr(row, name) for name in _STUDY_FIELDS})


def study(study_id: UUID) -> StudyView | None:
    """A study in scope."""
    row = Study.objects.filter(id=study_id).first()
    return _study(row) if row else None


def studies(ids: Iterable[UUID]) -> dict[UUID, StudyView]:
    """Studies in scope by id."""
    return _studies(frozenset(ids))


@once
def _studies(ids: frozenset[UUID]) -> dict[UUID, StudyView]:
    return {row.id: _study(row) for row in Study.objects.filter(id__in=ids)}


def study_by_uid(client_id: UUID, uid: str) -> StudyView | None:
    """A client's study by its UID."""
    row = Study.objects.filter(client_id=client_id, uid=uid).first()
    return _study(row) if row else None


def studies_by_uid(client_id: UUID, uids: Iterable[str]) -> dict[str, StudyView]:
    """A client's studies by their UIDs."""
    return {row.uid: _study(row) for row in Study.objects.filter(client_id=client_id, uid__in=set(uids))}


def studies_newest(limit: int = 100, before: datetime | None = None) -> list[StudyView]:
    """Studies in scope by arrival, newest first; `before` is the `first_at` of the last one of the page before."""
    rows = Study.objects.order_by("-first_at", "id")
    if before is not None:
        rows = rows.filter(first_at__lt=before)
    return [_study(row) for row in rows[:limit]]


def _pattern(text: str) -> Q:
    """A name with wildcards as a condition: exact without, a case-insensitive regular expression with."""
    if "*" not in text and "?" not in text:
        return Q(patient_name__iexact=text)
    if text.endswith("*") and not {"*", "?"} & set(text[:-1]):
        return Q(patient_name__istartswith=text[:-1])
    safe = "".join({"*": ".*", "?": "."}.get(c, "\\" + c if not c.isalnum() and c != " " else c) for c in text)
    return Q(patient_name__iregex=f"^{safe}$")


def search(client_id: UUID, wanted: StudySearch, *, limit: int = 100, offset: int = 0) -> list[StudyView]:
    """A client's studies that fit all that is wanted, newest study date first."""
    found = Q(client_id=client_id)
    exact = {
        "identifier": wanted.identifier,
        "issuer": wanted.issuer,
        "birth_date": wanted.birth_date,
        "nhs_number": wanted.nhs_number,
        "accession": wanted.accession,
        "study_date__gte": wanted.from_date,
        "study_date__lte": wanted.to_date,
        "modalities__contains": wanted.modality,
    }
    found &= Q(**{name: value for name, value in exact.items() if value})
    if wanted.uids:
        found &= Q(uid__in=wanted.uids)
    if wanted.name:
        found &= _pattern(wanted.name)
    rows = Study.objects.filter(found).order_by("-study_date", "-first_at", "id")
    return [_study(row) for row in rows[offset : offset + limit]]


def studies_matching(
    client_id: UUID,
    *,
    accession: str = "",
    identifier: str = "",
    issuer: str = "",
    nhs_number: str = "",
    birth_date: date | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> list[StudyView]:
    """A client's studies that share at least one strong key with a referral, newest first; for matching to score.

    Args:
        client_id: whose studies; never another client's.
        accession, identifier, issuer, nhs_number, birth_date: keys of the referral; empty ones are not compared.
            An issuer narrows the identifier only when the study names one too.
        since: only studies that arrived after this.
        limit: how many at most.
    """
    keys = Q()
    if accession:
        keys |= Q(accession=accession)
    if identifier:
        keys |= Q(identifier=identifier) & (Q(issuer="") | Q(issuer=issuer) if issuer else Q())
    if nhs_number:
        keys |= Q(nhs_number=nhs_number)
    if birth_date:
        keys |= Q(birth_date=birth_date)
    if not keys:
        return []
    rows = Study.objects.filter(keys, client_id=client_id)
    if since is not None:
        rows = rows.filter(first_at__gte=since)
    return [_study(row) for row in rows.order_by("-first_at", "id")[:limit]]


@once
def series_of(study_id: UUID) -> list[SeriesView]:
    """The series of a study by number."""
    rows = Series.objects.filter(study_id=study_id).order_by("number", "uid")
    return [SeriesView(**{name: getattr(row, name) for name in _SERIES_FIELDS}) for row in rows]


def fields_of(study_ids: Iterable[UUID]) -> dict[UUID, FieldOfView]:
    """The field of view of studies as their CT images measure it, where they say it; one query (REQ-81)."""
    rows = Series.objects.filter(study_id__in=set(study_ids), modality="CT", across_mm__isnull=False)
    sides: dict[UUID, list[tuple[float, float, float]]] = {}
    for study_id, *three in rows.values_list("study_id", "across_mm", "low_mm", "high_mm"):
        sides.setdefault(study_id, []).append((three[0], three[1], three[2]))
    return {study_id: field for study_id, found in sides.items() if (field := field_of(found)) is not None}


_COLUMNS: dict[str, str] = {name: name for name in InstanceView.__dataclass_fields__} | {
    "study_uid": "study__uid",
    "series_uid": "series__uid",
    "series_number": "series__number",
}


def _instances(rows: Any) -> list[InstanceView]:
    found = rows.order_by("series__number", "series__uid", "number", "sop_uid").values_list(*_COLUMNS.values())
    return [InstanceView(*values) for values in found]


def instances(study_id: UUID) -> list[InstanceView]:
    """All instances of a study, in order of series and instance number."""
    return _instances(Instance.objects.filter(study_id=study_id))


def instances_of_series(study_id: UUID, series_uid: str) -> list[InstanceView]:
    """The instances of one series, in order."""
    return _instances(Instance.objects.filter(study_id=study_id, series__uid=series_uid))


def instance_by_uid(client_id: UUID, sop_uid: str) -> InstanceView | None:
    """A client's instance by its SOP instance UID."""
    found = _instances(Instance.objects.filter(client_id=client_id, sop_uid=sop_uid))
    return found[0] if found else None


def hashes_of(client_id: UUID, sop_uids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """SOP UID to (SHA-256, key) of those of a client's instances that the archive holds; for storage commitment."""
    rows = Instance.objects.filter(client_id=client_id, sop_uid__in=set(sop_uids))
    return {uid: (sha256, key) for uid, sha256, key in rows.values_list("sop_uid", "sha256", "key")}


@once
def images_of(study_ids: frozenset[UUID]) -> tuple[tuple[UUID, str, str, bool], ...]:
    """(series, SOP UID, SHA-256, whether it has pixels) of all instances of some studies: one short query for a signing."""
    rows = Instance.objects.filter(study_id__in=study_ids)
    return tuple(rows.values_list("series_id", "sop_uid", "sha256", "has_pixels"))


def held_among(study_ids: Iterable[UUID], sop_uids: Iterable[str]) -> frozenset[str]:
    """Those SOP UIDs that are instances of these studies."""
    rows = Instance.objects.filter(study_id__in=frozenset(study_ids), sop_uid__in=frozenset(sop_uids))
    return frozenset(rows.values_list("sop_uid", flat=True))


def image_set(*study_ids: UUID) -> str:
    """The hash over all images of these studies as they are now; it is what a signature names."""
    return image_set_hash((sop_uid, sha256) for _, sop_uid, sha256, _ in images_of(frozenset(study_ids)))


def priors(study_id: UUID, limit: int = 50) -> list[StudyView]:
    """Other studies of the same matched patient of the same client, and of records linked to it, newest first.

    A study that is matched to nobody has no priors: names alone join nothing (H09).
    """
    here = Study.objects.filter(id=study_id).first()
    if here is None or here.patient_id is None:
        return []
    return [s for s in studies_of_patient(here.patient_id, limit + 1) if s.id != study_id][:limit]


def studies_of_patient(patient_id: UUID, limit: int = 50) -> list[StudyView]:
    """All studies matched to a patient or to a record linked to it, newest first."""
    rows = Study.objects.filter(patient_id__in=linked_ids(patient_id)).order_by("-study_date", "-first_at")
    return [_study(row) for row in rows[:limit]]


def facts_for_case(study_id: UUID) -> StudyFacts:
    """What a case shows of a study, with the hash of its image set as it is now.

    Raises:
        LookupError: there is no such study in scope.
    """
    row = Study.objects.filter(id=study_id).first()
    if row is None:
        raise LookupError(f"no study {study_id} in scope")
    return StudyFacts(
        description=row.description,
        modalities=row.modalities,
        study_date=row.study_date,
        acquired_at=row.acquired_at,
        series_count=row.series_count,
        image_count=row.image_count,
        image_set_sha256=image_set(study_id),
    )


def keys_in_use(keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys that an instance in scope uses; only the scope of everything gives the whole answer."""
    return frozenset(Instance.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def every_key() -> Iterator[str]:
    """The key of every stored instance in scope, each once; for the check of the store, in the scope of everything."""
    yield from Instance.objects.order_by("key").values_list("key", flat=True).distinct().iterator()

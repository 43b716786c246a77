"""Facts of the archive."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import NowEvent


@dataclass(frozen=True, kw_only=True)
class InstancesIndexed(NowEvent):
    """Instances of a study entered the archive.

    Attributes:
        study_id: the study.
        added: how many were new.
        first: the study was not known before.
        declared_images: how many images the sender says the study has, if it says so.
    """

    study_id: UUID
    added: int
    first: bool
    declared_images: int | None = None


@dataclass(frozen=True, kw_only=True)
class StudyChanged(NowEvent):
    """What is known of a study changed: its images, or the patient it belongs to."""

    study_id: UUID

"""What a register wants of the clock: a duty that there should be."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

TITLE = 200  # characters


@dataclass(frozen=True, slots=True)
class WantedDuty:
    """A duty that there should be.

    Attributes:
        subject_id: the row that it is about; one live duty of a kind per subject.
        owner_id: who must do it; None when nobody can be named, then the registered manager is told.
        title: for pages, mails and calendars; names of staff and numbers of registers, never a patient.
        due_at: by when, aware.
        client_id: whose scope the subject's page needs, if it is a client's.
    """

    subject_id: UUID
    owner_id: UUID | None
    title: str
    due_at: datetime
    client_id: UUID | None = None

    def cut(self) -> "WantedDuty":
        """The same with a title that fits its column."""
        return replace(self, title=self.title[:TITLE])

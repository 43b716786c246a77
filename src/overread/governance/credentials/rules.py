"""Whether somebody may read, and why or why not: pure (H12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Body(StrEnum):
    """The regulators whose registers we check."""

    GMC = "GMC"
    GDC = "GDC"


@dataclass(frozen=True)
class RegistrationFacts:
    """A registration that holds now."""

    body: str
    number: str
    checked_on: date


@dataclass(frozen=True)
class PrivilegeFacts:
    """A privilege that holds now; client None means every client."""

    client_id: UUID | None
    modalities: frozenset[str]
    read_types: frozenset[str]

    def covers(self, client_id: UUID, modality: str, read_type: str) -> bool:
        """Whether it allows this read."""
        right_client = self.client_id in (None, client_id)
        return right_client and modality in self.modalities and read_type in self.read_types


@dataclass(frozen=True)
class Reason:
    """One line of "why is this read mine", or why it is not."""

    holds: bool
    words: str


def may_read(
    registrations: Iterable[RegistrationFacts],
    privileges: Iterable[PrivilegeFacts],
    *,
    client_id: UUID,
    modality: str,
    read_type: str,
) -> tuple[bool, tuple[Reason, ...]]:
    """Registration and privilege are gates that nobody passes without (DESIGN 3, gates).

    Args:
        registrations: those of the reader that hold at the moment asked about.
        privileges: likewise.
        client_id: whose case.
        modality: DICOM Modality of the examination, such as "CT".
        read_type: "primary", "second_opinion" or "clinical_review".

    Returns:
        Whether the reader may read, and the reasons, in words for the screen.
    """
    registered = list(registrations)
    first = (
        Reason(True, f"Registered with the {registered[0].body}, checked on {registered[0].checked_on:%d %b %Y}")
        if registered
        else Reason(False, "No registration with the GMC or GDC is on record")
    )
    kind = read_type.replace("_", " ")
    covered = any(p.covers(client_id, modality, read_type) for p in privileges)
    second = (
        Reason(True, f"Privileged for {modality} {kind} reads for this client")
        if covered
        else Reason(False, f"No privilege for {modality} {kind} reads for this client is in date")
    )
    return first.holds and second.holds, (first, second)

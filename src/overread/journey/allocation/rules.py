"""Who may claim a read, and when a lease has run out: pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from overread.governance.credentials.rules import Reason, in_the_way
from overread.journey.case.rules import Priority


class Ended(StrEnum):
    """How a claim ended."""

    HANDED_BACK = "handed_back"
    TAKEN_OVER = "taken_over"
    LEASE_RAN_OUT = "lease_ran_out"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ClaimFacts:
    """A live claim."""

    person_id: UUID
    lease_until: datetime

    def is_live(self, at: datetime) -> bool:
        """Whether the lease still runs."""
        return at < self.lease_until


def lease_end(at: datetime, lease: timedelta) -> datetime:
    """Until when a claim or a beat at `at` holds, without another sign of life from the reading page."""
    return at + lease


def may_claim(
    gates: Iterable[Reason], claim: ClaimFacts | None, *, person_id: UUID, at: datetime
) -> tuple[Reason, ...]:
    """All reasons for and against a claim now; it may be made if every one holds.

    Args:
        gates: what credentials and role say of this reader and this read.
        claim: the claim that stands, if any.
        person_id: who asks.
        at: now.
    """
    held = claim is not None and claim.is_live(at) and claim.person_id != person_id
    free = Reason(not held, "Another reader is reading it" if held else "Nobody else is reading it", "free")
    return (*gates, free)


PRESSING = frozenset({Priority.URGENT, Priority.EMERGENCY})
"""Priorities that no soft gate delays (H33)."""


def allowed(reasons: Iterable[Reason]) -> bool:
    """Whether every reason holds."""
    return all(reason.holds for reason in reasons)


def stopping(reasons: Iterable[Reason], *, priority: str, opened: bool) -> tuple[Reason, ...]:
    """The reasons that stop a claim: hard gates always, soft ones only for routine work not opened yet (H12, H33).

    Args:
        reasons: every gate of this reader for this read.
        priority: of the case.
        opened: this reader has opened the read already.
    """
    return in_the_way(reasons, pressing=priority in PRESSING, opened=opened)


def complete(incomplete: bool) -> Reason:
    """The soft gate of a whole study (H03)."""
    words = "Fewer images arrived than were declared" if incomplete else "All declared images are here"
    return Reason(not incomplete, words, "incomplete", hard=False)


_TITLES: Final = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "professor", "sir", "dame"})


def _name(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", text.casefold())) - _TITLES


def same_person(name: str, author: str) -> bool:
    """Whether an outside report names as its author somebody of the same name; titles and order do not count.

    An author whose name says more or less than the reader's counts when at least two of its words are the reader's: one
    read too many for a colleague is a nuisance, judging one's own report is worthless (REQ-71).
    """
    return len(_name(name) & _name(author)) >= 2


def own_report(*, wrote: bool, named: bool) -> Reason:
    """The hard gate of an opinion or a review: nobody judges the report that they wrote themselves (REQ-71).

    Args:
        wrote: the reader signed a version of the report in question, here.
        named: the report from outside names an author of the reader's name.
    """
    words = "You did not write the report in question"
    if wrote or named:
        words = "You wrote the report in question" if wrote else "The report in question names an author of your name"
        words += ", and nobody judges their own"
    return Reason(not (wrote or named), words, "own-report")

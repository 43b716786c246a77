"""Gates with a safe way through: which stop everybody, and which let urgent or opened work pass with a reason (H12, H33).

A hard gate (registration, licence, indemnity, privilege, release after the entry audit) is passed by nobody. A soft one
(training, staff file, appraisal, a renewal, a display check, an incomplete study) stops new routine work only: an urgent read, and
one that the reader has opened already, may be signed with a reason, which the report and the registered manager see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

GATE_WORDS: Final[dict[str, str]] = {
    "role": "Role",
    "registration": "Registration",
    "registration-check": "Check of the register",
    "privilege": "Privilege",
    "field-of-view": "Field of view",
    "own-report": "Own report",
    "indemnity": "Indemnity",
    "entry-audit": "Entry audit",
    "appraisal": "Appraisal",
    "revalidation": "Revalidation",
    "dbs": "DBS check",
    "display": "Display check",
    "display-test": "Tests of the display",
    "display-floor": "Luminance of the display",
    "training": "Mandatory training",
    "staff-file": "Staff file",
    "incomplete": "Complete study",
    "free": "Nobody else reads it",
}
"""Gates by name, with the heading that people see."""

OF_THE_DAY: Final = frozenset({"display"})
"""Gates that open anew each day at the place where a reader sits; the register leaves them to the reader."""


@dataclass(frozen=True)
class Reason:
    """One line of "why is this read mine", or why it is not.

    Attributes:
        holds: whether the gate is open.
        words: what is so, for people.
        gate: its name, a key of GATE_WORDS.
        hard: whether nobody passes while it is shut.
        only_for: modalities that it is about; empty for every one.
        passed_until: set when a gate that is shut is open by an override, until then.
    """

    holds: bool
    words: str
    gate: str = ""
    hard: bool = True
    only_for: frozenset[str] = frozenset()
    passed_until: datetime | None = None

    @property
    def heading(self) -> str:
        """The gate's name for people."""
        return GATE_WORDS.get(self.gate, self.gate.replace("-", " ").capitalize())

    def concerns(self, modality: str) -> bool:
        """Whether the gate is about reads of a modality."""
        return not self.only_for or modality in self.only_for


class Way(StrEnum):
    """What the gates say of a read together."""

    OPEN = "open"
    WITH_REASON = "with-reason"
    SHUT = "shut"


def shut(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The gates that are shut, hard ones first."""
    return tuple(sorted((r for r in reasons if not r.holds), key=lambda r: not r.hard))


def way(reasons: Iterable[Reason], *, pressing: bool, opened: bool) -> Way:
    """Whether a read may be taken or signed.

    Args:
        reasons: every gate.
        pressing: the read is urgent or an emergency.
        opened: this reader has opened it already.
    """
    faults = shut(reasons)
    if not faults:
        return Way.OPEN
    if any(r.hard for r in faults):
        return Way.SHUT
    return Way.WITH_REASON if pressing or opened else Way.SHUT


def in_the_way(reasons: Iterable[Reason], *, pressing: bool, opened: bool) -> tuple[Reason, ...]:
    """The shut gates that stop this read; those that only ask for a reason are not among them."""
    faults = shut(reasons)
    return tuple(r for r in faults if r.hard or not (pressing or opened))


@dataclass(frozen=True)
class OverrideFacts:
    """What the registered manager let pass: one soft gate of one reader, for a time.

    Attributes:
        key: of the override.
        gate: its name.
        until: when it ends.
        why: the manager's reason.
        by_words: the manager's name.
    """

    key: UUID
    gate: str
    until: datetime
    why: str
    by_words: str = ""


def with_overrides(reasons: Iterable[Reason], overrides: Iterable[OverrideFacts], at: datetime) -> tuple[Reason, ...]:
    """The gates as they act while overrides run: a soft one that is shut is open until then; a hard one never."""
    live = {o.gate: o for o in sorted(overrides, key=lambda o: o.until) if o.until > at}
    return tuple(_passed(r, live[r.gate]) if not (r.holds or r.hard) and r.gate in live else r for r in reasons)


def _passed(reason: Reason, override: OverrideFacts) -> Reason:
    by = f" by {override.by_words}" if override.by_words else ""
    words = f"{reason.words}. Let pass{by}: {override.why}"
    return replace(reason, holds=True, words=words, passed_until=override.until)


def override_fault(*, gate: str, hard: bool, own: bool, why: str, lasts: timedelta, longest: timedelta) -> str:
    """Why a gate may not be overridden so, or "".

    Args:
        gate: its name; one that does not exist is refused.
        hard: whether the gate is hard.
        own: the one who overrides is the reader.
        why: the reason, at least ten characters of text.
        lasts, longest: asked for and allowed.
    """
    if own:
        return "Nobody lets themselves pass. Ask another manager."
    if gate not in GATE_WORDS:
        return "There is no such gate."
    if hard:
        return f"{GATE_WORDS[gate]} is a gate that nobody passes. Put right what is missing instead."
    if len(why.strip()) < 10:
        return "Write why this reader may read all the same; it is printed in the evidence."
    if not timedelta(0) < lasts <= longest:
        return f"An override lasts at most {longest // timedelta(hours=1)} hours."
    return ""

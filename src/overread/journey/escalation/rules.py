"""The ladder's decisions: which rung next, after how long, what closes an alert. Pure (H07, H08, H21).

Invariants (RELIABILITY 4.1): an open alert always has a next step; a failed attempt never stops the climb; the end of
the ladder is a list of people and another round, never "give up"; only a named person closes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final
from uuid import UUID


class Category(StrEnum):
    """Classes of significant findings (REQ-42)."""

    CRITICAL = "critical"
    URGENT = "urgent"
    CANCER = "cancer"
    SIGNIFICANT_UNEXPECTED = "significant-unexpected"


class State(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVERRIDDEN = "overridden"


MUST_BY: Final[dict[Category, timedelta]] = {
    Category.CRITICAL: timedelta(hours=1),
    Category.URGENT: timedelta(hours=24),
    Category.CANCER: timedelta(days=3),
    Category.SIGNIFICANT_UNEXPECTED: timedelta(days=3),
}
"""How soon a person must have acknowledged; the ladder starts at once for all."""

CATEGORY_WORDS: Final[dict[Category, str]] = {
    Category.CRITICAL: "Critical: a life may hang on the next hour",
    Category.URGENT: "Urgent: within 24 hours",
    Category.CANCER: "Cancer: new, or come back",
    Category.SIGNIFICANT_UNEXPECTED: "Significant and unexpected",
}

CODE_DIGITS: Final = 6
MOST_WRONG_CODES: Final = 5
LINK_LIVES: Final = timedelta(hours=24)
ROUND_PAUSE: Final = timedelta(minutes=15)
"""After the last rung the ladder begins again; meanwhile a person of the provider is on it."""


@dataclass(frozen=True)
class RungFacts:
    """One rung as agreed: whom to tell, how, and how long to wait before the next, minutes."""

    order: int
    contact_id: UUID
    name: str
    role: str
    channel: str
    address: str
    wait_minutes: int


@dataclass(frozen=True)
class Step:
    """What to do now and when the next step is due.

    Attributes:
        rung: whom to tell, or None when nobody is named: then the provider's duty list must call.
        position: index of the rung told, counted from 0.
        round: which round of the ladder.
        next_at: when the ladder goes on by itself.
        last: whether this was the last rung of the round.
    """

    rung: RungFacts | None
    position: int
    round: int
    next_at: datetime
    last: bool


def step(ladder: Sequence[RungFacts], *, position: int, round: int, at: datetime, now: datetime) -> Step:
    """The next step of a ladder.

    Args:
        ladder: the agreed rungs in order; may be empty.
        position: index of the rung to tell now; one past the end begins another round.
        round: the round that `position` counts in.
        at: the time this step is dated at; in the past when the service stood still.
        now: the present. Rungs missed by an outage are caught up at once, but another round begins only after a pause
            from now: everybody is told, nobody once for each round that was missed (fault F26).
    """
    if not ladder:
        return Step(None, 0, round, max(at, now) + ROUND_PAUSE, True)
    if position >= len(ladder):
        position, round = 0, round + 1
    rung = ladder[position]
    last = position == len(ladder) - 1
    wait = timedelta(minutes=max(1, rung.wait_minutes))
    next_at = max(at, now) + max(wait, ROUND_PAUSE) if last else at + wait
    return Step(rung, position, round, next_at, last)


UNSAID: Final = "Significant finding: the reader will say more by telephone."
"""What an alert says that was raised before any words were written."""


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def same_finding(open_finding: str, open_side: str, finding: str, side: str) -> bool:
    """Whether an open alert is about what the report now alerts to, so that no second one is needed.

    Only the same words on the same side are the same finding, or an alert that had no words yet: one alert too many is
    a nuisance, a finding that hides behind another one's alert is nobody's (H07).
    """
    if open_finding == UNSAID:
        return not open_side or open_side == side
    return _plain(open_finding) == _plain(finding) and open_side == side


def must_by(category: Category, raised_at: datetime) -> datetime:
    """By when a person must have acknowledged."""
    return raised_at + MUST_BY[category]


def code_for(secret: bytes, alert_id: UUID, link_id: UUID) -> str:
    """The code of a link: six digits that only this installation can compute, told by voice, never with the link."""
    number = int.from_bytes(digest(secret, alert_id.bytes + link_id.bytes, "sha256")[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_fits(given: str, expected: str) -> bool:
    """Compare a typed code in constant time; spaces and dashes do not count."""
    typed = "".join(c for c in given if c.isdigit())
    return compare_digest(typed.encode(), expected.encode())


def token_hash(token: str) -> str:
    """What is kept of a link's token."""
    return sha256(token.encode()).hexdigest()


def missing_from_acknowledgement(*, name: str, role: str, read_back: str, side: str = "") -> dict[str, str]:
    """What an acknowledgement lacks: who, in what role, and the finding said back (H08)."""
    faults = {}
    if len(name.strip()) < 3:
        faults["name"] = "Give your full name: the record must show who took it."
    if len(role.strip()) < 2:
        faults["role"] = "Give your role, such as emergency consultant."
    if len(read_back.strip()) < 5:
        faults["read_back"] = "Say the finding back in your own words, with its side if it has one."
    elif side in {"left", "right"} and side not in re.findall(r"[a-z]+", read_back.lower()):
        faults["read_back"] = f"Say the side as well: the alert is about the {side}."
    return faults

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


CATEGORY_WORDS: Final[dict[Category, str]] = {
    Category.CRITICAL: "Critical: a life may hang on the next hour",
    Category.URGENT: "Urgent: within {time}",
    Category.CANCER: "Cancer: new, or come back",
    Category.SIGNIFICANT_UNEXPECTED: "Significant and unexpected",
}

"""For people; `{time}` is the time allowed. See queries.category_words()."""

TIME_ALLOWED: Final[dict[Category, str]] = {
    Category.CRITICAL: "escalation.critical",
    Category.URGENT: "escalation.urgent",
    Category.CANCER: "escalation.cancer",
    Category.SIGNIFICANT_UNEXPECTED: "escalation.significant_unexpected",
}
"""The threshold that says how soon a person must have acknowledged; the ladder starts at once for all."""


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


def step(
    ladder: Sequence[RungFacts], *, position: int, round: int, at: datetime, now: datetime, round_pause: timedelta
) -> Step:
    """The next step of a ladder.

    Args:
        ladder: the agreed rungs in order; may be empty.
        position: index of the rung to tell now; one past the end begins another round.
        round: the round that `position` counts in.
        at: the time this step is dated at; in the past when the service stood still.
        now: the present. Rungs missed by an outage are caught up at once, but another round begins only after a pause
            from now: everybody is told, nobody once for each round that was missed (fault F26).
        round_pause: the least wait after the last rung; meanwhile a person of the provider is on it.
    """
    if not ladder:
        return Step(None, 0, round, max(at, now) + round_pause, True)
    if position >= len(ladder):
        position, round = 0, round + 1
    rung = ladder[position]
    last = position == len(ladder) - 1
    wait = timedelta(minutes=max(1, rung.wait_minutes))
    next_at = max(at, now) + max(wait, round_pause) if last else at + wait
    return Step(rung, position, round, next_at, last)


WORKING_DAY: Final = timedelta(hours=8)  # nine to five, as `clock.working_week` opens


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


@dataclass(frozen=True)
class Told:
    """An alert of the case as far as a later version of its report touches it."""

    category: str
    finding: str
    side: str
    is_open: bool


@dataclass(frozen=True)
class Again:
    """What somebody must acknowledge because a report changed: an alert of its own."""

    category: str
    finding: str
    side: str


def told_again(
    told: Sequence[Told], *, category: str, finding: str, side: str, conclusion_changed: bool, withdrawn: bool
) -> Again | None:
    """The alert to raise because a version takes the place of another, or None when nothing of it is new (REQ-39, H07).

    A finding that somebody has acknowledged is told again when the conclusion changed; one that waits for somebody is
    not told twice in the same words. A report that was alerted and now concludes something else, or is signed without
    its alert, is told too: whoever acted on it must hear.

    Args:
        told: the alerts of the case, newest first.
        category, finding, side: chosen at the signature of the new version; category "" for none.
        conclusion_changed: the new version concludes something else.
        withdrawn: the version before carried an alert and this one carries none.
    """
    if category:
        same = [t for t in told if t.category == category and same_finding(t.finding, t.side, finding, side)]
        if same and (any(t.is_open for t in same) or not conclusion_changed):
            return None
        before = f" It was alerted before as: {told[0].finding}" if told and not same else ""
        return Again(category, f"Corrected report: {finding}.{before}" if told else finding, side)
    if not told or not (conclusion_changed or withdrawn):
        return None
    order = list(Category)
    worst = min(told, key=lambda t: order.index(Category(t.category)))
    words = f"The report was corrected, read it again. It was alerted before as: {worst.finding}"
    return Again(worst.category, words, worst.side)


def code_for(secret: bytes, alert_id: UUID, link_id: UUID, *, digits: int) -> str:
    """The code of a link: digits that only this installation can compute, told by voice, never with the link."""
    number = int.from_bytes(digest(secret, alert_id.bytes + link_id.bytes, "sha256")[:8], "big")
    return f"{number % 10**digits:0{digits}d}"


def link_is_dead(*, used: bool, wrong_codes: int, most_wrong_codes: int) -> bool:
    """Whether a link opens nothing any more, whatever its age: it was used, or too many wrong codes were tried."""
    return used or wrong_codes >= most_wrong_codes


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


def with_side(finding: str, side: str) -> str:
    """What was found with its side, said once: the side is added unless the words say it and no other."""
    said = set(re.findall(r"[a-z]+", finding.lower())) & {"left", "right", "both"}
    if not side or said == {side}:
        return finding
    return f"{finding}, {'both sides' if side == 'both' else side}"

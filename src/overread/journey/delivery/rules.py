"""When a report leaves, when it is tried again, and what counts as accepted: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    RELEASED = "released"
    SENDING = "sending"
    SENT = "sent"
    ACCEPTED = "accepted"
    FAILED = "failed"
    RECALLED = "recalled"


STATE_WORDS: Final[dict[State, str]] = {
    State.WAITING: "Can still be recalled",
    State.RELEASED: "About to leave",
    State.SENDING: "On its way",
    State.SENT: "Sent, not yet accepted",
    State.ACCEPTED: "Accepted",
    State.FAILED: "Failed, needs you",
    State.RECALLED: "Recalled by the reader",
}


@dataclass(frozen=True)
class Patience:
    """How often and how soon a failed delivery is tried again.

    Attributes:
        attempts: failed attempts after which a person must look.
        first_wait: after the first one; it doubles with each further one.
        longest_wait: between two attempts.
    """

    attempts: int
    first_wait: timedelta
    longest_wait: timedelta


def release_at(signed_at: datetime, recall_seconds: int, alert_category: str) -> datetime:
    """When a signed report may leave: after the recall window, which a critical finding does not have.

    Args:
        signed_at: of the version.
        recall_seconds: as agreed.
        alert_category: chosen at signing, "" for none.
    """
    return signed_at if alert_category == "critical" else signed_at + timedelta(seconds=recall_seconds)


def wait_after(attempts: int, patience: Patience) -> timedelta | None:
    """How long to wait after this many failed attempts, or None when a person must look."""
    if attempts >= patience.attempts:
        return None
    return min(patience.first_wait * 2 ** max(0, attempts - 1), patience.longest_wait)


def doubt(state: State, *, accepted: bool, retry_planned: bool) -> str:
    """Why a delivery whose receipt is overdue needs a person, or "" when it does not.

    Args:
        state: where it stands now.
        accepted: whether the other side has taken it.
        retry_planned: whether another attempt has its time.
    """
    if accepted or retry_planned:
        return ""
    return {
        State.RELEASED: "Its documents were not made in time. Look at what got stuck on the System page.",
        State.SENDING: "Sending began and nothing came of it. Look at what got stuck on the System page.",
        State.RECALLED: "Recalled, and no other version has followed. Ask the reader, or send it.",
        State.SENT: "Sent, but nothing has come back. Telephone the client, or send it again.",
    }.get(state, "")


def may_recall(states: Iterable[State]) -> bool:
    """A report can be recalled while none of its deliveries has begun to leave."""
    found = list(states)
    return bool(found) and all(state is State.WAITING for state in found)


def fits_into_day(minutes: Sequence[int], day: int) -> int:
    """How many of the things to do, taken in order, one part-time person can do in their minutes of a day; at least one."""
    used = 0
    for number, one in enumerate(minutes):
        used += one
        if used > day:
            return max(1, number)
    return len(minutes)


def counting_channel(channels: Iterable[str]) -> str:
    """Whose acceptance stops the turnaround clock: the client's system if it takes reports, else the portal."""
    named = set(channels)
    return next((c for c in ("hl7", "fhir", "dicom") if c in named), "portal")


def ends_clock(kind: str) -> bool:
    """Whether the acceptance of a version of this kind stops the turnaround clock: of every one but a preliminary (REQ-152)."""
    return kind != "preliminary"

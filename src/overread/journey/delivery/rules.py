"""When a report leaves, when it is tried again, and what counts as accepted: pure."""

from collections.abc import Iterable
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

MOST_ATTEMPTS: Final = 8
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
RECEIPT_WITHIN: Final = timedelta(hours=1)
"""An attempt that has not been accepted by then needs a person, whatever became of it (REQ-32)."""


def release_at(signed_at: datetime, recall_seconds: int, alert_category: str) -> datetime:
    """When a signed report may leave: after the recall window, which a critical finding does not have.

    Args:
        signed_at: of the version.
        recall_seconds: as agreed, usually 90.
        alert_category: chosen at signing, "" for none.
    """
    return signed_at if alert_category == "critical" else signed_at + timedelta(seconds=recall_seconds)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after this many failed attempts, or None when a person must look."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(FIRST_WAIT * 2 ** max(0, attempts - 1), LONGEST_WAIT)


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


def counting_channel(channels: Iterable[str]) -> str:
    """Whose acceptance stops the turnaround clock: the client's system if it takes reports, else the portal."""
    named = set(channels)
    return next((c for c in ("hl7", "fhir", "dicom") if c in named), "portal")

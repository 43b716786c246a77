"""Pure decisions of a case: which move is allowed, when it is due, how much of its time is used.

One transition table; a pair that is absent is refused (DESIGN 3, change of state).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID


class State(StrEnum):
    """Where a case stands."""

    AWAITING_IMAGES = "awaiting_images"
    AWAITING_REFERRAL = "awaiting_referral"
    READY = "ready"
    CLAIMED = "claimed"
    REPORTED = "reported"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    CLOSED = "closed"
    HELD = "held"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can happen to a case."""

    IMAGES_COMPLETE = "images_complete"
    REFERRAL_ACCEPTED = "referral_accepted"
    AWAIT_IMAGES = "await_images"
    IMAGES_WITHDRAWN = "images_withdrawn"
    CLAIM = "claim"
    HAND_BACK = "hand_back"
    SIGN = "sign"
    DELIVER = "deliver"
    ACCEPT = "accept"
    CLOSE = "close"
    HOLD = "hold"
    RELEASE = "release"
    RELEASE_AWAIT_IMAGES = "release_await_images"
    RELEASE_AWAIT_REFERRAL = "release_await_referral"
    CANCEL = "cancel"
    ADDEND = "addend"
    REOPEN = "reopen"


TRANSITIONS: Final[dict[tuple[State, Move], State]] = {
    (State.AWAITING_IMAGES, Move.IMAGES_COMPLETE): State.READY,
    (State.AWAITING_IMAGES, Move.HOLD): State.HELD,
    (State.AWAITING_IMAGES, Move.CANCEL): State.CANCELLED,
    (State.AWAITING_REFERRAL, Move.REFERRAL_ACCEPTED): State.READY,
    (State.AWAITING_REFERRAL, Move.AWAIT_IMAGES): State.AWAITING_IMAGES,
    (State.AWAITING_REFERRAL, Move.HOLD): State.HELD,
    (State.AWAITING_REFERRAL, Move.CANCEL): State.CANCELLED,
    (State.READY, Move.CLAIM): State.CLAIMED,
    (State.READY, Move.IMAGES_WITHDRAWN): State.AWAITING_IMAGES,
    (State.READY, Move.HOLD): State.HELD,
    (State.READY, Move.CANCEL): State.CANCELLED,
    (State.CLAIMED, Move.HAND_BACK): State.READY,
    (State.CLAIMED, Move.SIGN): State.REPORTED,
    (State.CLAIMED, Move.IMAGES_WITHDRAWN): State.HELD,
    (State.CLAIMED, Move.HOLD): State.HELD,
    (State.REPORTED, Move.DELIVER): State.DELIVERING,
    (State.REPORTED, Move.ADDEND): State.REPORTED,
    (State.REPORTED, Move.REOPEN): State.READY,
    (State.DELIVERING, Move.ACCEPT): State.DELIVERED,
    (State.DELIVERING, Move.ADDEND): State.REPORTED,
    (State.DELIVERING, Move.REOPEN): State.READY,
    (State.DELIVERED, Move.CLOSE): State.CLOSED,
    (State.DELIVERED, Move.ADDEND): State.REPORTED,
    (State.DELIVERED, Move.REOPEN): State.READY,
    (State.CLOSED, Move.ADDEND): State.REPORTED,
    (State.CLOSED, Move.REOPEN): State.READY,
    (State.HELD, Move.RELEASE): State.READY,
    (State.HELD, Move.RELEASE_AWAIT_IMAGES): State.AWAITING_IMAGES,
    (State.HELD, Move.RELEASE_AWAIT_REFERRAL): State.AWAITING_REFERRAL,
    (State.HELD, Move.CANCEL): State.CANCELLED,
}

SIGNED: Final = frozenset({State.REPORTED, State.DELIVERING, State.DELIVERED, State.CLOSED})
"""States in which a signed report exists, and no newer work is asked."""

MOVE_WORDS: Final[dict[Move, str]] = {
    Move.IMAGES_COMPLETE: "count its images as complete",
    Move.REFERRAL_ACCEPTED: "accept its referral",
    Move.AWAIT_IMAGES: "wait for its images",
    Move.IMAGES_WITHDRAWN: "take its images away",
    Move.CLAIM: "be claimed",
    Move.HAND_BACK: "be handed back",
    Move.SIGN: "be signed",
    Move.DELIVER: "be delivered",
    Move.ACCEPT: "count as delivered",
    Move.CLOSE: "be closed",
    Move.HOLD: "be held",
    Move.RELEASE: "be released",
    Move.RELEASE_AWAIT_IMAGES: "be released",
    Move.RELEASE_AWAIT_REFERRAL: "be released",
    Move.CANCEL: "be cancelled",
    Move.ADDEND: "take an addendum",
    Move.REOPEN: "be opened again",
}

UNFINISHED: Final = frozenset(set(State) - {State.DELIVERED, State.CLOSED, State.CANCELLED})

STATE_WORDS: Final[dict[State, str]] = {
    State.AWAITING_IMAGES: "Waiting for images",
    State.AWAITING_REFERRAL: "Waiting for a referral",
    State.READY: "Ready to read",
    State.CLAIMED: "Being read",
    State.REPORTED: "Signed",
    State.DELIVERING: "Being delivered",
    State.DELIVERED: "Delivered",
    State.CLOSED: "Closed",
    State.HELD: "Held",
    State.CANCELLED: "Cancelled",
}


class Priority(StrEnum):
    """How soon a client asks for the report; the agreement says how many minutes each means."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


_RANK: Final = {Priority.ROUTINE: 0, Priority.URGENT: 1, Priority.EMERGENCY: 2}


class ReadKind(StrEnum):
    """Why a reader reads."""

    FIRST = "first"
    SECOND = "second"
    ARBITRATION = "arbitration"
    REVIEW = "review"
    LATE = "late"


class ReadState(StrEnum):
    """Where a read stands."""

    WAITING = "waiting"
    AVAILABLE = "available"
    CLAIMED = "claimed"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """The part a study plays in a case."""

    CURRENT = "current"
    PRIOR = "prior"
    FOR_REVIEW = "for_review"


def next_state(state: State, move: Move) -> State | None:
    """The state after a move, or None when the move is not allowed."""
    return TRANSITIONS.get((state, move))


def first_state(*, has_images: bool, has_referral: bool) -> State:
    """Where a case starts, or returns to when released: it needs its referral and complete images to be ready."""
    if not has_referral:
        return State.AWAITING_REFERRAL
    return State.READY if has_images else State.AWAITING_IMAGES


def release_move(*, has_images: bool, has_referral: bool) -> Move:
    """The way out of a hold that leads to `first_state` of the same facts."""
    target = first_state(has_images=has_images, has_referral=has_referral)
    return {
        State.READY: Move.RELEASE,
        State.AWAITING_IMAGES: Move.RELEASE_AWAIT_IMAGES,
        State.AWAITING_REFERRAL: Move.RELEASE_AWAIT_REFERRAL,
    }[target]


def higher_priority(first: str, second: str) -> Priority:
    """The more urgent of two, so that a priority is never lost between order and study (H27)."""
    return max(Priority(first), Priority(second), key=_RANK.__getitem__)


@dataclass(frozen=True, kw_only=True)
class StudyFacts:
    """What a case shows of a study; handed in by the stage that receives images."""

    description: str = ""
    modalities: str = ""
    study_date: date | None = None
    acquired_at: datetime | None = None
    series_count: int = 0
    image_count: int = 0
    image_set_sha256: str = ""


@dataclass(frozen=True)
class Interval:
    """A time from `from_at` to `to_at`; `to_at` None means it still goes on. Both aware."""

    from_at: datetime
    to_at: datetime | None = None


def merged(intervals: Iterable[Interval], at: datetime) -> list[tuple[datetime, datetime]]:
    """The intervals up to `at` without overlaps, in order; open ones end at `at`, later and empty ones vanish."""
    cut = sorted((i.from_at, min(i.to_at or at, at)) for i in intervals if i.from_at < at)
    found: list[tuple[datetime, datetime]] = []
    for start, end in cut:
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def paused_time(received_at: datetime, pauses: Iterable[Interval], at: datetime) -> timedelta:
    """How long the clock stood still between receipt and `at`."""
    spans = merged(pauses, at)
    return sum((end - max(start, received_at) for start, end in spans if end > received_at), timedelta())


def elapsed(received_at: datetime, pauses: Iterable[Interval], at: datetime) -> timedelta:
    """The time that counts against the agreement from receipt to `at`, pauses taken out; never negative."""
    return max(timedelta(), at - received_at - paused_time(received_at, pauses, at))


def due_at(received_at: datetime, allowance_minutes: int, pauses: Iterable[Interval], at: datetime) -> datetime:
    """When the report must be accepted: receipt, the agreed minutes, and all pauses up to `at`.

    While a pause is open the answer moves on with `at`: the time left does not shrink.
    A pause that begins after the due time has been reached does not bring the time back.
    """
    due = received_at + timedelta(minutes=allowance_minutes)
    for start, end in merged(pauses, at):
        if end <= received_at:
            continue
        if start >= due:
            break
        due += end - max(start, received_at)
    return due


def is_paused(pauses: Iterable[Interval], at: datetime) -> bool:
    """Whether the clock stands still at `at`."""
    return any(i.from_at <= at and (i.to_at is None or at < i.to_at) for i in pauses)


def received(images_complete_at: datetime | None, referral_accepted_at: datetime | None) -> datetime | None:
    """When the clock starts: the later of images complete and referral accepted; None until both are there."""
    if images_complete_at is None or referral_accepted_at is None:
        return None
    return max(images_complete_at, referral_accepted_at)


def warn_at(received_at: datetime, due: datetime, *, percent: float) -> datetime:
    """When to warn that a case is in danger: `percent` of the time from receipt to due has gone."""
    return received_at + (due - received_at) * (percent / 100)


def case_number(year: int, serial: int) -> str:
    """The number by which people know a case, such as C-26-004182."""
    return f"C-{year % 100:02d}-{serial:06d}"


@dataclass(frozen=True)
class Share:
    """A part of the time from received to accepted: what it went into, how long, its percentage of the whole."""

    words: str
    state: str
    time: timedelta
    percent: int


def shares(
    received_at: datetime,
    claimed_at: datetime | None,
    signed_at: datetime | None,
    accepted_at: datetime | None,
    at: datetime,
) -> tuple[Share, ...]:
    """Where the time went: waiting for a reader, reading, signed to accepted. Parts that have not begun are absent.

    Times out of order (a claim before the clock started) count from the start of the part before.
    """
    marks = [received_at]
    for mark in (claimed_at, signed_at, accepted_at):
        if mark is None:
            break
        marks.append(max(mark, marks[-1]))
    if len(marks) < 4:
        marks.append(max(at, marks[-1]))
    names = (("Waiting to be claimed", "idle"), ("Reading", "info"), ("Signed to accepted", "ok"))
    whole = marks[-1] - marks[0]
    parts = [(end - start) for start, end in pairwise(marks)]
    return tuple(
        Share(words, state, part, round(100 * (part / whole)) if whole else 0)
        for (words, state), part in zip(names, parts, strict=False)
    )


@dataclass(frozen=True)
class Turned:
    """One clock as evidence: when it started and stopped, and the minutes used of those agreed."""

    case_id: UUID
    received_at: datetime
    accepted_at: datetime | None
    allowed_minutes: int
    used_minutes: float


@dataclass(frozen=True)
class TurnaroundCounts:
    """How many clocks kept the agreed time; median and 95th percentile of those that stopped, minutes, None for none."""

    started: int
    on_time: int
    late: int
    running: int
    median_minutes: float | None
    p95_minutes: float | None


def turnaround(clocks: Sequence[Turned]) -> TurnaroundCounts:
    """Counts over clocks. One that still runs past its time counts as late, not as running."""
    late = [c for c in clocks if c.used_minutes > c.allowed_minutes]
    stopped = sorted(c.used_minutes for c in clocks if c.accepted_at is not None)
    on_time = [c for c in clocks if c.accepted_at is not None and c.used_minutes <= c.allowed_minutes]
    return TurnaroundCounts(
        started=len(clocks),
        on_time=len(on_time),
        late=len(late),
        running=len(clocks) - len(late) - len(on_time),
        median_minutes=stopped[(len(stopped) - 1) // 2] if stopped else None,
        p95_minutes=stopped[max(0, -(-len(stopped) * 95 // 100) - 1)] if stopped else None,
    )


def span_words(time: timedelta) -> str:
    """A length of time as people say it: "45 min", "3 h 05", "2 days 4 h"."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return f"{max(0, int(time.total_seconds()))} s"
    hours, rest = divmod(minutes, 60)
    days, left = divmod(hours, 24)
    if days >= 2:
        return f"{days} days {left} h" if left else f"{days} days"
    if hours:
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"
    return f"{rest} min"


@dataclass(frozen=True)
class Words:
    """How an entry of the ledger is told: a title and detail with {fact} places, an icon, a state, and where it shows.

    `level` is "story" for the page's first view, "reads" for who looked, "rows" for what only the full list shows.
    """

    title: str
    detail: str = ""
    icon: str = "circle"
    state: str = "info"
    level: str = "story"


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return ""


def told(words: Words, facts: dict[str, object]) -> tuple[str, str]:
    """Title and detail with the facts of an entry in their places; a missing fact leaves its place empty."""
    known = _Facts(facts)
    title = words.title.format_map(known)
    return title[:1].upper() + title[1:], words.detail.format_map(known).strip()


COMPLETE: Final = Words("{images} images, complete", "{completed}", "check2-circle", "ok")
COMPLETED_BY: Final = {
    "declared": "As many as were announced.",
    "quiet": "Nothing more came for the agreed time.",
    "person": "A person says that these are all.",
}


def verb_words(verb: str) -> str:
    """A verb that nobody gave words to, as readable as it gets: "report.sign" becomes "Report: sign"."""
    area, _, rest = verb.partition(".")
    return f"{area.capitalize()}: {rest.replace('_', ' ')}"


MOVES_TOLD: Final[dict[Move, Words]] = {
    Move.IMAGES_COMPLETE: Words("Ready to read, clock started", icon="check2-circle", state="ok"),
    Move.REFERRAL_ACCEPTED: Words("Ready to read, clock started", icon="check2-circle", state="ok"),
    Move.AWAIT_IMAGES: Words("Waiting for images", icon="hourglass-split", state="hold"),
    Move.IMAGES_WITHDRAWN: Words("Images taken away", icon="x-circle", state="warn"),
    Move.CLAIM: Words("Claimed", icon="lock", state="info", level="rows"),
    Move.HAND_BACK: Words("Free again", icon="arrow-counterclockwise", state="idle", level="rows"),
    Move.SIGN: Words("Reading finished", icon="pencil", state="ok", level="rows"),
    Move.DELIVER: Words("On its way to the client", icon="send", state="info", level="rows"),
    Move.ACCEPT: Words("Delivered", icon="send-check", state="ok", level="rows"),
    Move.CLOSE: Words("Closed", icon="check2-all", state="ok"),
    Move.HOLD: Words("Held", icon="pause-circle", state="hold"),
    Move.RELEASE: Words("Released", icon="play-fill", state="ok"),
    Move.RELEASE_AWAIT_IMAGES: Words("Released, waiting for images", icon="play-fill", state="hold"),
    Move.RELEASE_AWAIT_REFERRAL: Words("Released, waiting for a referral", icon="play-fill", state="hold"),
    Move.CANCEL: Words("Cancelled", icon="x-circle", state="idle"),
    Move.ADDEND: Words("A further version of the report was signed", icon="pencil", state="info", level="rows"),
    Move.REOPEN: Words("Open again for reading", icon="exclamation-triangle", state="urg"),
}

TOLD: Final[dict[str, Words]] = {
    "archive.index": Words(
        "{images} images stored", "Unchanged, and safe before the sender was told.", "cloud-check", "info"
    ),
    "archive.set_patient": Words("Study tied to its patient", "", "person-check", "info", "rows"),
    "reception.complete_study": Words("Said to be complete", "{words}", "check2-circle", "ok", "rows"),
    "reception.check_quiet": Words("Looked whether all images are there", "", "clock", "idle", "rows"),
    "reception.expect": Words("Images expected", "", "hourglass-split", "idle", "rows"),
    "reception.declare_images": Words("{images} images announced", "", "info-circle", "info"),
    "case.open": Words("Case {number} opened", "Priority {priority}.", "folder-plus", "info"),
    "case.attach_study": Words("Study added as {role}", "{images} images in {series} series so far.", "images", "info"),
    "case.detach_study": Words("Study taken out of the case", "{words}", "x-circle", "warn"),
    "case.images_arriving": Words(
        "More images arrive", "The study had counted as complete.", "cloud-arrow-down", "urg"
    ),
    "case.images_complete": Words("{images} images, complete", "", "check2-circle", "ok", "rows"),
    "case.images_late": Words("{images} images came late", "A new clock was opened.", "exclamation-triangle", "urg"),
    "case.accept_referral": Words("Referral accepted", "", "file-earmark-check", "ok"),
    "case.claim_read": Words("Claimed", "", "lock", "info"),
    "case.hand_back_read": Words("Handed back", "{words}", "arrow-counterclockwise", "idle"),
    "case.sign_read": Words("Reading finished", "", "pencil", "ok", "rows"),
    "case.add_read": Words("Another read asked for: {kind}", "", "people", "info"),
    "case.pause_clock": Words("Clock paused", "Agreed reason: {reason}.", "pause-circle", "hold"),
    "case.resume_clock": Words("Clock runs on", "", "play-fill", "ok"),
    "case.set_priority": Words("Priority changed from {from} to {to}", "", "flag", "warn"),
    "case.record_accepted": Words("Accepted by the client", "Turnaround clock stopped.", "send-check", "ok"),
    "case.record_late": Words("Agreed time passed", "", "alarm", "crit"),
    "case.record_danger": Words("Most of the agreed time is used", "", "alarm", "urg"),
    "case.describe_study": Words("Study described anew", "", "images", "idle", "rows"),
    "clock.set_deadline": Words("Deadline set", "{kind}", "alarm", "idle", "rows"),
    "clock.cancel_deadline": Words("Deadline cancelled", "{kind}", "alarm", "idle", "rows"),
    "clock.fire_deadline": Words("Deadline reached", "{kind}", "alarm", "idle", "rows"),
    "access.frames": Words("{frames} frames sent", "In the minute from {minute}.", "eye", "idle", "rows"),
    "access.opened": Words("Opened", "", "eye", "idle", "reads"),
}

"""Pure decisions of the interface: who calls, what a cursor says, how many requests a minute holds."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,100}", re.ASCII)
_PLACE: Final = re.compile(r"(?P<number>0|[1-9][0-9]{0,18})-(?P<hash>[0-9a-f]{12})", re.ASCII)
_ROW: Final = re.compile(r"(?P<steps>[0-9]{1,16})-(?P<id>[0-9a-f]{32})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
START: Final = "0-000000000000"
"""The cursor before the first change."""


class BadCursor(ValueError):
    """A text that was never given out as a cursor."""


@dataclass(frozen=True)
class Caller:
    """Whom a bearer token stands for.

    Attributes:
        token_id: which token.
        name: what the client calls the machine that holds it.
        client_id, client_code, client_name: whose it is; the only client whose rows it reaches.
        scopes: what it may do.
        expires_at: when it ends by itself, if it does.
    """

    token_id: UUID
    name: str
    client_id: UUID
    client_code: str
    client_name: str
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what was sent, at its place.

    Attributes:
        detail: what would be right.
        pointer: a JSON pointer into the body, such as "/family"; "" for the body as a whole.
        parameter: the name of a parameter or header, when the fault is there.
    """

    detail: str
    pointer: str = ""
    parameter: str = ""


def key_fault(key: str) -> str:
    """What is wrong with an Idempotency-Key, or ""."""
    if _KEY.fullmatch(key):
        return ""
    return "Send a header Idempotency-Key: 8 to 100 letters, digits, dots, colons, dashes; a new one for each referral."


def written(at: datetime, row_id: UUID) -> str:
    """The cursor behind one row of a list that is ordered by time and id."""
    return f"{(at - _EPOCH) // _STEP}-{row_id.hex}"


def read(cursor: str) -> tuple[datetime, UUID]:
    """The reverse of `written`.

    Raises:
        BadCursor: it is none.
    """
    found = _ROW.fullmatch(cursor)
    if found is None:
        raise BadCursor(cursor)
    return _EPOCH + int(found["steps"]) * _STEP, UUID(found["id"])


def place_of(number: int, seal: str) -> str:
    """The cursor behind one sealed entry: its number, and enough of its hash to know the chain again."""
    return f"{number}-{seal[:12]}"


def number_of(cursor: str) -> tuple[int, str]:
    """The number and the part of the hash that a cursor of changes holds.

    Raises:
        BadCursor: it is none.
    """
    found = _PLACE.fullmatch(cursor)
    if found is None:
        raise BadCursor(cursor)
    return int(found["number"]), found["hash"]


def wait_seconds(used: int, most: int, seconds_left: float) -> int:
    """How long a token must wait that has used this many requests of the minute; 0 when it need not.

    Args:
        used: requests in this minute, this one included.
        most: how many a minute holds.
        seconds_left: of the minute.
    """
    return 0 if used <= most else max(1, int(seconds_left) + 1)

"""Dates and times as DICOM writes them: DA, TM, DT and (0008,0201). Source: PS3.5 table 6.2-1."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from overread.journey.archive.formats.values import Values

_DATE: Final = re.compile(r"(\d{4})([.\-/]?)(\d{2})\2(\d{2})", re.ASCII)
_TIME: Final = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?", re.ASCII)
_OFFSET: Final = re.compile(r"([+-])(\d{2})(\d{2})", re.ASCII)
_EARLIEST_YEAR: Final = 1850


def parse_date(text: str) -> date | None:
    """A DA value, also in the retired form YYYY.MM.DD; None when it is not a date of a living person's calendar."""
    match = _DATE.fullmatch(text.strip())
    if match is None or int(match[1]) < _EARLIEST_YEAR:
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """A TM value, to the microsecond; None when it is not a time. A leap second is read as the second before."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    second = min(int(match[3] or 0), 59) if int(match[3] or 0) <= 60 else 61
    try:
        return time(int(match[1]), int(match[2] or 0), second, int((match[4] or "0").ljust(6, "0")))
    except ValueError:
        return None


def parse_offset(text: str) -> int | None:
    """`+0100` as minutes east of UTC; None when it is not an offset between -12 and +14 hours."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if int(match[3]) > 59:
        return None
    signed = minutes if match[1] == "+" else -minutes
    return signed if -720 <= signed <= 840 else None


def parse_datetime(text: str) -> tuple[datetime | None, int | None]:
    """A DT value as (naive local time, offset in minutes or None); a time of day is required to make a moment."""
    body, offset = text.strip(), None
    if len(body) > 5 and body[-5] in "+-":
        body, offset = body[:-5], parse_offset(body[-5:])
    day, clock = parse_date(body[:8]), parse_time(body[8:])
    if day is None or clock is None:
        return None, None
    return datetime.combine(day, clock), offset


def acquisition(values: Values) -> tuple[datetime | None, int | None]:
    """When the image was acquired: (0008,002A), else acquisition, content, series or study date with its time."""
    object_offset = parse_offset(values.text(0x00080201))
    moment, offset = parse_datetime(values.text(0x0008002A))
    if moment is not None:
        return moment, object_offset if offset is None else offset
    for date_tag, time_tag in (
        (0x00080022, 0x00080032),
        (0x00080023, 0x00080033),
        (0x00080021, 0x00080031),
        (0x00080020, 0x00080030),
    ):
        day, clock = parse_date(values.text(date_tag)), parse_time(values.text(time_tag))
        if day is not None and clock is not None:
            return datetime.combine(day, clock), object_offset
    return None, object_offset

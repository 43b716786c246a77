"""A person's duties as a calendar that other programs read (RFC 5545). It names no patient."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from overread.foundation.clock.queries import DutyView
from overread.foundation.clock.rules import day_of

REFRESH = timedelta(hours=6)


def _event(duty: DutyView, link: str, at: datetime) -> Event:
    """An all-day entry; what is overdue stands on today, so that it cannot slip out of sight."""
    late = duty.due_at < at
    day = day_of(at if late else duty.due_at)
    entry = Event()
    entry.add("uid", f"{duty.id}@overread")
    entry.add("dtstamp", at)
    entry.add("dtstart", day)
    entry.add("dtend", day + timedelta(days=1))
    entry.add("summary", f"Overdue: {duty.title}" if late else duty.title)
    entry.add("description", f"{duty.words}, due {day_of(duty.due_at):%d %b %Y}")
    entry.add("url", link)
    entry.add("transp", "TRANSPARENT")
    entry.add("class", "PRIVATE")
    return entry


def calendar(duties: Iterable[DutyView], links: dict[UUID, str], at: datetime) -> bytes:
    """The file.

    Args:
        duties: of one person.
        links: addresses of their pages by duty.
        at: the present.
    """
    whole = Calendar()
    whole.add("prodid", "-//Overread//Duties//EN")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("x-wr-calname", "Overread duties")
    whole.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for duty in duties:
        whole.add_component(_event(duty, links.get(duty.id, ""), at))
    content: bytes = whole.to_ical()
    return content

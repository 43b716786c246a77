"""The mail that tells a person of their duties, in words. It holds titles of registers and a link, never a patient."""

from collections.abc import Sequence
from datetime import datetime

from overread.foundation.clock.queries import NoticeView
from overread.foundation.clock.rules import LONDON

FOOT = """
Each line is done on its page: {link}
You are told again every morning until what is overdue is done. This message holds no patient details.
"""


def _words(notice: NoticeView, at: datetime) -> str:
    day = f"{notice.due_at.astimezone(LONDON):%d %b %Y}"
    owner = f" ({notice.owner_name})" if notice.owner_id != notice.person_id and notice.owner_name else ""
    state = f"OVERDUE since {day}" if notice.due_at < at else f"due {day}"
    return f"- {state}: {notice.title}{owner}"


def digest(notices: Sequence[NoticeView], link: str, at: datetime) -> tuple[str, str]:
    """Subject and text of one mail; each duty stands in it once, the longest overdue first.

    Args:
        notices: of one person, at least one.
        link: address of the page of duties.
        at: the present.
    """
    by_duty = {n.duty_id: n for n in sorted(notices, key=lambda n: n.due_at)}
    late = sum(1 for n in by_duty.values() if n.due_at < at)
    coming = len(by_duty) - late
    parts = [f"{late} overdue"] if late else []
    parts += [f"{coming} due soon"] if coming else []
    lines = "\n".join(_words(n, at) for n in by_duty.values())
    return f"Your duties: {', '.join(parts)}", lines + "\n" + FOOT.format(link=link)

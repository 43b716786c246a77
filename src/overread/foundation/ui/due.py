"""Puts the words, the colour and the icon of a deadline together, so that none is shown without the others."""

from datetime import datetime
from typing import cast

from overread.foundation.ui import rules
from overread.foundation.ui.values import Due, State


def due_view(
    due_at: datetime,
    *,
    at: datetime,
    start_at: datetime | None = None,
    paused_left_seconds: int | None = None,
) -> Due:
    """What the chip of a deadline shows at `at`; a paused clock says how much is left instead of a time."""
    used = rules.share_used(start_at, due_at, at)
    if paused_left_seconds is not None:
        return Due(
            state="hold",
            icon=rules.ICONS["hold"],
            words="paused",
            exact=rules.left_words(paused_left_seconds),
            used=_paused_share(start_at, due_at, paused_left_seconds),
        )
    state = cast(State, rules.due_state(due_at, at, used))
    return Due(
        state=state,
        icon=rules.ICONS[state],
        words=rules.until_words(due_at, at),
        exact=rules.exact_words(due_at, at),
        used=used,
    )


def _paused_share(start_at: datetime | None, due_at: datetime, left_seconds: int) -> int | None:
    if start_at is None or due_at <= start_at:
        return None
    allowance = (due_at - start_at).total_seconds()
    return max(0, min(100, int(100 * (1 - left_seconds / allowance))))

"""Duties that follow from a changed row: set after each verb, or once after several verbs in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from overread.foundation.work.actor import Actor


class Following:
    """The verb by which an area compares its duties with its rows, and when it is called.

    Args:
        area: a name, for the variable that says whether the verb is held back.
        keep: the verb; it sets, moves and ends duties, and doing it again changes nothing.
    """

    def __init__(self, area: str, keep: Callable[..., Any]) -> None:
        self._keep = keep
        self._held_back: ContextVar[bool] = ContextVar(f"{area}_duties_held_back", default=False)

    def now(self, actor: Actor) -> None:
        """After a verb that changed a row: the duties follow, unless `once` does it for several."""
        if not self._held_back.get():
            self._keep(actor=actor)

    @contextmanager
    def once(self, actor: Actor) -> Iterator[None]:
        """Around several verbs of one transaction: the duties follow after the last of them."""
        token = self._held_back.set(True)
        try:
            yield
        finally:
            self._held_back.reset(token)
        self._keep(actor=actor)

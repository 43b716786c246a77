"""Why a deadline is not fired now."""

from overread.foundation.work.refusals import Refused


class NotDue(Refused):
    """It waits no more, is not due, or another process is at it: nothing to do here, and no failure."""

    def __init__(self) -> None:
        super().__init__("This deadline is not due, or has been dealt with.", code="not-due")


class NobodyReacts(RuntimeError):
    """A deadline of this kind would pass without any effect: site/wiring.py imports no reaction for it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"No reaction is wired for deadlines of the kind {kind!r}.")
        self.words = f"no reaction for {kind}"

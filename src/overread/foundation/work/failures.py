"""What a handler raises to steer its own retry, and how a failure is written down without anybody's data.

An exception's message may hold a name or clinical text, so only its type and the places in our code are kept.
"""

import traceback
from pathlib import PurePath

from overread.foundation.work.rules import JobState

FRAMES = 6


class RetryLater(Exception):
    """The other side is not ready; try again.

    Args:
        words: short machine words that may be stored and shown, for example "peer did not answer".
        seconds: when, from now; None for the usual waits.
    """

    def __init__(self, words: str, seconds: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.seconds = seconds


class GiveUp(Exception):
    """Trying again cannot help; put the job into the visible list at once."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _short(path: str) -> str:
    parts = PurePath(path).parts
    return "/".join(parts[parts.index("overread") :] if "overread" in parts else parts[-2:])


def describe(error: BaseException) -> str:
    """The failure in words that hold no data: the type, the reason if it is one of ours, and where."""
    name = type(error).__qualname__
    words = getattr(error, "words", None) or getattr(error, "code", None)
    reason = f" [{words}]" if isinstance(words, str) else ""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "overread" in PurePath(f.filename).parts] or list(frames)
    places = [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in ours[-FRAMES:]]
    return "\n".join([name + reason, *places])


def state_after(error: BaseException, *, last: bool) -> JobState:
    """Where a failed job goes: back to the queue, or into the visible list."""
    return JobState.FAILED if last or isinstance(error, GiveUp) else JobState.READY

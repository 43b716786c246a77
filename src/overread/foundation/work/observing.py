"""A seam round the transaction of every action, for those who measure it; in production nobody does, and it costs nothing.

An action holds its transaction under 20 ms (DESIGN 3). `observe` is called by tests and by `python -m bench.actions`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

Observer = Callable[[str], AbstractContextManager[None]]

_observers: list[Observer] = []


@contextmanager
def observe(observer: Observer) -> Iterator[None]:
    """Let an observer stand round every action from now on, until the block ends.

    Args:
        observer: is given the action's verb and returns what is entered before its transaction and left after it.
    """
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def observed(verb: str) -> ExitStack:
    """What stands round one action now."""
    stack = ExitStack()
    for observer in _observers:
        stack.enter_context(observer(verb))
    return stack

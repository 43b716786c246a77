"""The registry of evidence: named facts that an inspector may see, computed from rows as at and known by a date."""

from collections.abc import Callable
from typing import Any

EVIDENCE: dict[str, Callable[..., Any]] = {}


def evidence(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a fact under its name, such as "case.turnaround".

    Raises:
        ValueError: the name is taken.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in EVIDENCE and EVIDENCE[name].__module__ != function.__module__:
            raise ValueError(f"Evidence {name} exists already in {EVIDENCE[name].__module__}.")
        EVIDENCE[name] = function
        return function

    return register

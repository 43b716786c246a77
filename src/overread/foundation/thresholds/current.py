"""The thresholds that act in this process: those that came with the program, with what the provider decided otherwise.

`value("escalation.wrong_codes")`, `whole(...)`, `duration("allocation.lease")`, `words(...)`. Read at the time of use,
never at import, so that a decision of the provider and an override of a test reach every caller.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from overread.foundation.thresholds import rules
from overread.foundation.thresholds.rules import Number, Refused, Threshold

FILE_NAME = "thresholds.toml"


@dataclass(frozen=True)
class Edition:
    """A whole set of thresholds.

    Attributes:
        thresholds: by name.
        sha256: of all that acts, as hexadecimal digits.
        changed: names that the provider decided otherwise.
    """

    thresholds: Mapping[str, Threshold]
    sha256: str
    changed: tuple[str, ...]


def _edition(thresholds: Mapping[str, Threshold]) -> Edition:
    text = rules.canonical(thresholds)
    return Edition(thresholds, sha256(text.encode()).hexdigest(), rules.changed(thresholds))


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(place, [f"is not TOML: {error}"]) from error


@cache
def packaged() -> Edition:
    """The thresholds that came with the program.

    Raises:
        Refused: the file is faulty, which a test of the build rules out.
    """
    text = files("overread.foundation.thresholds").joinpath(FILE_NAME).read_text(encoding="utf-8")
    return _edition(rules.read(_parsed(text, FILE_NAME), FILE_NAME))


def with_decisions(path: Path, today: date) -> Edition:
    """The thresholds with the provider's own file laid over them.

    Args:
        path: the provider's file; where it does not exist the packaged thresholds hold.
        today: a decision cannot be dated later.

    Raises:
        Refused: the file is malformed, incomplete, or sets a value outside its safe range.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return packaged()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(path.name, [f"cannot be read: {type(error).__name__}"]) from error
    base = packaged().thresholds
    return _edition(rules.overlaid(base, _parsed(text, path.name), path.name, today))


_decided: Edition | None = None
_overridden: ContextVar[Edition | None] = ContextVar("thresholds_overridden", default=None)


def use(edition: Edition) -> None:
    """Let these thresholds act in this process; called once at its start, by site/wiring.py."""
    global _decided
    _decided = edition


def edition() -> Edition:
    """All thresholds that act now."""
    return _overridden.get() or _decided or packaged()


def threshold(name: str) -> Threshold:
    """One threshold with all that is known of it.

    Raises:
        KeyError: there is none of this name.
    """
    return edition().thresholds[name]


def value(name: str) -> Number:
    """The number of a threshold, in its own unit."""
    return threshold(name).value


def whole(name: str) -> int:
    """The number of a threshold that is counted in whole units.

    Raises:
        TypeError: it may have decimals.
    """
    found = threshold(name)
    if not isinstance(found.value, int):
        raise TypeError(f"{name} is not a whole number")
    return found.value


def duration(name: str) -> timedelta:
    """A threshold as a length of time.

    Raises:
        TypeError: it is measured in something else, or in days that need a calendar.
    """
    return threshold(name).span()


def words(name: str) -> str:
    """A threshold with its unit, for people."""
    return threshold(name).value_words


def of_area(area: str) -> tuple[Threshold, ...]:
    """The thresholds of one area, in the order of the file."""
    return tuple(one for one in edition().thresholds.values() if one.area == area)


@contextmanager
def overridden(values: Mapping[str, Number]) -> Iterator[None]:
    """Other numbers for the time of a test, in this thread; names as in the file, ranges are not asked.

    Args:
        values: numbers by name, each in the threshold's own unit.
    """
    now = edition().thresholds
    token = _overridden.set(_edition(now | {name: replace(now[name], value=number) for name, number in values.items()}))  # type: ignore[operator]
    try:
        yield
    finally:
        _overridden.reset(token)

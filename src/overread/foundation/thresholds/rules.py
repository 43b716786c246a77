"""What a threshold is, and what is wrong with a file of thresholds. Pure: it is given documents, not files (REQ-151)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

Number = int | float

UNITS: Final[dict[str, tuple[str, str]]] = {
    "seconds": ("second", "seconds"),
    "minutes": ("minute", "minutes"),
    "hours": ("hour", "hours"),
    "days": ("day", "days"),
    "working_days": ("working day", "working days"),
    "months": ("month", "months"),
    "years": ("year", "years"),
    "percent": ("%", "%"),
    "count": ("", ""),
    "per_year": ("a year", "a year"),
    "per_hour": ("an hour", "an hour"),
    "per_minute": ("a minute", "a minute"),
    "points": ("point", "points"),
    "digits": ("digit", "digits"),
    "characters": ("character", "characters"),
    "similarity": ("of 1", "of 1"),
    "score": ("of 25", "of 25"),
    "megabytes": ("MB", "MB"),
    "gibibytes": ("GiB", "GiB"),
    "cd/m2": ("cd/m²", "cd/m²"),
    "lux": ("lux", "lux"),
    "ratio": (": 1", ": 1"),
    "megapixels": ("megapixel", "megapixels"),
    "cm": ("cm", "cm"),
    "mGy.cm2": ("mGy cm²", "mGy cm²"),
}
"""Units by name, with their words for one and for several."""

SPANS: Final[dict[str, timedelta]] = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
"""Units that are a fixed length of time. Working days, months and years need a calendar, so they are not here."""

FRACTIONS: Final = frozenset({"percent", "similarity", "ratio", "cm", "seconds", "megapixels", "cd/m2"})
"""Units whose numbers may have decimals; every other number is whole."""

OWNERS: Final[dict[str, str]] = {
    "registered_manager": "Registered manager",
    "clinical_lead": "Clinical lead",
    "administrator": "Administrator",
    "clinical_safety_officer": "Clinical safety officer",
    "ig_lead": "Information-governance lead",
    "safeguarding_lead": "Safeguarding lead",
}
"""Roles that may own a threshold, with their words."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class Refused(ValueError):
    """A file of thresholds cannot be used; the text names each key and says what is wrong with it."""

    def __init__(self, place: str, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(f"{place}: {'; '.join(faults)}")


@dataclass(frozen=True)
class Change:
    """What the provider decided instead of the default.

    Attributes:
        default: the value that came with the program, in the threshold's unit.
        why: the reason, in words.
        decided_on: the day of the decision.
    """

    default: Number
    why: str
    decided_on: date


@dataclass(frozen=True)
class Threshold:
    """One number of policy.

    Attributes:
        name: area and name, joined by a dot.
        value: the number that acts now.
        unit: a key of UNITS.
        words: what the number decides.
        source: where it comes from.
        verified: whether the source was read and says this number; else it is a default of ours.
        owner: a key of OWNERS.
        review_by: the day by which the owner looks at it again.
        at_least, at_most: the range that is safe; None where nothing bounds it.
        enforced: whether the program acts on it; else it is written down for people only.
        change: what the provider decided, if they did.
    """

    name: str
    value: Number
    unit: str
    words: str
    source: str
    verified: bool
    owner: str
    review_by: date
    at_least: Number | None = None
    at_most: Number | None = None
    enforced: bool = True
    change: Change | None = None

    @property
    def area(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]

    @property
    def value_words(self) -> str:
        """The value with its unit, such as "5 minutes"."""
        return in_words(self.value, self.unit)

    @property
    def range_words(self) -> str:
        """What a provider may choose, or "" where nothing bounds it."""
        low, high = self.at_least, self.at_most
        if low is not None and high is not None:
            return f"{low:g} to {in_words(high, self.unit)}" if low != high else "fixed"
        if low is not None:
            return f"at least {in_words(low, self.unit)}"
        return f"at most {in_words(high, self.unit)}" if high is not None else ""

    @property
    def owner_words(self) -> str:
        """The owner's role for people."""
        return OWNERS[self.owner]

    def overdue(self, today: date) -> bool:
        """Whether its review date has passed."""
        return today > self.review_by

    def span(self) -> timedelta:
        """The value as a length of time.

        Raises:
            TypeError: its unit is not a fixed length of time.
        """
        if self.unit not in SPANS:
            raise TypeError(f"{self.name} is measured in {self.unit}, which is not a fixed length of time")
        return self.value * SPANS[self.unit]


def in_words(value: Number, unit: str) -> str:
    """A number with its unit: one form for one, another for several; a percent sign stands close to its number."""
    one, several = UNITS[unit]
    word = one if value == 1 else several
    return f"{value:,.10g}{'' if word == '%' else ' '}{word}".strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # NaN is not itself


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: Any) -> bool:
    return type(value) is date


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


Check = tuple[Callable[[Any], bool], str]
_NUMBER: Final[Check] = (_is_number, "must be a number")
_TEXT: Final[Check] = (_is_text, "must be a text that is not empty")
_DAY: Final[Check] = (_is_day, "must be a date such as 2027-11-30, without quotes")
_TRUTH: Final[Check] = (_is_truth, "must be true or false")
_UNIT: Final[Check] = (lambda v: isinstance(v, str) and v in UNITS, f"must be one of {', '.join(UNITS)}")
_OWNER: Final[Check] = (lambda v: isinstance(v, str) and v in OWNERS, f"must be one of {', '.join(OWNERS)}")

NEEDED: Final[dict[str, Check]] = {
    "value": _NUMBER,
    "unit": _UNIT,
    "words": _TEXT,
    "source": _TEXT,
    "verified": _TRUTH,
    "owner": _OWNER,
    "review_by": _DAY,
}
ALLOWED: Final[dict[str, Check]] = {"at_least": _NUMBER, "at_most": _NUMBER, "enforced": _TRUTH}
DECIDED: Final[dict[str, Check]] = {
    "value": _NUMBER,
    "why": _TEXT,
    "owner": _OWNER,
    "review_by": _DAY,
    "decided_on": _DAY,
}


def _entries(document: Mapping[str, Any], faults: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each table `[area.name]` of a document; anything else in it is a fault."""
    for area, names in document.items():
        if area == "edition":
            continue
        if not isinstance(names, dict) or not NAME.fullmatch(area):
            faults.append(f"{area}: only tables such as [escalation.critical] may stand here")
            continue
        for name, fields in names.items():
            if not isinstance(fields, dict) or not NAME.fullmatch(name):
                faults.append(f"{area}.{name}: must be a table such as [escalation.critical]")
                continue
            yield f"{area}.{name}", fields


def _field_faults(
    name: str, fields: Mapping[str, Any], needed: Mapping[str, Check], allowed: Mapping[str, Check]
) -> list[str]:
    faults = [f"{name}.{key}: is missing" for key in needed if key not in fields]
    known = {**needed, **allowed}
    for key, value in fields.items():
        if key not in known:
            faults.append(f"{name}.{key}: is not a known key; known are {', '.join(known)}")
        elif not known[key][0](value):
            faults.append(f"{name}.{key}: {known[key][1]}")
    return faults


def _value_faults(threshold: Threshold) -> list[str]:
    """Whether the value fits its unit and its safe range."""
    where, value = f"{threshold.name}.value", threshold.value
    if isinstance(value, float) and threshold.unit not in FRACTIONS:
        return [f"{where}: must be a whole number of {threshold.unit}"]
    low, high = threshold.at_least, threshold.at_most
    if (low is not None and value < low) or (high is not None and value > high) or value < 0:
        return [f"{where}: {value:g} is not safe; it may be {threshold.range_words or 'no less than 0'}"]
    return []


def _edition_faults(document: Mapping[str, Any]) -> list[str]:
    edition = document.get("edition")
    if isinstance(edition, int) and not isinstance(edition, bool) and edition > 0:
        return []
    return ["edition: must be a whole number from 1, raised with each change of the file"]


def read(document: Mapping[str, Any], place: str) -> dict[str, Threshold]:
    """The thresholds of the packaged document.

    Args:
        document: the parsed TOML.
        place: what the file is called in a refusal.

    Raises:
        Refused: anything is missing, unknown, of the wrong type or out of its own range; all faults are named.
    """
    faults = _edition_faults(document)
    found: dict[str, Threshold] = {}
    for name, fields in _entries(document, faults):
        wrong = _field_faults(name, fields, NEEDED, ALLOWED)
        if not wrong:
            found[name] = Threshold(name=name, **fields)
            wrong = _value_faults(found[name])
        faults += wrong
    if faults:
        raise Refused(place, faults)
    return found


def overlaid(
    packaged: Mapping[str, Threshold], document: Mapping[str, Any], place: str, today: date
) -> dict[str, Threshold]:
    """The packaged thresholds with those values that the provider decided otherwise.

    Args:
        packaged: what came with the program.
        document: the provider's parsed TOML: value, why, owner, review_by and decided_on for each.
        place: what the file is called in a refusal.
        today: a decision cannot be dated later.

    Raises:
        Refused: a name is unknown, a key is missing or wrong, or a value lies outside its safe range.
    """
    faults = _edition_faults(document)
    found = dict(packaged)
    for name, fields in _entries(document, faults):
        wrong = _field_faults(name, fields, DECIDED, {})
        if name not in packaged:
            wrong = [f"{name}: no threshold has this name"]
        if not wrong:
            found[name] = _decided(packaged[name], fields)
            wrong = _value_faults(found[name])
            if fields["decided_on"] > today:
                wrong.append(f"{name}.decided_on: lies in the future")
        faults += wrong
    if faults:
        raise Refused(place, faults)
    return found


def _decided(default: Threshold, fields: Mapping[str, Any]) -> Threshold:
    change = Change(default.value, fields["why"], fields["decided_on"])
    return replace(default, value=fields["value"], owner=fields["owner"], review_by=fields["review_by"], change=change)


def changed(thresholds: Mapping[str, Threshold]) -> tuple[str, ...]:
    """Names of the thresholds that the provider decided otherwise, in order."""
    return tuple(sorted(name for name, threshold in thresholds.items() if threshold.change is not None))


def canonical(thresholds: Mapping[str, Threshold]) -> str:
    """All that acts, as one text for hashing: name, value, unit, owner, review date and the provider's reason."""
    lines = []
    for name in sorted(thresholds):
        one = thresholds[name]
        why = f" | {one.change.decided_on} | {one.change.why}" if one.change else ""
        lines.append(f"{name} = {one.value!r} {one.unit} | {one.owner} | {one.review_by}{why}")
    return "\n".join(lines) + "\n"

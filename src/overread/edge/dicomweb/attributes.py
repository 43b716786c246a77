"""Attributes of QIDO-RS answers and how a query matches them (PS3.18 8.3.4, 10.6; PS3.4 C.2.2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydicom.datadict import tag_for_keyword

from overread.edge.dicomweb.access import Query

Json = dict[str, Any]

STUDY_TAGS = (
    "00080005", "00080020", "00080030", "00080050", "00080090", "00081030", "00100010", "00100020", "00100021",
    "00100030", "00100040", "0020000D", "00200010",
)  # fmt: skip
SERIES_TAGS = (
    "00080021", "00080031", "00080060", "0008103E", "00081090", "00180015", "00181030", "0020000E", "00200011",
    "00200060", "00400244", "00400245",
)  # fmt: skip
INSTANCE_TAGS = (
    "00080008", "00080016", "00080018", "00080022", "00080032", "00200013", "00280008", "00280010", "00280011",
    "00280100",
)  # fmt: skip
MODALITIES, STUDY_SERIES, STUDY_INSTANCES, SERIES_INSTANCES = "00080061", "00201206", "00201208", "00201209"
RETRIEVE_URL, TRANSFER_SYNTAX = "00081190", "00083002"
PAGE_LIMIT = 5000


class BadQuery(Exception):
    """The query cannot be understood: 400, with this text."""


def pick(dataset: Json, tags: Iterable[str]) -> Json:
    """The named attributes of a DICOM JSON dataset, those that it has."""
    return {tag: dataset[tag] for tag in tags if tag in dataset}


def pointing(dataset: Json, address: str) -> Json:
    """A copy whose references to large values are full paths under the instance's address."""
    return {
        tag: {**element, "BulkDataURI": f"{address}/{element['BulkDataURI']}"} if "BulkDataURI" in element else element
        for tag, element in dataset.items()
    }


def value_of(dataset: Json, tag: str) -> Any:
    """The first value of an attribute, or None."""
    values = dataset.get(tag, {}).get("Value") or [None]
    return values[0]


def counted(vr: str, *values: Any) -> Json:
    """An attribute in the DICOM JSON model (PS3.18 F.2)."""
    return {"vr": vr, "Value": list(values)}


def parse_query(text: str) -> Query:
    """Read a QIDO query string.

    Args:
        text: the query string without "?".

    Raises:
        BadQuery: a keyword that DICOM does not have, or a limit or offset that is no number.
    """
    match: dict[str, str] = {}
    numbers = {"limit": 1000, "offset": 0}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in numbers:
            if not value.isdecimal():
                raise BadQuery(f"{name} must be a whole number.")
            numbers[name] = int(value)
        elif name not in ("includefield", "fuzzymatching", "emptyvaluematching", "accept", "charset"):
            tag = tag_of(name)
            match[tag] = f"{match[tag]},{value}" if tag in match and value else value
    return Query(match=match, limit=min(numbers["limit"], PAGE_LIMIT), offset=numbers["offset"])


def tag_of(name: str) -> str:
    """The tag of a keyword or of eight hexadecimal digits.

    Raises:
        BadQuery: neither.
    """
    if re.fullmatch(r"[0-9A-Fa-f]{8}", name):
        return name.upper()
    tag = tag_for_keyword(name)
    if tag is None:
        raise BadQuery("The query names an attribute that DICOM does not have.")
    return f"{tag:08X}"


def matches(dataset: Json, match: Mapping[str, str]) -> bool:
    """Whether a dataset answers the query; an attribute that it lacks matches universal keys only."""
    return all(_matches_one(dataset.get(tag), wanted) for tag, wanted in match.items())


def _matches_one(element: Json | None, wanted: str) -> bool:
    if wanted in ("", "*"):
        return True
    if not element:
        return False
    vr = element.get("vr", "")
    found = [_text(value) for value in element.get("Value") or []]
    if vr in ("DA", "TM", "DT") and "-" in wanted:
        low, _, high = wanted.partition("-")
        return any((not low or value >= low) and (not high or value[: len(high)] <= high) for value in found)
    # Commas and backslashes part a list of UIDs (PS3.18 8.3.4.1); in other VRs a comma is a character.
    choices = re.split(r"[,\\]", wanted) if vr in ("UI", "CS") else [wanted]
    patterns = [_pattern(choice, folded=vr == "PN") for choice in choices]
    return any(pattern.fullmatch(value) for pattern in patterns for value in found)


def _text(value: Any) -> str:
    if isinstance(value, dict):  # a person name has up to three groups
        return str(value.get("Alphabetic") or "")
    return str(value)


def _pattern(wanted: str, *, folded: bool) -> re.Pattern[str]:
    escaped = re.escape(wanted).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.IGNORECASE | re.DOTALL if folded else re.DOTALL)

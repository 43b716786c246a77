"""Matching of QIDO-RS and reading of Accept headers."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.edge.dicomweb import attributes, multipart
from overread.edge.dicomweb.recent import Recent

DATASET = {
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Quill^Osric"}]},
    "00080020": {"vr": "DA", "Value": ["20261117"]},
    "00080060": {"vr": "CS", "Value": ["CT"]},
    "00080050": {"vr": "SH", "Value": ["NG26-1,2"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("PatientName=quill*", True),
        ("PatientName=QUILL%5EOSRIC", True),
        ("PatientName=quil", False),
        ("StudyDate=20261101-20261130", True),
        ("StudyDate=-20261116", False),
        ("StudyDate=20261117-", True),
        ("Modality=CT", True),
        ("Modality=ct", False),
        ("Modality=MR%5CCT", True),
        ("00080050=NG26-1,2", True),
        ("AccessionNumber=NG26-%3F*", True),
        ("AccessionNumber=", True),
        ("StudyInstanceUID=1.2,1.2.3", True),
        ("StudyInstanceUID=1.2", False),
        ("PatientID=*", True),
        ("PatientID=1", False),
    ],
)
def test_matching_follows_the_standard(query: str, found: bool) -> None:
    """Wildcards, ranges, UID lists and universal matching act as PS3.4 C.2.2.2 says."""
    assert attributes.matches(DATASET, attributes.parse_query(query).match) is found


@given(st.text(max_size=60))
def test_any_query_text_is_understood_or_refused(text: str) -> None:
    """No query string can do more than match or be refused in words."""
    try:
        query = attributes.parse_query(text)
    except attributes.BadQuery:
        return
    assert attributes.matches(DATASET, query.match) in (True, False)
    assert 0 <= query.limit <= attributes.PAGE_LIMIT


@pytest.mark.parametrize(
    ("accept", "syntax", "taken"),
    [
        ('multipart/related; type="application/octet-stream"; transfer-syntax=*', "1.2.840.10008.1.2.4.201", True),
        ('multipart/related; type="application/octet-stream"; transfer-syntax="*"', "1.2.840.10008.1.2.1", True),
        ('multipart/related; type="application/octet-stream"', "1.2.840.10008.1.2.4.201", False),
        ('multipart/related; type="application/octet-stream"', "1.2.840.10008.1.2.1", True),
        ('multipart/related; type="image/jls"', "1.2.840.10008.1.2.4.80", True),
        ('multipart/related; type="image/jls"', "1.2.840.10008.1.2.4.90", False),
        ("*/*", "1.2.840.10008.1.2.4.70", True),
        ("", "1.2.840.10008.1.2.1", True),
        ("image/png", "1.2.840.10008.1.2.1", False),
    ],
)
def test_accept_headers_choose_the_frames_form(accept: str, syntax: str, taken: bool) -> None:
    """A frame goes out in a transfer syntax only if the caller's Accept header takes it."""
    assert multipart.takes_frame(accept, syntax) is taken


@given(st.text(max_size=80))
def test_any_accept_header_is_read_without_failing(accept: str) -> None:
    """No Accept header can make the reader fail."""
    assert isinstance(multipart.takes_frame(accept, "1.2.840.10008.1.2.1"), bool)


def test_callers_share_one_question_and_a_failure_is_not_kept() -> None:
    """Ten frames asked for at once ask the database once; after a failure the next caller asks again."""

    async def run() -> tuple[int, list[int], int]:
        asked = 0
        recent: Recent[int] = Recent(60, clock=lambda: 0.0)

        async def ask() -> int:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0)
            return 7

        async def fail() -> int:
            raise ValueError

        answers = await asyncio.gather(*(recent.get("a", ask) for _ in range(10)))
        with pytest.raises(ValueError):  # noqa: PT011 - the test's own
            await recent.get("b", fail)
        return asked, answers, await recent.get("b", ask)

    assert asyncio.run(run()) == (1, [7] * 10, 7)

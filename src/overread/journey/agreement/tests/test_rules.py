"""Agreements: what may be saved, and that terms survive being written down."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.agreement.rules import (
    CHANNELS,
    DEFAULT_MINUTES,
    DEFAULTS,
    NATIONS,
    Bounds,
    Contact,
    Peer,
    ReadType,
    Rung,
    Terms,
    faults,
    from_json,
    minutes_words,
    to_json,
)

DESK = Contact(UUID(int=1), "Site team", "site manager", "phone", "01632 960001", out_of_hours=True)
BOUNDS = Bounds(
    longest_minutes=60 * 24 * 60,
    longest_recall=3600,
    longest_quiet=3600,
    youngest=18,
    oldest_youngest=25,
    shortest_rung=1,
    longest_rung=24 * 60,
    longest_retention=100,
)
GOOD = Terms(contacts=(DESK,), ladder=(Rung(1, DESK.id, 10),))


def test_terms_with_an_out_of_hours_contact_may_be_saved() -> None:
    """Ordinary terms with somebody who answers at night have no fault."""
    assert faults(GOOD, BOUNDS) == {}


def test_terms_without_an_out_of_hours_contact_are_refused() -> None:
    """Terms in which nobody answers out of hours cannot be saved, and the words say why."""
    day_only = replace(GOOD, contacts=(replace(DESK, out_of_hours=False),))
    assert "out of hours" in faults(day_only, BOUNDS)["contacts"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"ladder": ()}, "ladder"),
        ({"ladder": (Rung(1, uuid4(), 10),)}, "ladder"),
        ({"ladder": (Rung(1, DESK.id, 0),)}, "ladder"),
        ({"ladder": (Rung(1, DESK.id, 5), Rung(1, DESK.id, 6))}, "ladder"),
        ({"contacts": (DESK, DESK)}, "contacts"),
        ({"contacts": (DESK, replace(DESK, id=uuid4(), address=" "))}, "contacts"),
        ({"contacts": (DESK, replace(DESK, id=uuid4(), channel="pigeon"))}, "contacts"),
        ({"priorities": {"routine": 60}}, "priorities"),
        ({"priorities": {"routine": 60, "urgent": 90, "emergency": 30}}, "priorities"),
        ({"priorities": {"routine": 60, "urgent": 60, "emergency": 0}}, "priorities"),
        ({"quiet_seconds": 0}, "quiet_seconds"),
        ({"recall_seconds": -1}, "recall_seconds"),
        ({"adult_age": -1}, "adult_age"),
        ({"retention_years": 0}, "retention_years"),
        ({"modalities": ()}, "modalities"),
        ({"read_types": ()}, "read_types"),
        ({"read_types": ("guess",)}, "read_types"),
        ({"other_times": {"guess": DEFAULT_MINUTES}}, "other_times"),
        ({"other_times": {"CBCT": {"routine": 60}}}, "other_times"),
        ({"other_times": {"second_opinion": {"routine": 60, "urgent": 90, "emergency": 30}}}, "other_times"),
        ({"channels": ("fax",)}, "channels"),
        ({"channels": ("portal", "dicom")}, "dicom_peer"),
        ({"dicom_peer": Peer("X", "", 104)}, "dicom_peer"),
        ({"nation": "mars"}, "nation"),
        ({"adult_age": 16}, "adult_age"),
        ({"retention_years": 101}, "retention_years"),
    ],
)
def test_each_fault_is_named_at_its_field(change: dict[str, object], name: str) -> None:
    """Each kind of wrong term is refused with words at its own field."""
    assert name in faults(replace(GOOD, **change), BOUNDS)  # type: ignore[arg-type]


def test_defaults_are_a_day_four_hours_and_one_hour() -> None:
    """Without other words routine means 24 hours, urgent 4 hours, emergency 1 hour."""
    assert DEFAULT_MINUTES == {"routine": 1440, "urgent": 240, "emergency": 60}
    assert DEFAULTS.minutes_for("urgent") == 240


def test_each_kind_of_work_has_its_own_times_where_they_are_agreed() -> None:
    """Times of a kind of work come before those of the modality, and those before the times that hold for all."""
    week, three = (dict.fromkeys(("routine", "urgent", "emergency"), m) for m in (10_080, 4_320))
    terms = replace(DEFAULTS, other_times={"second_opinion": week, "CBCT": three})
    assert terms.minutes_for("routine") == 1440
    assert terms.minutes_for("routine", modality="CBCT") == 4_320
    assert terms.minutes_for("routine", read_type="second_opinion", modality="CBCT") == 10_080
    assert terms.minutes_for("emergency", read_type="clinical_review", modality="MR") == 60


def test_only_primary_reports_are_agreed_unless_said() -> None:
    """A client whose agreement says nothing of opinions or reviews has agreed to reports alone."""
    assert DEFAULTS.read_types == ("primary",)


def test_cone_beam_ct_is_taken_as_ct() -> None:
    """A dental client that agreed only CBCT sends objects whose DICOM modality is CT, and they are in scope."""
    dental = replace(DEFAULTS, modalities=("CBCT",))
    assert dental.takes("CT")
    assert not dental.takes("MR")
    assert not DEFAULTS.takes("PT")


_text = st.text(min_size=1, max_size=20)
_contacts = st.lists(
    st.builds(
        Contact,
        id=st.uuids(),
        name=_text,
        role=_text,
        channel=st.sampled_from(("phone", "email", "sms")),
        address=_text,
        person_id=st.none() | st.uuids(),
        out_of_hours=st.booleans(),
    ),
    max_size=4,
).map(tuple)


@given(
    st.builds(
        Terms,
        contacts=_contacts,
        ladder=st.lists(
            st.builds(Rung, order=st.integers(1, 9), contact_id=st.uuids(), wait_minutes=st.integers(1, 60)), max_size=4
        ).map(tuple),
        channels=st.lists(st.sampled_from(CHANNELS), unique=True).map(tuple),
        dicom_peer=st.none() | st.builds(Peer, aet=_text, host=_text, port=st.integers(1, 65535), tls=st.booleans()),
        nation=st.sampled_from(NATIONS),
        read_types=st.lists(st.sampled_from([str(t) for t in ReadType]), unique=True).map(tuple),
        other_times=st.dictionaries(st.sampled_from(["second_opinion", "CBCT"]), st.just(dict(DEFAULT_MINUTES))),
    )
)
def test_terms_come_back_as_they_were_written(terms: Terms) -> None:
    """Any terms, written down and read again, are the same."""
    assert from_json(to_json(terms)) == terms


def test_terms_of_an_older_version_take_the_default_of_a_newer_term() -> None:
    """A version written before a term existed is still read."""
    old = to_json(GOOD)
    del old["retention_years"]
    assert from_json(old) == GOOD


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 s"),
        (1.5, "90 s"),
        (45, "45 min"),
        (240, "4 h"),
        (90, "1 h 30 min"),
        (1440, "1 day"),
        (2940, "2 days 1 h"),
    ],
)
def test_an_agreed_time_is_said_in_the_units_of_people(minutes: float, said: str) -> None:
    """Minutes of an agreement are read as seconds, minutes, hours and days."""
    assert minutes_words(minutes) == said

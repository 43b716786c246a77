"""The rules of incidents: who must be told by when, and what keeps one open."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.incidents import rules
from overread.governance.incidents.rules import FIELDS, Limits

LIMITS = Limits(feedback=10, candour=10, chase=2, never=1, notify_hours=24, lessons_days=30)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _plain(day: date, count: int) -> date:
    return day + timedelta(days=count)


def _values(**other: Any) -> dict[str, Any]:
    given = {
        "kind": "incident",
        "title": "Report went to the wrong ward",
        "what": "The ward rang.",
        "category": "communication",
        "harm": "none",
        "distress": "none",
        "reported_at": AT,
        "reporter": uuid4(),
        "never_event": "open",
        "notifiable": "open",
    }
    return {f.name: given.get(f.name, f.empty) for f in FIELDS} | other


def test_a_harmless_incident_asks_for_feedback_and_learning_only() -> None:
    """Who reported hears within ten working days; what was learned is shared within thirty days (REQ-18, REQ-116)."""
    assert rules.dues(_values(), LIMITS, _plain) == {
        rules.FEEDBACK: date(2026, 3, 12),
        rules.LESSONS: date(2026, 4, 1),
    }


def test_moderate_harm_starts_candour_and_the_notification() -> None:
    """From moderate harm, of body or mind, the patient is told and the notification is decided within a day (REQ-13, REQ-16)."""
    for harmed in (_values(harm="moderate"), _values(distress="severe"), _values(harm="fatal")):
        found = rules.dues(harmed, LIMITS, _plain)
        assert found[rules.CANDOUR] == date(2026, 3, 12)
        assert found[rules.NOTIFY] == AT + timedelta(hours=24)
    by_client = rules.dues(_values(harm="severe", candour_by="client"), LIMITS, _plain)
    assert by_client[rules.CHASE] == date(2026, 3, 4)


def test_a_wrong_side_or_a_tube_asks_for_the_never_event() -> None:
    """Words or a category that may mean a never event make its question a duty (REQ-115)."""
    asked = (
        _values(category="wrong_side"),
        _values(what="The NG tube lay in the bronchus."),
        _values(title="Retained swab not mentioned"),
        _values(harm="severe"),
    )
    for values in asked:
        assert rules.NEVER in rules.dues(values, LIMITS, _plain)
        assert rules.NEVER not in rules.dues({**values, "never_event": "no"}, LIMITS, _plain)
    assert rules.NEVER not in rules.dues(_values(), LIMITS, _plain)
    assert not rules.asks_never_event(_values(kind="good_care", what="Saw the misplaced NG tube at once"))


def test_a_step_of_candour_needs_its_account() -> None:
    """A date alone closes no step of candour: what was said must stand there (REQ-16)."""
    told = _values(harm="moderate", candour_told_on=AT.date())
    assert "candour_account" in rules.faults(told)
    assert rules.faults(told | {"candour_account": "Told her what we know; she asked about the delay."}) == {}
    assert "lessons" in rules.faults(_values(shared_on=AT.date()))


@given(
    harm=st.sampled_from([code for code, _ in rules.HARM]),
    candour_by=st.sampled_from(["", "client", "us"]),
    category=st.sampled_from([code for code, _ in rules.CATEGORIES]),
    never=st.sampled_from(["open", "no", "yes"]),
    days=st.sets(
        st.sampled_from(["feedback_on", "shared_on", "candour_written_on", "client_confirmed_on", "notified_on"])
    ),
)
def test_an_incident_can_be_closed_exactly_when_nothing_is_open(
    harm: str, candour_by: str, category: str, never: str, days: set[str]
) -> None:
    """Whatever was done and whatever not: closing is refused while one duty is left, and allowed when none is."""
    values = _values(
        harm=harm, candour_by=candour_by, category=category, never_event=never, lessons="x", candour_account="x"
    )
    values |= dict.fromkeys(days, AT.date())
    open_still = bool(rules.dues(values, LIMITS, _plain))
    closed = values | {"closed_on": AT.date(), "closed_by": uuid4()}
    assert ("closed_on" in rules.faults(closed)) == open_still
    assert rules.dues(closed, LIMITS, _plain) == {}


def test_silence_about_near_misses_is_said() -> None:
    """Ninety days without a near miss are not taken for good news (REQ-18)."""
    today = date(2026, 6, 1)
    assert rules.silent_since([today - timedelta(days=89)], today, 90) == 0
    assert rules.silent_since([today - timedelta(days=90), date(2025, 1, 1)], today, 90) == 90
    assert rules.silent_since([], today, 90) == 90

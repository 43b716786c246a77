"""Setting, moving, cancelling and firing deadlines; what a failing reaction does, and what it does not."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from overread.foundation.clock import actions, kinds, queries, sweeper
from overread.foundation.clock.events import DeadlineFired
from overread.foundation.clock.models import Deadline
from overread.foundation.clock.rules import Nation
from overread.foundation.ledger.models import Entry
from overread.foundation.tenancy import scope
from overread.foundation.tenancy.scope import Scope, current_scope, open_scope
from overread.foundation.work import engine, reactions
from overread.foundation.work.actor import Actor
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment
from overread.foundation.work.refusals import BadInput, Conflict

pytestmark = pytest.mark.django_db
TESTER = Actor.system("test")
KIND = "test.ring"


@pytest.fixture(autouse=True)
def _scope(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(reactions, "_REGISTERED", {})
    monkeypatch.setattr(scope, "OPENERS", {*scope.OPENERS, "worker"})
    with open_scope(Scope.everything(), opened_by="test"):
        yield


@pytest.fixture
def fired() -> list[DeadlineFired]:
    """What was fired, in order; a subject of UUID(int=13) makes the reaction fail after it has written a row."""
    seen: list[DeadlineFired] = []

    def react(event: DeadlineFired) -> None:
        engine.enqueue(name="rung", payload={"n": str(event.subject_id)})
        if event.subject_id == UUID(int=13):
            raise ValueError("secret")
        seen.append(event)

    reactions.on(DeadlineFired, kind=KIND)(react)
    return seen


def _set(subject: UUID | None = None, minutes: float = -1, client: UUID | None = None) -> UUID:
    """Set a deadline that is due so many minutes from now; its subject."""
    subject = subject or uuid4()
    due = moment() + timedelta(minutes=minutes)
    actions.set_deadline(actor=TESTER, kind=KIND, subject_id=subject, due_at=due, client_id=client)
    return subject


def test_a_deadline_fires_once_at_its_time(fired: list[DeadlineFired]) -> None:
    """A deadline does not fire before its time, fires when it has come, and never again."""
    subject = _set(minutes=10)
    assert sweeper.fire_due() == 0
    later = moment() + timedelta(minutes=11)
    assert sweeper.fire_due(later) == 1
    assert sweeper.fire_due(later) == 0
    assert [event.subject_id for event in fired] == [subject]


def test_what_follows_is_dated_at_the_due_time(fired: list[DeadlineFired]) -> None:
    """A deadline that is fired late says when it was due, and how late it was is kept and measured."""
    _set(minutes=-7)
    before = moment()
    sweeper.fire_due()
    assert before - fired[0].due_at >= timedelta(minutes=7)
    entry = Entry.objects.get(verb="clock.fire_deadline")
    assert 420_000 <= entry.facts["late_ms"] < 500_000
    measured = queries.lateness(before - timedelta(minutes=1))
    assert measured.fired == 1
    assert 420 <= measured.worst < 500
    assert queries.lateness(moment() + timedelta(minutes=1)) == queries.Lateness(0, 0.0, 0.0, 0.0)


def test_the_longest_overdue_fires_first(fired: list[DeadlineFired]) -> None:
    """Deadlines fire in the order of their due times, whatever the order in which they were set."""
    subjects = {minutes: _set(minutes=-minutes) for minutes in (1, 3, 2)}
    sweeper.fire_due()
    assert [event.subject_id for event in fired] == [subjects[3], subjects[2], subjects[1]]


def test_setting_again_moves(fired: list[DeadlineFired]) -> None:
    """Of one kind and subject there is one live deadline: setting it again moves it, and the ledger says from where."""
    subject = _set(minutes=-1)
    _set(subject, minutes=60)
    assert sweeper.fire_due() == 0
    assert Deadline.objects.count() == 1
    assert "moved_from" in Entry.objects.filter(verb="clock.set_deadline").latest("id").facts
    assert list(queries.due_for([subject, uuid4()], KIND)) == [subject]


def test_a_fired_deadline_can_be_set_anew(fired: list[DeadlineFired]) -> None:
    """After a deadline has fired, the same kind and subject can have another, as the next rung of a ladder does."""
    subject = _set()
    sweeper.fire_due()
    _set(subject)
    sweeper.fire_due()
    assert [view.state for view in queries.deadlines_of(subject)] == ["fired", "fired"]
    assert len(fired) == 2


def test_a_reaction_may_set_the_next_rung_of_its_own_kind() -> None:
    """A reaction that sets the same deadline again in the firing transaction gets a new one, fired later."""
    rungs: list[datetime] = []

    def climb(event: DeadlineFired) -> None:
        rungs.append(event.due_at)
        actions.set_deadline(
            actor=TESTER, kind=KIND, subject_id=event.subject_id, due_at=event.due_at + timedelta(minutes=5)
        )

    reactions.on(DeadlineFired, kind=KIND)(climb)
    _set(minutes=-1)
    sweeper.fire_due()
    sweeper.fire_due(moment() + timedelta(minutes=5))
    assert rungs[1] - rungs[0] == timedelta(minutes=5)


def test_a_cancelled_deadline_never_fires(fired: list[DeadlineFired]) -> None:
    """A cancelled deadline does not fire; cancelling what is not there says so and does no harm."""
    subject = _set()
    assert actions.cancel_deadline(actor=TESTER, kind=KIND, subject_id=subject) is True
    assert actions.cancel_deadline(actor=TESTER, kind=KIND, subject_id=subject) is False
    assert sweeper.fire_due() == 0
    assert fired == []


def test_a_deadline_fires_under_its_clients_scope() -> None:
    """The reaction to a client's deadline sees that client's rows only; to one of the provider's, no client's."""
    scopes: list[Scope] = []

    def see(event: DeadlineFired) -> None:
        scopes.append(current_scope())

    reactions.on(DeadlineFired, kind=KIND)(see)
    client = uuid4()
    _set(client=client, minutes=-2)
    _set(minutes=-1)
    sweeper.fire_due()
    assert scopes == [Scope.client(client), Scope.provider()]


def test_a_failing_deadline_is_undone_and_the_others_go_on(
    fired: list[DeadlineFired], caplog: pytest.LogCaptureFixture
) -> None:
    """A failing reaction is undone, tried twice more, then stuck with an alarm; deadlines behind it fire meanwhile."""
    _set(UUID(int=13), minutes=-5)
    other = _set(minutes=-1)
    at = moment()
    assert sweeper.fire_due(at) == 1
    assert [event.subject_id for event in fired] == [other]
    assert Job.objects.count() == 1, "what the failed reaction wrote is gone"
    assert sweeper.fire_due(at + timedelta(seconds=1)) == 0
    sweeper.fire_due(at + timedelta(minutes=1))
    assert queries.stuck() == []
    sweeper.fire_due(at + timedelta(minutes=2))
    (stuck,) = queries.stuck()
    assert (stuck.subject_id, stuck.failures) == (UUID(int=13), 3)
    assert "secret" not in stuck.last_error
    assert "secret" not in caplog.text
    assert any(r.levelno == logging.ERROR and "could not be fired" in r.message for r in caplog.records)
    assert queries.health().stuck == 1


def test_a_person_may_fire_a_stuck_deadline_again(fired: list[DeadlineFired]) -> None:
    """A stuck deadline that a person tries again fires at once, dated at its due time; it can be tried only once."""
    Deadline.objects.create(
        kind=KIND, subject_id=uuid4(), due_at=moment() - timedelta(hours=1), next_try_at=moment(), set_at=moment(),
        state="stuck", failures=3,
    )  # fmt: skip
    (stuck,) = queries.stuck()
    actions.retry_deadline(actor=TESTER, deadline_id=stuck.id)
    with pytest.raises(Conflict):
        actions.retry_deadline(actor=TESTER, deadline_id=stuck.id)
    assert sweeper.fire_due() == 1
    assert fired[0].due_at == stuck.due_at


def test_a_deadline_that_nobody_reacts_to_is_not_lost() -> None:
    """A kind without a reaction is a fault of the wiring: the deadline becomes stuck and visible, not silently fired."""
    _set()
    at = moment()
    for minutes in (0, 1, 2):
        sweeper.fire_due(at + timedelta(minutes=minutes))
    (stuck,) = queries.stuck()
    assert stuck.last_error.startswith(f"NobodyReacts [no reaction for {KIND}]")


def test_a_deadline_needs_an_offset() -> None:
    """A due time without an offset is refused, because it would be another time after a change of the clocks."""
    with pytest.raises(ValueError, match="offset"):
        actions.set_deadline(
            actor=TESTER,
            kind=KIND,
            subject_id=uuid4(),
            due_at=datetime(2026, 1, 1),  # noqa: DTZ001 - the point of the test
        )


def test_what_is_late_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """A deadline that is still waiting a minute after its time raises an alarm in the log, and shows in the health."""
    _set(minutes=-10)
    sweeper.watch()
    assert "deadline late" in caplog.text
    health = queries.health()
    assert (health.waiting, health.overdue) == (1, 1)
    assert health.oldest_due_seconds > 599


def test_kinds_have_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered kind is shown in words, and cannot be registered twice with different ones."""
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_kind(KIND, "Ring the bell")
    kinds.register_kind(KIND, "Ring the bell")
    with pytest.raises(ValueError, match="twice"):
        kinds.register_kind(KIND, "Ring another bell")
    subject = _set()
    assert queries.deadlines_of(subject)[0].words == "Ring the bell"


def test_old_deadlines_are_forgotten_and_live_ones_kept(fired: list[DeadlineFired]) -> None:
    """Deadlines that fired long ago are removed from the table; waiting ones stay, however long they are overdue."""
    _set()
    sweeper.fire_due()
    _set()
    long_ago = moment() - timedelta(days=1000)
    Deadline.objects.update(due_at=long_ago, set_at=long_ago)
    assert sweeper.forget_ended() is False
    assert [row.state for row in Deadline.objects.all()] == ["waiting"]


# --- bank holidays ------------------------------------------------------------------------------------------------


def test_the_table_of_bank_holidays_is_seeded_per_nation() -> None:
    """The table knows each nation's holidays of 2026.

    Easter Monday is none in Scotland, St Patrick's Day is one in Northern Ireland only, and Boxing Day is on the Monday
    on which it is taken.
    """
    year = (date(2026, 1, 1), date(2026, 12, 31))
    easter_monday, boxing_day, st_patrick = date(2026, 4, 6), date(2026, 12, 28), date(2026, 3, 17)
    found = {nation: queries.bank_holidays(nation, *year) for nation in Nation}
    assert easter_monday not in found[Nation.SCOTLAND]
    assert all(easter_monday in days for nation, days in found.items() if nation is not Nation.SCOTLAND)
    assert [n for n, days in found.items() if st_patrick in days] == [Nation.NORTHERN_IRELAND]
    assert all(boxing_day in days and date(2026, 12, 26) not in days for days in found.values())
    assert all(day.weekday() < 5 for days in found.values() for day in days)


def test_the_provider_corrects_the_table() -> None:
    """A holiday proclaimed at short notice can be entered, and a wrong one removed; both are in the ledger."""
    day = date(2026, 7, 1)
    actions.add_bank_holiday(actor=TESTER, nation=Nation.WALES, day=day, name="Coronation")
    assert (day, "Coronation") in queries.holidays_of(Nation.WALES, 2026)
    at = datetime(2026, 6, 1, tzinfo=UTC)
    assert day in queries.working_week(Nation.WALES, at).closed_days
    assert day not in queries.working_week(Nation.ENGLAND, at).closed_days
    actions.remove_bank_holiday(actor=TESTER, nation=Nation.WALES, day=day)
    with pytest.raises(Conflict):
        actions.remove_bank_holiday(actor=TESTER, nation=Nation.WALES, day=day)
    with pytest.raises(BadInput):
        actions.add_bank_holiday(actor=TESTER, nation=Nation.WALES, day=day, name="  ")
    verbs = Entry.objects.filter(subject_type="bank_holiday").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["clock.add_bank_holiday", "clock.remove_bank_holiday"]

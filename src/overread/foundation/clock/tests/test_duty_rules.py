"""When whom is told of a duty: from the first reminder to the manager, without end."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.clock.rules import (
    LONDON,
    DutyStep,
    StepKind,
    day_of,
    end_of_day,
    first_step,
    step_after,
    to_be_told,
    waking,
)

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TO_MANAGER = timedelta(hours=4)
REMINDERS = st.lists(st.integers(0, 120), max_size=5)


def _follow(due_at: datetime, reminders: list[int], at: datetime, count: int) -> list[DutyStep]:
    steps = [first_step(due_at, reminders, at)]
    for _ in range(count):
        steps.append(step_after(steps[-1], due_at, reminders, steps[-1].at, to_manager=TO_MANAGER))
    return steps


def test_a_policy_is_remembered_as_the_requirement_says() -> None:
    """Reminders come at 90, 60, 30 and 7 days, then the owner, the manager on the same day, and every morning (REQ-03)."""
    steps = _follow(end_of_day(date(2026, 11, 20)), [7, 30, 60, 90], datetime(2026, 1, 1, tzinfo=UTC), 7)
    said = [(s.kind, f"{s.at.astimezone(LONDON):%d %b %H:%M}", s.days) for s in steps]
    assert said == [
        (StepKind.REMINDER, "22 Aug 08:00", 90),
        (StepKind.REMINDER, "21 Sep 08:00", 60),
        (StepKind.REMINDER, "21 Oct 08:00", 30),
        (StepKind.REMINDER, "13 Nov 08:00", 7),
        (StepKind.OVERDUE, "21 Nov 08:00", 0),
        (StepKind.MANAGER, "21 Nov 12:00", 0),
        (StepKind.DAILY, "22 Nov 08:00", 0),
        (StepKind.DAILY, "23 Nov 08:00", 0),
    ]


@given(MOMENTS, REMINDERS, MOMENTS)
def test_telling_goes_forward_and_never_ends(due_at: datetime, reminders: list[int], at: datetime) -> None:
    """Steps go forward in time, every reminder comes before the due time, and after it somebody is told every day."""
    steps = _follow(due_at, reminders, at, 12)
    times = [s.at for s in steps]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    assert all(at < s.at < due_at for s in steps if s.kind is StepKind.REMINDER)
    after = [s for s in steps if s.kind is not StepKind.REMINDER]
    days = [day_of(s.at) for s in after[1:]]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


@given(MOMENTS)
def test_the_manager_is_told_on_the_day_on_which_the_owner_is(due_at: datetime) -> None:
    """From the telling of the owner to that of the manager the day in London does not end (REQ-05)."""
    overdue = first_step(due_at, [], due_at)
    manager = step_after(overdue, due_at, [], overdue.at, to_manager=TO_MANAGER)
    assert (overdue.kind, manager.kind) == (StepKind.OVERDUE, StepKind.MANAGER)
    assert day_of(overdue.at) == day_of(manager.at)
    assert timedelta() <= overdue.at - due_at <= timedelta(hours=14)


def test_mornings_that_were_missed_are_not_made_up_for() -> None:
    """After an outage of a week one morning follows, not seven."""
    due_at = end_of_day(date(2026, 3, 2))
    back = datetime(2026, 3, 12, 15, tzinfo=UTC)
    step = step_after(
        DutyStep(datetime(2026, 3, 5, 8, tzinfo=UTC), StepKind.DAILY), due_at, [], back, to_manager=TO_MANAGER
    )
    assert step.at == datetime(2026, 3, 13, 8, tzinfo=UTC)


def test_nobody_is_told_at_night() -> None:
    """What falls due between six in the evening and eight in the morning waits for the morning, in summer time too."""
    assert waking(datetime(2026, 7, 1, 17, 30, tzinfo=UTC)) == datetime(2026, 7, 2, 7, tzinfo=UTC)
    assert waking(datetime(2026, 1, 5, 3, tzinfo=UTC)) == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert waking(datetime(2026, 1, 5, 12, tzinfo=UTC)) == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_whom_a_step_tells() -> None:
    """The owner alone at first; then the managers too, nobody twice; without an owner the managers from the start."""
    assert to_be_told(StepKind.REMINDER, "o", ["m"]) == ("o",)
    assert to_be_told(StepKind.OVERDUE, "o", ["m"]) == ("o",)
    assert to_be_told(StepKind.MANAGER, "o", ["m", "n"]) == ("o", "m", "n")
    assert to_be_told(StepKind.DAILY, "m", ["m"]) == ("m",)
    assert to_be_told(StepKind.REMINDER, "", ["m"]) == ("m",)
    assert to_be_told(StepKind.DAILY, "", []) == ()

"""A quarter of the model provider, played by a seed: gates held, the urgent way worked, alerts were taken, counts agree."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clock import queries as clock
from overread.foundation.clock.models import BankHoliday
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.governance.inspection import actions as inspection
from overread.governance.inspection import queries as inspected
from overread.governance.inspection.rules import Period
from overread.governance.training.rules import SUBJECT
from overread.site import packing
from overread.site.simulation.governed import (
    ACKNOWLEDGED_LATE,
    FORGOTTEN,
    LAPSING,
    POLICY,
    RENEWED_LATE,
    REVIEWED_LATE,
)
from overread.site.simulation.moved_time import moved_time
from overread.site.simulation.plan import plan_of, start_before
from overread.site.simulation.quarter import (
    CHECKED_AGAIN_AFTER,
    INDEMNITY_RENEWED_AFTER,
    Quarter,
    play,
)
from tests.world import join_house

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
FIRST = date(2026, 8, 17)
SEED = 7


@pytest.fixture(scope="module")
def quarter(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Quarter]:
    """One quarter for all tests of this file; they only look."""
    folder = tmp_path_factory.mktemp("quarter")
    (folder / "secrets").mkdir()
    before = dict(channels._CHANNELS)
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            pytest.skip("NOT RUN: PostgreSQL judges due times by a clock of its own, which no test can move")
        join_house()
        use(LocalStore(folder / "blobs", 0))
        holidays = list(BankHoliday.objects.all())  # seeded by a migration, for every other test of this process
        yield play(plan_of(SEED, start=FIRST, per_day=1), folder)
        call_command("flush", verbosity=0, interactive=False)
        BankHoliday.objects.bulk_create(holidays)
    channels._CHANNELS.clear()
    channels._CHANNELS.update(before)


@given(st.integers(), st.integers(1, 6))
def test_a_seed_is_a_quarter(seed: int, per_day: int) -> None:
    """The same seed plans the same quarter; work comes on weekdays only, and nobody on leave is its reader."""
    plan = plan_of(seed, start=FIRST, per_day=per_day)
    assert plan == plan_of(seed, start=FIRST, per_day=per_day)
    assert {a.at.weekday() for a in plan.arrivals} <= set(range(5))
    assert all(not plan.away(a.reader, a.at.date()) for a in plan.arrivals)
    assert [a.at for a in plan.arrivals] == sorted(a.at for a in plan.arrivals)


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2090, 1, 1)))
def test_a_quarter_by_default_is_over(today: date) -> None:
    """It begins on a Monday and ended before today, so that an installation made of it can be looked at."""
    first = start_before(today)
    assert first.weekday() == 0
    assert timedelta(weeks=13) <= today - first < timedelta(weeks=14)


@pytest.mark.usefixtures("quarter")
def test_every_case_is_signed_though_gates_shut(quarter: Quarter) -> None:
    """All kinds of work come in; whoever is shut out, the case is read by the other reader or later, and none is lost."""
    happened = Counter(line.what for line in quarter.journal.lines)
    assert happened["arrival"] == len(quarter.plan.arrivals) == happened["signed"]
    assert {line.words for line in quarter.journal.of("signed")} == {a.kind for a in quarter.plan.arrivals}
    assert happened["gate"] > 0


def test_an_indemnity_that_ran_out_stops_its_reader_until_it_is_renewed(quarter: Quarter) -> None:
    """Between the last day of the certificate and the new one the reader signs nothing, not even urgent work (REQ-11)."""
    gate = [line for line in quarter.journal.of("gate") if "indemnity" in line.words]
    assert gate
    assert {line.who for line in gate} == {"tobias"}
    ended = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(weeks=5, days=1)
    renewed = datetime.combine(FIRST, datetime.min.time(), UTC) + INDEMNITY_RENEWED_AFTER
    shut = [s for s in quarter.journal.of("signed") if s.who == "tobias" and ended < s.at < renewed]
    assert shut == []
    assert [s for s in quarter.journal.of("signed") if s.who == "tobias" and s.at > renewed]


def test_what_runs_out_about_a_reader_is_told_to_them_before_and_to_the_manager_after(quarter: Quarter) -> None:
    """The indemnity's end reaches its reader in time and, once it is over, the manager the same day until it is renewed."""
    ended = FIRST + timedelta(weeks=5)
    renewed = quarter.journal.of("indemnity-renewed")[0].at.date()
    before = quarter.journal.mailed(quarter.house.email("tobias"), "indemnity")
    assert before
    assert min(m.at.date() for m in before) < ended
    late = {
        m.at.date() for m in quarter.journal.mailed(quarter.house.email("imogen"), "indemnity") if m.at.date() > ended
    }
    assert late == {ended + timedelta(days=n) for n in range(1, (renewed - ended).days)}


def test_an_overdue_check_stops_routine_work_and_lets_the_urgent_through(quarter: Quarter) -> None:
    """A soft gate: routine work goes to the other reader; urgent work is signed with a reason and the manager hears (H12)."""
    checked = datetime.combine(FIRST, datetime.min.time(), UTC) + CHECKED_AGAIN_AFTER
    gate = [line for line in quarter.journal.of("gate") if "register was last checked" in line.words]
    assert all(line.who == "maren" and line.at < checked + timedelta(days=1) for line in gate)
    passed = quarter.journal.of("passed")
    told = quarter.journal.mailed(quarter.house.email("imogen"), "through a gate")
    assert len(told) == len(passed)
    assert all(t.at.date() == p.at.date() for t, p in zip(told, passed, strict=True))


def _told_every_morning(quarter: Quarter, what: str, first: date, until: date) -> None:
    """Owner and registered manager hear that something is overdue, each day from the first until before the last."""
    wanted = [first + timedelta(days=n) for n in range((until - first).days)]
    for who in ("pip", "imogen"):
        mails = quarter.journal.mailed(quarter.house.email(who), what)
        late = {m.at.date() for m in mails if any("OVERDUE" in x and what in x for x in m.text.splitlines())}
        assert (who, sorted(late)) == (who, wanted)


def test_lapsed_training_of_the_administrator_reaches_both_every_morning(quarter: Quarter) -> None:
    """The first fault of 2021 cannot recur unseen: the administrator stands in the matrix, and both hear of the lapse (REQ-06)."""
    trained = quarter.journal.of("trained")[0].at.date()
    lapsed = trained - RENEWED_LATE
    with open_scope(Scope.everything(), opened_by="test"):
        then = replace(_period(quarter), as_at=quarter.journal.of("trained")[0].at - timedelta(hours=1))
        before, now = inspected.answer("training.matrix", then), inspected.answer("training.matrix", _period(quarter))
    assert before is not None
    assert now is not None
    assert before.found.gaps
    assert now.found.gaps == ()
    title = SUBJECT[LAPSING].title
    mails = quarter.journal.mailed(quarter.house.email("imogen"), title)
    days = {m.at.date() for m in mails if any("OVERDUE" in x and title in x for x in m.text.splitlines())}
    assert days
    assert max(days) == trained
    assert len(days) == (trained - min(days)).days + 1
    assert abs((min(days) - lapsed).days) <= 32


def test_a_policy_that_somebody_has_not_read_is_told_to_them(quarter: Quarter) -> None:
    """The second fault of 2021 cannot recur unseen: who has not read a policy hears of it by name until they have (REQ-04)."""
    read = quarter.journal.of("policy-read")[0].at
    told = quarter.journal.mailed(quarter.house.email("tobias"), POLICY)
    assert told
    assert all(m.at < read for m in told)


def test_a_forgotten_review_reaches_owner_and_manager_the_same_day_and_never_rests(quarter: Quarter) -> None:
    """The third fault of 2021 cannot recur unseen: from the day it is due both hear of the risk, every morning (REQ-05)."""
    reviewed = quarter.journal.of("risk-reviewed")[0].at
    due = (reviewed - REVIEWED_LATE).date()
    _told_every_morning(quarter, FORGOTTEN, due + timedelta(days=1), reviewed.date() + timedelta(days=1))
    with open_scope(Scope.everything(), opened_by="test"):
        then = replace(_period(quarter), as_at=reviewed - timedelta(days=1))
        before, now = inspected.answer("risks.register", then), inspected.answer("risks.register", _period(quarter))
    assert before is not None
    assert now is not None
    assert [FORGOTTEN in str(gap) for gap in before.found.gaps] == [True]
    assert not any(FORGOTTEN in str(gap) for gap in now.found.gaps)


def test_a_complaint_that_nobody_acknowledges_climbs_after_three_working_days(quarter: Quarter) -> None:
    """It came on a Tuesday: from the Saturday on both hear of it, until it was acknowledged (REQ-117)."""
    came = quarter.journal.of("complaint")[0].at.date()
    done = quarter.journal.of("complaint-acknowledged")[0].at.date()
    assert (came.weekday(), done - came) == (1, ACKNOWLEDGED_LATE)
    mails = quarter.journal.mailed(quarter.house.email("imogen"), "C-1 ")
    late = sorted({m.at.date() for m in mails if m.at.date() <= done})
    assert late == [came + timedelta(days=n) for n in range(4, 8)]


def test_a_near_miss_is_counted_and_asks_for_its_feedback(quarter: Quarter) -> None:
    """The near miss is in the evidence, and that nobody has told its reporter what came of it is a gap (REQ-18)."""
    with open_scope(Scope.everything(), opened_by="test"):
        found = inspected.answer("incidents.reported", _period(quarter))
    assert found is not None
    assert [row[1] for row in found.found.rows] == ["Near miss"]
    assert found.found.gaps


def test_every_alert_was_taken_by_a_named_person_in_time(quarter: Quarter) -> None:
    """As many alerts as critical findings, each taken by the doctor before its time ran out."""
    critical = sum(a.critical for a in quarter.plan.arrivals)
    assert len(quarter.journal.of("alert-taken")) == critical
    with open_scope(Scope.everything(), opened_by="test"):
        found = inspected.answer("escalation.alerts", _period(quarter))
    assert found is not None
    assert [row[-1] for row in found.found.rows] == ["in time"] * critical


def test_nothing_is_stuck_at_the_end(quarter: Quarter) -> None:
    """No deadline failed and none was left behind."""
    assert clock.stuck() == []
    due = clock.next_due()
    assert due is None or due > quarter.clock.now


def _period(quarter: Quarter) -> Period:
    start = datetime.combine(quarter.plan.first, datetime.min.time(), UTC)
    return Period(start, start + timedelta(weeks=13), quarter.clock.now, quarter.clock.now)


def test_the_numbers_of_the_pack_equal_counts_of_raw_rows(quarter: Quarter) -> None:
    """Cases, clocks, reports and deliveries of the pack are counted again by plain SQL, and late ones by hand."""
    with moved_time(quarter.clock.now), open_scope(Scope.everything(), opened_by="test"):
        pack_id = inspection.ask_pack(
            actor=Actor.system("test"), period=_period(quarter), edition="saf-34", build=False
        )
        pack = inspected.pack(pack_id)
        assert pack is not None
        files, _, _ = packing.files_of(pack)
    facts = {f["name"]: f for f in json.loads(files["pack.json"])["facts"]}
    raw = {
        "case.work": "SELECT count(*) FROM case_case",
        "case.turnaround": "SELECT count(*) FROM case_clock",
        "reporting.signed": "SELECT count(*) FROM reporting_reportversion",
        "delivery.deliveries": "SELECT count(*) FROM delivery_delivery",
        "escalation.alerts": "SELECT count(*) FROM escalation_alert",
    }
    with connection.cursor() as cursor:
        for name, sql in raw.items():
            cursor.execute(sql)
            assert (name, len(facts[name]["rows"])) == (name, cursor.fetchone()[0])
    passed = quarter.journal.of("passed")
    assert len(facts["reporting.gates"]["rows"]) == len(passed)

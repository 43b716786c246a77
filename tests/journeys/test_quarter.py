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
from overread.foundation.clock.queries import working_day_after
from overread.foundation.registers.rules import LONDON
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.governance.improvements import queries as improvements
from overread.governance.incidents import queries as incidents
from overread.governance.inspection import actions as inspection
from overread.governance.inspection import queries as inspected
from overread.governance.inspection.rules import Period
from overread.governance.training.rules import SUBJECT
from overread.journey.case import queries as cases
from overread.journey.reporting import queries as reports
from overread.journey.review import queries as reviews
from overread.journey.review.queries import ReviewView
from overread.site import packing
from overread.site.simulation.governed import (
    ACKNOWLEDGED_LATE,
    FORGOTTEN,
    LAPSING,
    LATE_RISK,
    LATE_RISK_FROM,
    OLD_POLICY,
    POLICY,
    POLICY_REVIEWED_LATE,
    READER_LAST_DAY,
    READER_RENEWED_LATE,
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


def test_a_forgotten_review_of_a_policy_reaches_owner_and_manager_every_morning(quarter: Quarter) -> None:
    """The second fault of 2021 cannot recur unseen: from the day after its last day both hear of the policy (REQ-03)."""
    reviewed = quarter.journal.of("policy-reviewed")[0].at
    due = reviewed.date() - POLICY_REVIEWED_LATE
    _told_every_morning(quarter, OLD_POLICY, due + timedelta(days=1), reviewed.date() + timedelta(days=1))
    with open_scope(Scope.everything(), opened_by="test"):
        then = replace(_period(quarter), as_at=reviewed - timedelta(days=1))
        before, now = (
            inspected.answer("policies.register", then),
            inspected.answer("policies.register", _period(quarter)),
        )
    assert before is not None
    assert now is not None
    assert any(OLD_POLICY in str(gap) for gap in before.found.gaps)
    assert not any(OLD_POLICY in str(gap) for gap in now.found.gaps)


def test_lapsed_training_of_a_reader_holds_routine_work_and_lets_the_urgent_through(quarter: Quarter) -> None:
    """From the day after its last day until it is renewed: routine work goes elsewhere, urgent work is signed and told (H12)."""
    gate = [line for line in quarter.journal.of("gate") if "Training in Fire safety ran out" in line.words]
    assert gate
    assert {line.who for line in gate} == {"tobias"}
    shut = FIRST + READER_LAST_DAY + timedelta(days=1)
    renewed = quarter.journal.of("reader-trained")[0].at
    assert renewed.date() == FIRST + READER_LAST_DAY + READER_RENEWED_LATE
    assert all(shut <= line.at.date() and line.at < renewed for line in gate)
    passed = [p for p in quarter.journal.of("passed") if p.who == "tobias" and shut <= p.at.date() and p.at < renewed]
    assert passed, "the seed holds an urgent read of this reader in these days"
    told = {m.at.date() for m in quarter.journal.mailed(quarter.house.email("imogen"), "through a gate")}
    assert {p.at.date() for p in passed} <= told


def test_a_policy_that_somebody_has_not_read_is_told_to_them(quarter: Quarter) -> None:
    """Who has not read a policy hears of it by name until they have (REQ-04)."""
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
    assert sorted(str(row[1]) for row in found.found.rows) == ["Incident", "Incident", "Near miss"]
    assert found.found.gaps


def test_every_alert_was_taken_by_a_named_person_in_time(quarter: Quarter) -> None:
    """As many alerts as critical findings, each taken by the doctor before its time ran out."""
    critical = sum(a.critical for a in quarter.plan.arrivals)
    assert len(quarter.journal.of("alert-taken")) == critical
    critical += len(quarter.journal.of("review-alert-taken"))
    with open_scope(Scope.everything(), opened_by="test"):
        found = inspected.answer("escalation.alerts", _period(quarter))
    assert found is not None
    assert [row[-1] for row in found.found.rows] == ["in time"] * critical


def _reviews() -> list[ReviewView]:
    with open_scope(Scope.everything(), opened_by="test"):
        start = datetime.combine(FIRST, datetime.min.time(), UTC)
        return reviews.reviews_between(start, start + timedelta(weeks=13))


def test_the_reviews_of_every_draw_are_finished_by_two_radiologists(quarter: Quarter) -> None:
    """A draw each month; nobody judged their own, a share went outside, everything is finished, and in time (REQ-70, REQ-71)."""
    held = _reviews()
    with open_scope(Scope.everything(), opened_by="test"):
        draws = reviews.draws()
    assert [d["from_at"].astimezone(LONDON).month for d in draws] == [10, 9, 8]
    assert sum(d["chosen"] for d in draws) == len(held) > 0
    assert all(view.closed_at for view in held)
    readers = {quarter.house.people[short] for short in ("maren", "tobias")}
    guest = quarter.house.people["rowan"]
    for view in held:
        assert all(grade.grader_id != view.author_id for grade in view.grades)
        assert {grade.grader_id for grade in view.grades} <= readers | {guest}
        assert view.closed_at is not None
        assert view.closed_at - view.opened_at < timedelta(days=16)
    share = sum(-(-d["chosen"] * d["external_percent"] // 100) for d in draws)
    outside = [view for view in held if view.grades[0].grader_id == guest]
    assert len(outside) >= share == sum(view.outside for view in held)
    assert {view.author_id for view in held if view not in outside} == readers, "each was reviewed by the other"


def test_a_serious_difference_goes_its_whole_way_on_its_day(quarter: Quarter) -> None:
    """Found, read again, told to the client, corrected on one day; incident, reflection and learning follow (REQ-73)."""
    assert quarter.judging is not None
    view = next(v for v in _reviews() if v.id == quarter.judging.accepted)
    first, again = view.grades
    assert (first.act, first.uk, again.act, again.uk) == ("grade", 2, "reread", 2)
    assert again.at.date() == first.at.date()
    assert [line.at.date() for line in quarter.journal.of("corrected")] == [first.at.date()]
    taken = quarter.journal.of("review-alert-taken")
    assert len(taken) == 2, "the difference itself, and once more that the report was corrected"
    assert {line.at.date() for line in taken} == {first.at.date()}
    assert quarter.journal.mailed(quarter.house.email("linnet"), taken[0].words)
    who = {person_id: short for short, person_id in quarter.house.people.items()}
    for person_id, words in ((again.grader_id, "Read again today"), (view.author_id, "Correct the report today")):
        told = quarter.journal.mailed(quarter.house.email(who[person_id]), words)
        assert first.at.date() in {m.at.date() for m in told}, "who must act today hears of it today"
    assert (view.accepts, view.corrected) == (True, True)
    assert quarter.journal.of("reflected")[0].at.date() <= working_day_after(first.at.date(), 10)
    with open_scope(Scope.everything(), opened_by="test"):
        incident = incidents.incident(view.incident) if view.incident else None
        case = cases.case(view.case_id)
        versions = reports.reports_of(view.case_id)
        follows = [e for e in improvements.improvements() if e["about"] == "incident"]
    assert incident is not None
    assert case is not None
    assert (incident["case_number"], incident["involved"]) == (case.number, view.author_id)
    assert incident["shared_with"] == "Both radiologists"
    assert [e["reference"] for e in follows] == [f"I-{incident.number}"]
    assert sorted(r.kind for r in versions) == ["corrected", "final"]


def test_a_difference_that_is_disputed_is_arbitrated_outside(quarter: Quarter) -> None:
    """With two readers nobody here is left to arbitrate: it goes to the external reviewer, and their grade counts (REQ-73)."""
    assert quarter.judging is not None
    view = next(v for v in _reviews() if v.id == quarter.judging.disputed)
    assert view.accepts is False
    assert [g.act for g in view.grades] == ["grade", "reread", "arbitrate"]
    assert view.grades[-1].grader_id == quarter.house.people["rowan"]
    assert (view.grade, view.closed_at is not None) == (4, True)
    assert "arbitrate" in {line.words for line in quarter.journal.of("judged-outside")}


def test_a_back_dated_entry_changes_what_was_so_and_not_what_was_known(quarter: Quarter) -> None:
    """A risk written down three weeks late stands in the register as at that time, known now; known then, it does not."""
    written = quarter.journal.of("written-late")[0].at
    between = datetime.combine(FIRST, datetime.min.time(), UTC) + LATE_RISK_FROM + timedelta(days=5)
    earlier = datetime.combine(FIRST, datetime.min.time(), UTC) + LATE_RISK_FROM - timedelta(days=5)
    assert between < written

    def stands(as_at: datetime, known_by: datetime) -> bool:
        asked = replace(_period(quarter), as_at=as_at, known_by=known_by)
        found = inspected.answer("risks.register", asked)
        assert found is not None
        return any(LATE_RISK in str(row) for row in found.found.rows)

    with open_scope(Scope.everything(), opened_by="test"):
        assert stands(between, quarter.clock.now)
        assert not stands(between, between)
        assert not stands(earlier, quarter.clock.now)
        assert stands(quarter.clock.now, written + timedelta(seconds=1))
        assert not stands(between, written - timedelta(seconds=1))


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
        "review.sample": "SELECT count(*) FROM review_review",
    }
    with connection.cursor() as cursor:
        for name, sql in raw.items():
            cursor.execute(sql)
            assert (name, len(facts[name]["rows"])) == (name, cursor.fetchone()[0])
        cursor.execute(
            "SELECT count(DISTINCT review_id), count(DISTINCT CASE WHEN closed_at IS NOT NULL THEN review_id END)"
            " FROM review_grade JOIN review_review ON review_review.id = review_id"
        )
        judged, finished = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM review_review WHERE incident IS NOT NULL")
        (with_incident,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM review_grade g WHERE uk <= 2 AND NOT EXISTS"
            " (SELECT 1 FROM review_grade l WHERE l.review_id = g.review_id AND l.at > g.at)"
        )
        (serious,) = cursor.fetchone()
    rows = facts["review.sample"]["rows"]
    assert (judged, finished) == (sum(r[4] is not None for r in rows), sum(r[8] == "finished" for r in rows))
    assert with_incident == sum(r[6] is True for r in rows) == 2
    assert serious == sum(r[4] is not None and r[4] <= 2 for r in rows) == 1
    passed = quarter.journal.of("passed")
    assert len(facts["reporting.gates"]["rows"]) == len(passed)

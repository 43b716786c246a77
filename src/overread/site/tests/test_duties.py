"""Duties as they are kept: who is told when by mail, who sees what, and the calendar; over the wired product."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.tests.people import SEED, make_person, sign_in
from overread.foundation.clock import actions, kinds, queries, sweeper
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.channels import Outcome, Outgoing
from overread.foundation.work.refusals import NotAllowed
from overread.foundation.work.running import drain
from tests.world import join_house

pytestmark = pytest.mark.django_db
KIND = "test.thing"


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    join_house()
    monkeypatch.setitem(kinds._duty_kinds, KIND, kinds.DutyKind(KIND, "Review it", "", lambda: (30, 7)))
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[Outgoing]:
    """What leaves by mail; taken each time."""
    left: list[Outgoing] = []

    def take(outgoing: Outgoing) -> Outcome:
        left.append(outgoing)
        return Outcome(state="accepted", detail="taken")

    monkeypatch.setitem(channels._CHANNELS, "email", take)
    return left


def _want(owner_id: UUID | None, due_at: datetime, title: str = "Policy P-1") -> WantedDuty:
    return WantedDuty(uuid4(), owner_id, title, due_at)


def _run(at: datetime) -> None:
    """What a worker does until a time: deadlines, then mails."""
    while sweeper.fire_due(at):
        drain(at=at)
    while sweeper.fire_due(at + timedelta(minutes=3)):
        drain(at=at + timedelta(minutes=3))


def test_what_is_overdue_comes_to_the_owner_then_to_the_manager(mails: list[Outgoing]) -> None:
    """An overdue duty is mailed to its owner, then to the registered manager as well, and the log holds each telling (REQ-03)."""
    manager, owner = make_person("registered_manager", name="Imogen"), make_person("administrator", name="Pip")
    late = timezone.now() - timedelta(hours=30)
    wanted = _want(owner.id, late)
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[wanted])
    _run(timezone.now() + timedelta(seconds=1))
    assert {m.to for m in mails} == {owner.email, manager.email}
    assert all("Policy P-1" in m.payload["text"] and "OVERDUE" in m.payload["text"] for m in mails)
    log = queries.notices_of(KIND, wanted.subject_id)
    assert [(n.step, n.person_id) for n in log] == [
        ("overdue", owner.id),
        *sorted([("manager", owner.id), ("manager", manager.id)], key=lambda s: [n.person_id for n in log].index(s[1])),
    ]
    assert {n.result for n in log} == {"accepted"}


def test_what_falls_due_together_is_one_mail(mails: list[Outgoing]) -> None:
    """Five things that fall due at the same moment make one mail, not five."""
    owner = make_person("administrator")
    due_at = timezone.now() - timedelta(minutes=1)
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[_want(owner.id, due_at, f"Thing {n}") for n in range(5)])
    for _ in range(5):
        sweeper.fire_due(timezone.now() + timedelta(hours=15))
    drain(at=timezone.now() + timedelta(hours=15))
    first = next(m for m in mails if m.to == owner.email)
    assert all(f"Thing {n}" in first.payload["text"] for n in range(5))


def test_a_duty_that_is_done_is_told_no_more(mails: list[Outgoing]) -> None:
    """A duty that its register no longer wants ends, its deadline with it, and nothing is sent."""
    owner = make_person("administrator")
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[_want(owner.id, timezone.now() - timedelta(hours=1))])
    assert actions.keep_duties(actor=SEED, kind=KIND, wanted=[]) == 1
    _run(timezone.now() + timedelta(days=3))
    assert mails == []
    assert queries.duties() == []


def test_keeping_the_same_duties_changes_nothing() -> None:
    """Arranging again what is arranged writes no row and moves no deadline; a new due time moves it."""
    owner = make_person("administrator")
    wanted = _want(owner.id, end_of_day(timezone.localdate() + timedelta(days=40)))
    assert actions.keep_duties(actor=SEED, kind=KIND, wanted=[wanted]) == 1
    assert actions.keep_duties(actor=SEED, kind=KIND, wanted=[wanted]) == 0
    (before,) = queries.duties()
    later = WantedDuty(wanted.subject_id, owner.id, wanted.title, wanted.due_at + timedelta(days=10))
    assert actions.keep_duties(actor=SEED, kind=KIND, wanted=[later]) == 1
    (after,) = queries.duties()
    assert (after.id, after.due_at) == (before.id, before.due_at + timedelta(days=10))


def test_the_duty_of_somebody_who_left_comes_to_the_manager_at_once(mails: list[Outgoing]) -> None:
    """When the owner's account is closed the registered manager is told from the first step."""
    manager, owner = make_person("registered_manager"), make_person("administrator")
    accounts.deactivate(actor=SEED, person_id=owner.id)
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[_want(owner.id, timezone.now() - timedelta(seconds=1))])
    at = timezone.now() + timedelta(hours=15)
    sweeper.fire_due(at)
    sweeper.fire_due(at + timedelta(minutes=5))
    drain(at=at + timedelta(minutes=5))
    assert {m.to for m in mails} == {manager.email}


def test_mail_that_the_server_does_not_take_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server that says "not now" leaves the notices unmailed and the job to be tried again."""
    owner = make_person("administrator")
    monkeypatch.setitem(channels._CHANNELS, "email", lambda outgoing: Outcome(state="retry", detail="busy"))
    wanted = _want(owner.id, timezone.now() - timedelta(seconds=1))
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[wanted])
    at = timezone.now() + timedelta(hours=15)
    sweeper.fire_due(at)
    sweeper.fire_due(at + timedelta(minutes=5))
    drain(at=at + timedelta(minutes=5), raising=False, limit=1)
    assert queries.untold(owner.id) != []
    assert queries.notices_of(KIND, wanted.subject_id)[0].mailed_at is None


def test_the_page_shows_ones_own_and_to_the_manager_everybodys() -> None:
    """An external reviewer sees their own duties only; a manager sees everybody's, and the late ones in the bell."""
    manager, reviewer = make_person("registered_manager"), make_person("external_reviewer")
    late = timezone.now() - timedelta(days=2)
    wanted = [_want(manager.id, late, "Risk R-7"), _want(reviewer.id, late, "Course of Imre")]
    actions.keep_duties(actor=SEED, kind=KIND, wanted=wanted)
    guest, chief = Client(), Client()
    sign_in(guest, reviewer.id)
    sign_in(chief, manager.id)
    shown = guest.get("/duties/?of=all").content.decode()
    assert "Course of Imre" in shown
    assert "Risk R-7" not in shown
    whole = chief.get("/duties/?of=all").content.decode()
    assert "Risk R-7" in whole
    assert "Course of Imre" in whole
    assert "Course of Imre" in chief.get("/duties/?of=mine").content.decode(), "the bell names what came to the manager"
    assert "Course of Imre" in b"".join(chief.get("/duties/?of=all&export=csv").streaming_content).decode()  # type: ignore[attr-defined]


def test_a_calendar_reads_ones_own_duties_at_a_secret_address() -> None:
    """The address is shown once, gives the owner's duties as RFC 5545, the late ones on today, and ends when it is renewed."""
    owner, other = make_person("administrator"), make_person("radiologist")
    today = timezone.localdate()
    wanted = [
        _want(owner.id, end_of_day(today + timedelta(days=9)), "Fire safety; level 1, Pip"),
        _want(owner.id, end_of_day(today - timedelta(days=3)), "Policy P-2"),
        _want(other.id, end_of_day(today), "Not mine"),
    ]
    actions.keep_duties(actor=SEED, kind=KIND, wanted=wanted)
    browser, nobody = Client(), Client()
    sign_in(browser, owner.id)
    answer = browser.post("/duties/calendar/", {"do": "make"}).content.decode()
    path = answer.split("/duties/calendar/")[1].split(".ics")[0]
    assert path not in browser.get("/duties/").content.decode(), "the secret is shown once"
    file = nobody.get(f"/duties/calendar/{path}.ics")
    assert file.headers["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(file.content).walk("VEVENT")
    read = sorted((e.decoded("dtstart"), str(e["summary"])) for e in events)
    assert read == [
        (today, "Overdue: Policy P-2"),
        (today + timedelta(days=9), "Fire safety; level 1, Pip"),
    ]
    assert all(len(line) <= 75 for line in file.content.split(b"\r\n"))
    browser.post("/duties/calendar/", {"do": "make"})
    assert nobody.get(f"/duties/calendar/{path}.ics").status_code == 404


def test_nobody_makes_the_calendar_of_another() -> None:
    """The address of a calendar is made by its owner only, and a closed account's stops."""
    owner, other = make_person("administrator"), make_person("radiologist")
    with pytest.raises(NotAllowed):
        actions.make_feed(actor=Actor.person(other.id), person_id=owner.id)
    with pytest.raises(NotAllowed):
        actions.end_feed(actor=Actor.person(other.id), person_id=owner.id)
    token = actions.make_feed(actor=Actor.person(owner.id), person_id=owner.id)
    assert queries.feed_owner(token) == owner.id
    accounts.deactivate(actor=SEED, person_id=owner.id)
    assert queries.feed_owner(token) is None


def test_somebody_else_can_have_the_owner_told_again_by_one_click(mails: list[Outgoing]) -> None:
    """A chaser reaches the owner within minutes, not twice within the hour, and a duty without owner says so."""
    owner, office = make_person("radiologist"), make_person("administrator")
    due_at = end_of_day(timezone.localdate() - timedelta(days=2))
    actions.keep_duties(actor=SEED, kind=KIND, wanted=[_want(owner.id, due_at), _want(None, due_at, "Policy P-2")])
    late, unowned = (next(d for d in queries.duties() if d.title == f"Policy P-{n}") for n in (1, 2))
    browser = Client()
    sign_in(browser, office.id)
    home = browser.get("/today/").content.decode()
    assert home.count("Tell again") == 1
    answer = browser.post(f"/duties/{late.id}/chase/", follow=True)
    assert "told by mail within minutes" in answer.content.decode()
    _run(timezone.now())
    assert [m.to for m in mails if "Policy P-1" in m.payload["text"]][:1] == [owner.email]
    again = browser.post(f"/duties/{late.id}/chase/", follow=True)
    assert "less than an hour ago" in again.content.decode()
    nobody = browser.post(f"/duties/{unowned.id}/chase/", follow=True)
    assert "Nobody has this duty" in nobody.content.decode()


def test_the_home_lists_own_duties_of_the_week_and_overdue_ones_of_others(mails: list[Outgoing]) -> None:
    """What lies further ahead, and what others still have time for, does not fill the list of one part-time person."""
    owner, office = make_person("radiologist"), make_person("administrator")
    today = timezone.localdate()
    wanted = [
        _want(office.id, end_of_day(today + timedelta(days=3)), "Own soon"),
        _want(office.id, end_of_day(today + timedelta(days=20)), "Own later"),
        _want(owner.id, end_of_day(today + timedelta(days=3)), "Other soon"),
        _want(owner.id, end_of_day(today - timedelta(days=1)), "Other late"),
    ]
    actions.keep_duties(actor=SEED, kind=KIND, wanted=wanted)
    browser = Client()
    sign_in(browser, office.id)
    home = browser.get("/today/").content.decode()
    assert [title for title in ("Own soon", "Own later", "Other soon", "Other late") if title in home] == [
        "Own soon",
        "Other late",
    ]

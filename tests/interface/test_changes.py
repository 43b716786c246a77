"""What changed: every change once, in an order that never moves, whatever is committed at the same moment."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.utils import timezone

from overread.foundation.interface import changes
from overread.foundation.ledger import queries as ledger
from overread.foundation.ledger.models import Seal
from overread.foundation.ledger.sealer import seal_once
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.journey.allocation import actions as allocation
from overread.journey.escalation import actions as escalation
from overread.journey.referral import actions as referral
from tests.interface.system import SEED, System, system
from tests.world import World, world

__all__ = ["world"]


def _seal() -> None:
    while seal_once():
        pass


def _everything(ris: System, limit: int = 200) -> tuple[list[dict[str, Any]], str]:
    met: list[dict[str, Any]] = []
    after, more = "", True
    while more:
        said = ris.get(f"changes?limit={limit}&after={after}")
        met += said["changes"]
        after, more = said["next"], said["more"]
    return met, after


def test_what_happens_to_a_case_is_told_by_ids_alone(world: World) -> None:
    """Referral, images, states, a question, an alert: each is told once and in order; no word of the patient among them."""
    ris = system(world, scopes="order,report")
    _, here = _everything(ris)
    made = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=made.read_id)
        query_id = referral.ask(
            actor=world.actor("administrator"), case_id=made.case_id, subject="Contrast?", text="Was contrast given?"
        )
        referral.answer(actor=world.actor("north"), query_id=query_id, text="It was given.")
        alert_id = escalation.raise_alert(
            actor=world.actor("reader"), case_id=made.case_id, category="critical", finding="Bleed"
        )
    assert ris.get(f"changes?after={here}")["changes"] == [], "what is not sealed yet is not told yet"
    _seal()
    said = ris.get(f"changes?after={here}&limit=200")
    kinds = [c["kind"] for c in said["changes"]]
    assert [k for k in kinds if k.startswith(("question", "alert"))] == [
        "question.asked",
        "question.answered",
        "alert.raised",
    ]
    assert [c["state"] for c in said["changes"] if c["kind"] == "case.moved"][-2:] == ["ready", "claimed"]
    assert {c["subject_id"] for c in said["changes"] if c["kind"] == "alert.raised"} == {str(alert_id)}
    assert {c["case_id"] for c in said["changes"] if c["kind"].startswith("question")} == {str(made.case_id)}
    assert "Quillfeather" not in str(said)
    assert "Bleed" not in str(said)
    assert "Contrast" not in str(said)
    assert ris.get(f"changes?after={said['next']}") == {"changes": [], "next": said["next"], "more": False}


def test_a_token_is_told_what_its_scope_may_read(world: World) -> None:
    """One for orders hears nothing of alerts, one for reports nothing of questions; another client's hears nothing at all."""
    made = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=made.read_id)
        escalation.raise_alert(actor=world.actor("reader"), case_id=made.case_id, category="critical", finding="Bleed")
    _seal()
    order, _ = _everything(system(world, scopes="order"))
    report, _ = _everything(system(world, scopes="report"))
    assert {c["kind"] for c in report} == {"alert.raised"}
    assert "alert.raised" not in {c["kind"] for c in order}
    south, _ = _everything(system(world, "SOUTH"))
    assert str(made.case_id) not in str(south)


def test_small_pages_meet_the_same_changes_as_one_large_page(world: World) -> None:
    """Read one by one or two hundred at a time, the changes and their cursors are the same."""
    for _ in range(2):
        world.ready_case("NORTH")
    _seal()
    ris = system(world, scopes="order")
    assert _everything(ris, 1) == _everything(ris, 200)


def test_a_cursor_of_another_history_is_told(world: World) -> None:
    """After a restore the same numbers may mean other entries: such a cursor is 409, one of one's own making 422."""
    world.ready_case("NORTH")
    _seal()
    ris = system(world, scopes="order")
    _, here = _everything(ris)
    number, _, mark = here.partition("-")
    for other in (f"{number}-{'0' * 12}", f"{int(number) + 5}-{mark}"):
        answer = ris.ask("GET", f"changes?after={other}")
        assert answer.status_code == 409, other
        assert "from the beginning" in answer.json()["detail"]
    for wrong in ("x", "1", f"01-{mark}", "99999999999999999999-000000000000"):
        assert ris.ask("GET", f"changes?after={wrong}").status_code == 422


def test_every_kind_is_a_kind_of_the_description_and_has_its_scope() -> None:
    """Each kind has a name with its subject, words for people, and a scope that tokens can have."""
    from overread.site.interface import openapi

    assert openapi()["paths"]["/api/v1/changes"]
    names = [k.name for k in changes.kinds()]
    assert len(names) == len(set(names)) >= 15
    assert {k.scope for k in changes.kinds()} == {"order", "report"}
    assert all(k.words for k in changes.kinds())


@action("interface.test_change")
def _change(*, actor: Actor, client_id: UUID, number: int, before_commit: Callable[[], None] | None = None) -> None:
    note(subject=("test", number), client_id=client_id)
    if before_commit is not None:
        before_commit()


def _thread(work: Callable[[], None], faults: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except BaseException as fault:  # told by the test
            faults.append(fault)
        finally:
            connections.close_all()

    started = threading.Thread(target=run)
    started.start()
    return started


def _written(client_id: UUID, number: int, before_commit: Callable[[], None] | None = None) -> None:
    with open_scope(Scope.client(client_id), opened_by="test"):
        _change(actor=SEED, client_id=client_id, number=number, before_commit=before_commit)


def _seen(client_id: UUID, after: int) -> list[tuple[int, str]]:
    with open_scope(Scope.client(client_id), opened_by="test"):
        found = ledger.sealed_after(client_id, after, 500)
    return [(one.number, one.entry.subject_id) for one in found if one.entry.verb == "interface.test_change"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_not_passed_by(world: World) -> None:
    """The first to write commits last: until then nothing behind it is sealed, so no reader goes past it (sequence gap)."""
    north, faults = world.clients["NORTH"], list[BaseException]()
    _seal()
    top = Seal.objects.filter(chain=str(north)).count()
    wrote, commit, sealed = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        wrote.set()
        assert commit.wait(60)

    late = _thread(lambda: _written(north, 1, hold), faults)
    assert wrote.wait(60)
    _written(north, 2)

    def sealing() -> None:
        _seal()
        sealed.set()

    sealer = _thread(sealing, faults)
    blocked = threading.Event()
    while not _waits_for_lock():
        blocked.wait(0.01)
    assert not sealed.is_set()
    assert _seen(north, top) == [], "entry 2 is committed, and is not told before entry 1 can be"
    commit.set()
    late.join(60)
    sealer.join(60)
    assert faults == []
    assert [subject for _, subject in _seen(north, top)] == ["1", "2"]


def _waits_for_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
            "WHERE c.relname = 'ledger_entry' AND NOT l.granted"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_reader_misses_nothing_while_many_write(world: World) -> None:
    """Four writers, a sealer and a reader at once: the reader meets each entry once, and a second reading is the same."""
    north, faults, each = world.clients["NORTH"], list[BaseException](), 15
    _seal()
    top = Seal.objects.filter(chain=str(north)).count()
    done = threading.Event()

    def write(who: int) -> None:
        for number in range(each):
            _written(north, who * 100 + number)

    def sealing() -> None:
        while not done.is_set():
            _seal()
            done.wait(0.005)
        _seal()

    sealer = _thread(sealing, faults)
    writers = [_thread(lambda w=w: write(w), faults) for w in range(1, 5)]
    met: list[tuple[int, str]] = []
    pause, end = threading.Event(), timezone.now() + timedelta(seconds=120)
    while len(met) < 4 * each and timezone.now() < end and not faults:
        met += _seen(north, met[-1][0] if met else top)
        pause.wait(0.005)
    for one in writers:
        one.join(60)
    done.set()
    sealer.join(60)
    assert faults == []
    assert sorted(int(subject) for _, subject in met) == sorted(w * 100 + n for w in range(1, 5) for n in range(each))
    assert met == _seen(north, top)


@pytest.mark.django_db(transaction=True)
def test_two_retries_at_the_same_moment_make_one_referral(world: World) -> None:
    """The same key from four threads at once: one referral, and the same answer to all."""
    from tests.interface.test_referrals import HEAD

    ris, faults = system(world, scopes="order"), list[BaseException]()
    answers: list[tuple[int, str]] = []
    together = threading.Barrier(4)

    def send() -> None:
        together.wait(60)
        said = ris.ask("POST", "referrals", HEAD, Idempotency_Key="at-the-same-moment")
        answers.append((said.status_code, said.content.decode()))

    for one in [_thread(send, faults) for _ in range(4)]:
        one.join(120)
    assert faults == []
    assert len(answers) == 4
    assert {status for status, _ in answers} == {201}, answers
    assert len({text for _, text in answers}) == 1
    assert len(ris.get("referrals")["referrals"]) == 1


@pytest.mark.django_db(transaction=True)
def test_referrals_that_come_at_the_same_moment_are_all_taken(world: World) -> None:
    """Six different referrals at once: six numbers, and none is refused because another was quicker."""
    from tests.interface.test_referrals import HEAD

    ris, faults = system(world, scopes="order"), list[BaseException]()
    answers: list[tuple[int, str]] = []
    together = threading.Barrier(6)

    def send(number: int) -> None:
        together.wait(60)
        said = ris.ask("POST", "referrals", HEAD | {"accession": f"A{number}"}, Idempotency_Key=f"number-{number}")
        answers.append((said.status_code, said.json().get("number", said.content.decode())))

    for one in [_thread(lambda n=n: send(n), faults) for n in range(6)]:
        one.join(120)
    assert faults == []
    assert {status for status, _ in answers} == {201}, answers
    assert len({number for _, number in answers}) == 6

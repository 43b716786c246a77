"""What one action reads twice it asks the database once, and never after a write to where the answer came from."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overread.foundation.clients.models import Client
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.once import Answers, answers_kept, once

ACTOR = Actor.system("test")


@once
def _name(client_id: UUID) -> str | None:
    return Client.objects.filter(id=client_id).values_list("name", flat=True).first()


@once
def _shout(client_id: UUID) -> str:
    return f"{_name(client_id)}!"


@pytest.fixture
def client_id() -> Iterator[UUID]:
    """A client, and an open scope."""
    with open_scope(Scope.everything(), opened_by="test"):
        yield Client.objects.create(code="NORTH", name="Northfield", added_at=timezone.now()).id


def _asked(captured: CaptureQueriesContext) -> int:
    return sum('FROM "clients_client"' in q["sql"] for q in captured)


@action("test.reads_twice")
def _reads_twice(*, actor: Actor, client_id: UUID, between: Any = None) -> list[str | None]:
    first = _name(client_id)
    if between:
        between()
    note(subject=("test", 1))
    return [first, _name(client_id)]


@pytest.mark.django_db
def test_an_action_asks_once(client_id: UUID) -> None:
    """Two reads of the same in one action are one statement; the next action asks anew, and so does a page."""
    with CaptureQueriesContext(connection) as captured:
        assert _reads_twice(actor=ACTOR, client_id=client_id) == ["Northfield", "Northfield"]
    assert _asked(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        _reads_twice(actor=ACTOR, client_id=client_id)
        assert (_name(client_id), _name(client_id)) == ("Northfield", "Northfield")
    assert _asked(captured) == 3


@pytest.mark.django_db
def test_a_write_is_seen(client_id: UUID) -> None:
    """An action that writes a table reads its own write, also through a read that was built on another one."""

    def rename() -> None:
        assert _shout(client_id) == "Northfield!"
        Client.objects.filter(id=client_id).update(name="Northgate")
        assert _shout(client_id) == "Northgate!"

    assert _reads_twice(actor=ACTOR, client_id=client_id, between=rename) == ["Northfield", "Northgate"]


@pytest.mark.django_db
def test_what_a_savepoint_undid_is_forgotten(client_id: UUID) -> None:
    """What was read inside a part of an action that was undone is asked again."""

    def undone() -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            Client.objects.filter(id=client_id).update(name="Northgate")
            assert _name(client_id) == "Northgate"
            raise ZeroDivisionError

    assert _reads_twice(actor=ACTOR, client_id=client_id, between=undone) == ["Northfield", "Northfield"]


@pytest.mark.django_db
def test_another_scope_has_its_own_answer(client_id: UUID) -> None:
    """An answer given under one scope is not given under another."""

    @once
    def _anything() -> UUID:
        return uuid4()

    with answers_kept():
        here = _anything()
        with open_scope(Scope.client(client_id), opened_by="test"):
            assert _anything() != here
        assert _anything() == here


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ('SELECT "case_case"."id" FROM "case_case" WHERE 1', True),
        ('UPDATE "case_read" SET "state" = %s', True),
        ('UPDATE "case_case" SET "state" = %s', False),
        ('INSERT INTO "case_case" ("id") VALUES (%s)', False),
        ('DELETE FROM "case_case" WHERE 1', False),
        ('SELECT "case_case"."id" FROM "case_case" WHERE 1 FOR UPDATE', False),
        ("SELECT pg_advisory_xact_lock(7)", False),
        ("ROLLBACK TO SAVEPOINT x", False),
        ("UPDATE case_case SET state = %s", False),
        ("SAVEPOINT x", True),
        ("SELECT set_config('overread.scope', %s, true)", True),
    ],
)
def test_which_statements_make_it_forget(sql: str, kept: bool) -> None:
    """A write or a lock of its table makes an answer be forgotten, and so does what cannot be understood."""
    with open_scope(Scope.everything(), opened_by="test"):
        answers = Answers()

        def run(text: str) -> None:
            answers.watch(lambda *_: None, text, (), False, {})

        answers.ask(("key",), lambda: run('SELECT "case_case"."id" FROM "case_case" WHERE 1'))
        none = answers.get(("other",))
        run(sql)
        assert (answers.get(("key",)) is not none) is kept

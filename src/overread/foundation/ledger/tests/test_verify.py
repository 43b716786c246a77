"""Five attacks on the ledger, five found; and the database refuses them in the first place."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from overread.foundation.ledger import queries, sealer
from overread.foundation.ledger.models import Entry, Seal
from overread.foundation.ledger.writer import write

CLIENT = uuid.UUID("11111111-1111-4111-8111-111111111111")

pytestmark = pytest.mark.django_db


def _write(number: int, client_id: uuid.UUID | None = CLIENT) -> None:
    write(
        at=timezone.now() - timedelta(minutes=5),
        actor="system:test",
        verb="test.done",
        subject=("thing", str(number)),
        client_id=client_id,
        case_id=None,
        facts={"n": number},
    )


@pytest.fixture
def sealed() -> list[int]:
    """Ten sealed entries of one client and three of the provider."""
    for number in range(10):
        _write(number)
    for number in range(3):
        _write(number, None)
    assert sealer.seal_once() == 13
    return list(Entry.objects.filter(client_id=CLIENT).order_by("id").values_list("id", flat=True))


@pytest.fixture
def attacker() -> None:
    """Somebody who owns the database and has taken the triggers away."""
    with connection.cursor() as cursor:
        for table in ("ledger_entry", "ledger_seal", "ledger_anchor"):
            for verb in ("update", "delete"):
                on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {table}_refuse_{verb}{on}")


def _faults(folder: Path | None = None) -> list[str]:
    outside = sealer.read_anchors(folder) if folder else ()
    report = queries.verify(sealed_by=timezone.now() - timedelta(minutes=1), outside=outside)
    return [fault.what for fault in report.faults]


def test_an_untouched_ledger_verifies(sealed: list[int]) -> None:
    """A ledger that nobody touched has no fault."""
    assert _faults() == []


def test_an_edited_entry_is_found(sealed: list[int], attacker: None) -> None:
    """Attack 1: a changed entry breaks its link."""
    Entry.objects.filter(id=sealed[4]).update(facts={"n": 99})
    assert _faults() == ["the entry was edited"]


def test_a_deleted_entry_is_found(sealed: list[int], attacker: None) -> None:
    """Attack 2: a removed entry leaves a seal without its entry."""
    Entry.objects.filter(id=sealed[4])._raw_delete("default")
    assert _faults() == ["the entry was deleted"]


def test_an_inserted_entry_is_found(sealed: list[int]) -> None:
    """Attack 3: an entry put in behind the sealer's back has no seal."""
    row = Entry.objects.get(id=sealed[-1])
    Entry.objects.create(id=-5, at=row.at, actor="person:x", verb="test.forged", client_id=CLIENT, facts={})
    assert _faults() == ["the entry has no seal"]


def test_reordered_entries_are_found(sealed: list[int], attacker: None) -> None:
    """Attack 4: two entries that changed places break the order."""
    first, second = (Seal.objects.get(entry_id=entry_id) for entry_id in (sealed[2], sealed[3]))
    Seal.objects.filter(id=first.id).update(entry_id=-1)
    Seal.objects.filter(id=second.id).update(entry_id=sealed[2])
    Seal.objects.filter(id=first.id).update(entry_id=sealed[3])
    assert _faults()[0] in {"the entry was edited", "the order was changed"}


def test_a_cut_tail_is_found_by_the_anchor_outside(sealed: list[int], attacker: None, tmp_path: Path) -> None:
    """Attack 5: a tail cut off together with its seals and inner anchors shows against the anchor file outside."""
    sealer.write_anchor(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_anchor")
        cursor.execute("DELETE FROM ledger_seal WHERE entry_id >= %s", [sealed[7]])
        cursor.execute("DELETE FROM ledger_entry WHERE id >= %s", [sealed[7]])
    assert "the tail was cut off after an anchor was published" in _faults(tmp_path)


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_ledger(sealed: list[int], table: str, statement: str) -> None:
    """SQL by the application's own role can neither change nor remove an entry or a seal."""
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_sealing_goes_on_where_it_stopped(sealed: list[int]) -> None:
    """New entries join the chain behind the old ones; a second call finds nothing to do."""
    _write(100)
    assert (sealer.seal_once(), sealer.seal_once()) == (1, 0)
    assert _faults() == []

"""Chains committed entries, and anchors the chains' heads outside the database."""

import json
import os
from pathlib import Path

from django.db import connections, transaction
from django.db.models import Max
from django.utils import timezone

from overread.foundation.ledger.models import Anchor, Entry, Seal
from overread.foundation.ledger.queries import Head, facts_of, heads
from overread.foundation.ledger.rules import GENESIS, chain_of, link

LOCK_NUMBER = 7_014_201
# PostgreSQL hands out ids before commit, so an entry may appear behind a sealed one. Only entries whose id lies
# below every id that a running transaction could still commit are sealed; a lock on the table tells.


def _take_lease() -> bool:
    """One sealer at a time: the write transaction itself on SQLite, an advisory lock on PostgreSQL."""
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_NUMBER])
        row = cursor.fetchone()
        if not (row and row[0]):
            return False
        # Waits until transactions that have written an entry have ended; new writers wait a moment.
        cursor.execute("LOCK TABLE ledger_entry IN SHARE MODE")
        return True


def _unsealed(limit: int) -> list[Entry]:
    top = Seal.objects.aggregate(top=Max("entry_id"))["top"] or 0
    return list(Entry.objects.filter(id__gt=top).order_by("id")[:limit])


def seal_once(limit: int = 1000) -> int:
    """Chain the entries that are committed and not yet sealed, in order of id.

    Returns:
        How many entries were sealed.
    """
    top = Seal.objects.aggregate(top=Max("entry_id"))["top"] or 0
    if not Entry.objects.filter(id__gt=top).exists():
        return 0
    with transaction.atomic():
        if not _take_lease():
            return 0
        rows = _unsealed(limit)
        chains = {chain_of(row.client_id) for row in rows}
        last: dict[str, tuple[int, str]] = {}
        for chain in chains:
            seal = Seal.objects.filter(chain=chain).order_by("-number").first()
            last[chain] = (seal.number, seal.hash) if seal else (0, GENESIS)
        seals = []
        for row in rows:
            chain = chain_of(row.client_id)
            number, previous = last[chain]
            last[chain] = (number + 1, link(previous, facts_of(row)))
            seals.append(Seal(chain=chain, number=number + 1, entry_id=row.id, hash=last[chain][1]))
        Seal.objects.bulk_create(seals)
    return len(rows)


def write_anchor(folder: Path) -> Path:
    """Publish every chain's head as a dated file outside the database, and remember that it was.

    Args:
        folder: where anchor files are kept; a safe copy belongs on another machine.
    """
    at = timezone.now()
    found = heads()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"anchor-{at:%Y%m%dT%H%M%S%f}.json"
    text = json.dumps({"at": at.isoformat(), "heads": [vars(h) for h in found]}, indent=1)
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Anchor.objects.bulk_create(
        [Anchor(chain=h.chain, number=h.number, hash=h.hash, at=at, place=path.name) for h in found]
    )
    return path


def read_anchors(folder: Path) -> tuple[Head, ...]:
    """All heads that were ever published in a folder."""
    found = []
    for path in sorted(folder.glob("anchor-*.json")):
        for head in json.loads(path.read_text(encoding="utf-8"))["heads"]:
            found.append(Head(head["chain"], head["number"], head["hash"]))
    return tuple(found)

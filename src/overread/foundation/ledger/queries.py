"""Reads of the ledger: for the timeline, for verification, for the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q

from overread.foundation.ledger.models import Anchor, Entry, Seal
from overread.foundation.ledger.rules import EntryFacts, Fault, SealFacts, chain_of, first_fault
from overread.foundation.tenancy.scope import current_scope


@dataclass(frozen=True)
class EntryView:
    """One entry as a page may show it."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: str
    case_id: UUID | None
    facts: dict[str, object]


@dataclass(frozen=True)
class Head:
    """The last link of a chain."""

    chain: str
    number: int
    hash: str


@dataclass(frozen=True)
class VerifyReport:
    """What `overread ledger verify` found."""

    chains: int
    links: int
    unsealed: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether every link held and nothing is missing."""
        return not self.faults


def _view(row: Entry) -> EntryView:
    return EntryView(
        row.id, row.at, row.actor, row.verb, row.subject_type, row.subject_id, row.case_id, dict(row.facts)
    )


def entries_for_case(case_id: UUID, client_id: UUID) -> list[EntryView]:
    """The story of one case, oldest first; nothing when the client is outside the open scope."""
    if not current_scope().holds(client_id):
        return []
    return [_view(row) for row in Entry.objects.filter(case_id=case_id, client_id=client_id).order_by("id")]


def entries_about(subject_type: str, subject_id: str, client_id: UUID | None) -> list[EntryView]:
    """Entries about one subject, oldest first, within the open scope."""
    if client_id is not None and not current_scope().holds(client_id):
        return []
    rows = Entry.objects.filter(subject_type=subject_type, subject_id=subject_id, client_id=client_id)
    return [_view(row) for row in rows.order_by("id")]


@dataclass(frozen=True)
class Sealed:
    """An entry with its place in its client's chain, which never moves."""

    number: int
    hash: str
    entry: EntryView


def sealed_after(client_id: UUID, number: int, limit: int) -> list[Sealed]:
    """The entries of a client that were sealed after a number, in the order of their chain; nothing outside the scope."""
    if not current_scope().holds(client_id):
        return []
    rows = Seal.objects.filter(chain=chain_of(client_id), number__gt=number).select_related("entry").order_by("number")
    return [Sealed(row.number, row.hash, _view(row.entry)) for row in rows[:limit]]


def seal_of(client_id: UUID, number: int) -> str | None:
    """The hash of one place in a client's chain; None when there is no such place, or it is outside the scope."""
    if not current_scope().holds(client_id):
        return None
    rows = Seal.objects.filter(chain=chain_of(client_id), number=number)
    found: str | None = rows.values_list("hash", flat=True).first()
    return found


def cases_touched_since(client_id: UUID, at: datetime) -> list[UUID]:
    """The cases of a client in scope about which something was done since a time; that somebody looked does not count."""
    if not current_scope().holds(client_id):
        return []
    rows = Entry.objects.filter(client_id=client_id, at__gte=at, case_id__isnull=False)
    rows = rows.exclude(verb__startswith="access.")
    return [i for i in rows.order_by().values_list("case_id", flat=True).distinct() if i is not None]


def facts_of(row: Entry) -> EntryFacts:
    """The part of a row that the chain covers."""
    return EntryFacts(
        id=row.id,
        key=row.key,
        client_id=row.client_id,
        at=row.at,
        actor=row.actor,
        verb=row.verb,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        case_id=row.case_id,
        facts=row.facts,
    )


def heads() -> list[Head]:
    """The last link of every chain."""
    last = Seal.objects.values("chain").annotate(top=Max("number")).order_by("chain")
    found = []
    for row in last:
        seal = Seal.objects.get(chain=row["chain"], number=row["top"])
        found.append(Head(seal.chain, seal.number, seal.hash))
    return found


def _links(chain: str) -> Iterator[SealFacts]:
    size = 2000
    done = 0
    while True:
        seals = list(Seal.objects.filter(chain=chain).order_by("number")[done : done + size])
        entries = Entry.objects.in_bulk([seal.entry_id for seal in seals])
        for seal in seals:
            row = entries.get(seal.entry_id)
            yield SealFacts(seal.number, seal.entry_id, seal.hash, facts_of(row) if row else None)
        done += size
        if len(seals) < size:
            return


def _against_anchors(chain: str, count: int, outside: tuple[Head, ...]) -> Fault | None:
    inside = [Head(a.chain, a.number, a.hash) for a in Anchor.objects.filter(chain=chain)]
    for anchor in sorted([*inside, *(h for h in outside if h.chain == chain)], key=lambda h: h.number):
        if anchor.number > count:
            return Fault(chain, count + 1, None, "the tail was cut off after an anchor was published")
        if Seal.objects.get(chain=chain, number=anchor.number).hash != anchor.hash:
            return Fault(chain, anchor.number, None, "the chain differs from its published anchor")
    return None


def unsealed_before(at: datetime) -> list[int]:
    """Entries written before a time that have no seal: inserted past the sealer, or the sealer has stopped."""
    sealed = Seal.objects.values("entry_id")
    return list(
        Entry.objects.filter(at__lt=at).exclude(id__in=sealed).order_by("id").values_list("id", flat=True)[:100]
    )


def verify(*, sealed_by: datetime, outside: tuple[Head, ...] = ()) -> VerifyReport:
    """Check every chain link by link and against its anchors.

    Args:
        sealed_by: entries older than this must have a seal.
        outside: heads read from anchor files kept outside the database.
    """
    chains = sorted({*Seal.objects.values_list("chain", flat=True).distinct(), *(h.chain for h in outside)})
    faults: list[Fault] = []
    links = 0
    for chain in chains:
        fault, count, _ = first_fault(chain, _links(chain))
        links += count
        fault = fault or _against_anchors(chain, count, outside)
        if fault:
            faults.append(fault)
    missing = unsealed_before(sealed_by)
    if missing:
        faults.append(Fault("", None, missing[0], "the entry has no seal"))
    return VerifyReport(len(chains), links, len(missing), tuple(faults))


def opened_since(*, actor: str, kind: str, subject_id: str, case_id: UUID | None, since: datetime) -> bool:
    """Whether this actor's opening of this subject for this case has been recorded since a time."""
    return Entry.objects.filter(
        verb="access.opened", subject_type=kind, subject_id=subject_id, actor=actor, case_id=case_id, at__gte=since
    ).exists()


@dataclass(frozen=True)
class Counted:
    """How often a verb was done in a period, first and last."""

    verb: str
    count: int
    first: datetime
    last: datetime


def counts(from_at: datetime, to_at: datetime, until: datetime) -> list[Counted]:
    """How often each thing was done in a period, as far as it had been done by a moment, in the order of verbs.

    Counts only, of the provider's chain and those of the clients in scope.
    """
    scope = current_scope()
    entries = Entry.objects.filter(at__gte=from_at, at__lt=to_at, at__lte=until)
    if scope.kind != "everything":
        entries = entries.filter(Q(client_id=None) | Q(client_id__in=scope.client_ids))
    grouped = entries.values("verb").annotate(count=Count("id"), first=Min("at"), last=Max("at")).order_by("verb")
    return [Counted(g["verb"], g["count"], g["first"], g["last"]) for g in grouped]

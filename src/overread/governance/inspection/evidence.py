"""What belongs to no register: who works here in which role, and the record of what was done."""

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import PROVIDER_ROLES
from overread.foundation.ledger import queries as ledger
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread


@evidence("inspection.roles", title="Who works here", topics=("staffing", "leadership"), regulations=("17", "18", "19"))
def roles(asked: Asked) -> Found:
    """Every role of the provider that somebody held at the moment, with its giver."""
    held = [g for g in accounts.grants_at(asked.until) if g.role in PROVIDER_ROLES]
    names = accounts.names({g.person_id for g in held})
    rows: list[tuple[Cell, ...]] = sorted(
        ((names.get(g.person_id, "unknown"), g.words, g.granted_at) for g in held), key=lambda r: (r[0], r[1])
    )
    people = len({g.person_id for g in held})
    manager = any(g.role == "registered_manager" for g in held)
    return Found(
        headline=f"{people} people in {len(rows)} roles",
        columns=("Person", "Role", "Since"),
        rows=tuple(rows),
        gaps=() if manager else ("No registered manager",),
        good="A registered manager is in post, and each duty has a person.",
        newest=asked.until if rows else None,
        oldest=min((g.granted_at for g in held), default=None),
    )


@evidence("inspection.record", title="The record of what was done", topics=("governance",), regulations=("17",))
def record(asked: Asked) -> Found:
    """How often each thing was done in the period, counted from the sealed ledger."""
    counted = ledger.counts(asked.from_at, asked.to_at, asked.until)
    rows: tuple[tuple[Cell, ...], ...] = tuple((c.verb, c.count, c.first, c.last) for c in counted)
    return Found(
        headline=f"{sum(c.count for c in counted)} entries of {len(counted)} kinds",
        columns=("What", "How often", "First", "Last"),
        rows=rows,
        good="Whatever is done leaves an entry that cannot be changed unseen; overread ledger verify proves it.",
        **spread([c.last for c in counted]),
    )

"""What an inspector may be shown of people's files: how complete, and what is missing; never what a paper says."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.governance.people import queries


@evidence(
    "people.files", title="Staff files (Schedule 3)", topics=("staffing", "safeguarding"), regulations=("19", "18")
)
def files(asked: Asked) -> Found:
    """How complete the file of everybody is, and what is missing from it (REQ-08)."""
    found = sorted(queries.files(at=asked.as_at, known_by=asked.known_by), key=lambda f: f.person.name)
    rows: list[tuple[Cell, ...]] = [
        (f.person.name, f.post["post"] if f.post else "", f"{f.percent} %", "; ".join(f.missing)) for f in found
    ]
    whole = sum(not f.missing for f in found)
    held = queries.papers(at=asked.as_at, known_by=asked.known_by)
    return Found(
        headline=f"{whole} of {len(found)} files are whole",
        columns=("Person", "Post", "Complete", "Missing or run out"),
        rows=tuple(rows),
        gaps=tuple(f"{f.person.name}: {', '.join(f.missing)}" for f in found if f.missing),
        good="The file of everybody was whole before their first piece of work.",
        **spread([e.recorded_at for e in held]),
    )

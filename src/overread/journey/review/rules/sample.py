"""Which signed reports are reviewed: drawn by a seed that is recorded, so that anybody can draw again (REQ-70). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

PERCENT = 100


@dataclass(frozen=True)
class Candidate:
    """A signed report that could be drawn: who signed it, and of which modality."""

    report_id: UUID
    author_id: UUID
    modality: str


def turn(seed: str, *parts: object) -> str:
    """The place of something in an order that only the seed decides."""
    return sha256("|".join([seed, *map(str, parts)]).encode()).hexdigest()


def digest(candidates: Iterable[Candidate]) -> str:
    """One text for a set of candidates, whatever their order: another set has another one."""
    lines = sorted(f"{c.report_id} {c.author_id} {c.modality}" for c in candidates)
    return sha256("\n".join(lines).encode()).hexdigest()


def share(count: int, percent: int, least: int) -> int:
    """How many of so many: the share, rounded up, but at least so many, or all there are."""
    return min(count, max(least, -(-count * percent // PERCENT)))


def drawn(seed: str, candidates: Iterable[Candidate], percent: int, least: int) -> tuple[Candidate, ...]:
    """The sample: of each author and modality the share, at least so many, in the order of the seed.

    Args:
        seed: made after the last of the reports was signed, so that nobody can know the sample before signing.
        candidates: all reports signed in the period, in any order.
        percent: share of each author and modality.
        least: at least so many of each, or all if there are fewer.
    """
    strata: dict[tuple[str, str], list[Candidate]] = {}
    for one in candidates:
        strata.setdefault((str(one.author_id), one.modality), []).append(one)
    found: list[Candidate] = []
    for key in sorted(strata):
        ordered = sorted(strata[key], key=lambda c: turn(seed, c.report_id))
        found += ordered[: share(len(ordered), percent, least)]
    return tuple(found)


def goes_out(seed: str, sample: Iterable[Candidate], percent: int) -> frozenset[UUID]:
    """The reports of a sample that an external reviewer reads, when there are too few reviewers here."""
    ordered = sorted(sample, key=lambda c: turn(seed, "outside", c.report_id))
    return frozenset(c.report_id for c in ordered[: -(-len(ordered) * percent // PERCENT)])


def reviewer_for(
    seed: str, one: Candidate, able: Iterable[UUID], pairs: dict[tuple[UUID, UUID], int], pair_percent: int
) -> UUID | None:
    """Who reviews a report: not its author, and not always the same (REQ-71).

    Args:
        able: who may read such a study.
        pairs: reviews so far by (reviewer, author).
        pair_percent: the share of an author's reviews that one reviewer should not pass, where others are there.
    """
    others = [p for p in able if p != one.author_id]
    done = {p: pairs.get((p, one.author_id), 0) for p in others}
    total = sum(done.values())
    fair = [p for p in others if (done[p] + 1) * PERCENT <= pair_percent * (total + 1)]
    ordered = sorted(fair or others, key=lambda p: (done[p], turn(seed, one.report_id, p)))
    return ordered[0] if ordered else None

"""Signing although a soft gate is shut: what must be said, and what the report keeps of it. Pure (H33)."""

from collections.abc import Iterable
from dataclasses import dataclass

from overread.governance.credentials.rules import Reason, shut

SHORTEST = 10  # characters of a reason; fewer say nothing


@dataclass(frozen=True)
class Passing:
    """Whether a report may be signed by its gates.

    Attributes:
        refused: words of the hard gates that are shut; nobody signs.
        asked: soft gates that are shut and have no reason yet.
        passed: what the signed version keeps: gate, heading, words, reason, by ("reader" or "manager").
    """

    refused: tuple[str, ...]
    asked: tuple[Reason, ...]
    passed: tuple[dict[str, str], ...]

    @property
    def by_reader(self) -> bool:
        """Whether the reader passed a gate, so that the manager must be told at once."""
        return any(p["by"] == "reader" for p in self.passed)


def _kept(reason: Reason, why: str, by: str) -> dict[str, str]:
    return {"gate": reason.gate, "heading": reason.heading, "words": reason.words, "reason": why, "by": by}


def passing(reasons: Iterable[Reason], why: str, incomplete_answer: str = "") -> Passing:
    """What the gates say at signing.

    Args:
        reasons: every gate of this reader for this read.
        why: the reader's reason for signing although a soft gate is shut.
        incomplete_answer: what the reader answered to the check of missing images; it is the reason for that gate.
    """
    every = tuple(reasons)
    faults = shut(every)
    said = {r.gate: (incomplete_answer if r.gate == "incomplete" else "") or why for r in faults}
    said = {gate: " ".join(text.split()) for gate, text in said.items()}
    soft = [r for r in faults if not r.hard]
    least = {r.gate: 5 if r.gate == "incomplete" else SHORTEST for r in soft}  # as the check asks for
    asked = tuple(r for r in soft if len(said[r.gate]) < least[r.gate])
    passed = [_kept(r, said[r.gate], "reader") for r in soft]
    passed += [_kept(r, "", "manager") for r in every if r.passed_until is not None]
    return Passing(tuple(r.words for r in faults if r.hard), asked, tuple(passed))

"""What a policy is, how it is printed, who may approve it and who must read it (REQ-03, REQ-04). Pure.

Where a policy states a number that the program enforces, its text holds the name of the threshold in braces, such as
{escalation.critical}; the number is printed from what acts, so that the written policy cannot say something else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from overread.foundation.registers.rules import Field, Kind, months_after

NAMESPACE = UUID("1f4d0f5a-8f2e-4a52-9d2c-6b6a4d5b8e02")
DRAFT, APPROVED = "draft", "approved"
CRITICAL: Final = frozenset({"safeguarding", "information"})
CATEGORIES = (
    ("clinical", "Clinical safety and reporting"),
    ("safeguarding", "Safeguarding"),
    ("information", "Information governance"),
    ("people", "People and training"),
    ("governance", "Governance"),
    ("business", "Business and continuity"),
)
ROLES = (
    ("registered_manager", "Registered manager"),
    ("director", "Director"),
    ("clinical_lead", "Clinical lead"),
    ("radiologist", "Radiologist"),
    ("administrator", "Administrator"),
    ("clinical_safety_officer", "Clinical safety officer"),
    ("ig_lead", "Information governance lead"),
    ("safeguarding_lead", "Safeguarding lead"),
    ("external_reviewer", "External reviewer"),
)
FIELDS = (
    Field(name="title", title="Policy", most=160),
    Field(
        name="category",
        title="Kind",
        kind=Kind.CHOICE,
        choices=CATEGORIES,
        filtered=True,
        listed=True,
        help="Safeguarding and information governance are reviewed more often.",
    ),
    Field(name="owner", title="Owner", kind=Kind.PERSON, filtered=True, listed=True),
    Field(
        name="roles",
        title="Who must read it",
        kind=Kind.CHOICES,
        choices=ROLES,
        required=False,
        help="None chosen means everybody of the provider.",
    ),
    Field(
        name="text",
        title="Text",
        kind=Kind.LONG,
        most=60_000,
        help="A line beginning with # is a heading, with - an item. {escalation.critical} prints the number that acts.",
    ),
)
STANDING = (
    Field(name="state", title="State", kind=Kind.CHOICE, choices=((DRAFT, "draft"), (APPROVED, "approved"))),
    Field(name="edition", title="Edition", kind=Kind.WHOLE),
    Field(name="approved_by", title="Approved by", kind=Kind.PERSON, required=False),
    Field(name="approved_on", title="Approved on", kind=Kind.DAY, required=False),
    Field(name="review_by", title="Review by", kind=Kind.DAY, required=False),
)
"""What verbs write beside the columns. A draft keeps edition, approval and review day of the edition in force."""

NUMBER: Final = re.compile(r"\{([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)\}")
Words = Callable[[str], str | None]


@dataclass(frozen=True)
class Part:
    """A piece of a line: text, or the words of a threshold with its name."""

    text: str
    threshold: str = ""


@dataclass(frozen=True)
class Block:
    """One piece of a printed policy: heading, item or paragraph."""

    kind: str
    parts: tuple[Part, ...]


def numbers_in(text: str) -> tuple[str, ...]:
    """Names of the thresholds that a text states, each once, in order."""
    return tuple(dict.fromkeys(NUMBER.findall(text)))


def text_fault(text: str, words: Words) -> str:
    """Why a text cannot be taken: it names a threshold that does not exist; else ""."""
    unknown = [name for name in numbers_in(text) if words(name) is None]
    return f"No threshold is called {', '.join(unknown)}. The page of thresholds lists their names." if unknown else ""


def _parts(line: str, words: Words) -> tuple[Part, ...]:
    found: list[Part] = []
    at = 0
    for match in NUMBER.finditer(line):
        if match.start() > at:
            found.append(Part(line[at : match.start()]))
        found.append(Part(words(match[1]) or match[0], match[1]))
        at = match.end()
    return (*found, Part(line[at:])) if at < len(line) or not found else tuple(found)


def printed(text: str, words: Words) -> tuple[Block, ...]:
    """A text as blocks, with each number as it acts."""
    blocks = []
    for line in (raw.strip() for raw in text.split("\n")):
        if line.startswith("#"):
            blocks.append(Block("heading", _parts(line.lstrip("#").strip(), words)))
        elif line.startswith("- "):
            blocks.append(Block("item", _parts(line[2:].strip(), words)))
        elif line:
            blocks.append(Block("text", _parts(line, words)))
    return tuple(blocks)


def plain(blocks: Iterable[Block]) -> str:
    """Printed blocks as text."""
    return "\n".join("".join(part.text for part in block.parts) for block in blocks)


def moved(stated: Mapping[str, str], words: Words) -> tuple[tuple[str, str, str], ...]:
    """Numbers that act otherwise than when the policy was approved: name, then, now."""
    return tuple((name, then, now) for name, then in sorted(stated.items()) if (now := words(name) or "gone") != then)


def next_review(approved_on: date, category: str, months: int, months_critical: int) -> date:
    """The last day on which an approved policy must be reviewed (REQ-03)."""
    return months_after(approved_on, months_critical if category in CRITICAL else months)


def approval_fault(*, actor: str, authors: Iterable[str], state: str) -> str:
    """Why somebody may not approve a draft, or "".

    Args:
        actor: who approves, as rows write it.
        authors: who wrote the draft, each version of it since the last approval.
        state: of the policy.
    """
    if state != DRAFT:
        return "This is approved already. A draft must be written first."
    if actor in set(authors):
        return "Nobody approves what they wrote themselves. Ask somebody else who may approve."
    return ""


def is_new_edition(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Whether people must read it again: its title, text or scope is not what was in force."""
    return before is None or any(before[name] != after[name] for name in ("title", "text", "roles"))


def in_scope(scope: Iterable[str], roles: Iterable[str]) -> bool:
    """Whether somebody with these roles must read a policy; no scope means everybody."""
    wanted = set(scope)
    return not wanted or bool(wanted & set(roles))


def reading_id(policy: UUID, edition: int, person: UUID) -> UUID:
    """The subject of the duty to read an edition: one per policy, edition and person, for ever."""
    return uuid5(NAMESPACE, f"{policy}:{edition}:{person}")

"""Verbs of risks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.registers.reading import Entry
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.risks import queries, rules
from overread.governance.risks.models import Risk
from overread.governance.risks.rules import FIELDS

REVIEW = "risks.review"


def _wanted(entry: Entry) -> WantedDuty:
    title = f"R-{entry.number} {entry['title']}"
    return WantedDuty(entry.key, entry["owner"], title, end_of_day(queries.next_review(entry)))


def _keep(actor: Actor, entries: Iterable[Entry], key: UUID | None = None) -> None:
    clock.keep_duties(
        actor=actor,
        kind=REVIEW,
        wanted=[_wanted(entry) for entry in entries],
        subject_ids=None if key is None else [key],
    )


@action("risks.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write a risk into the register, or a version of one; its next review becomes a duty of its owner.

    Raises:
        BadInput: a value cannot be taken, or controls would make the risk greater.
        NotFound, Conflict: see foundation/registers/writing.py.
    """
    faults = rules.score_faults(writing.taken(FIELDS, values))
    if faults:
        raise BadInput("The scores contradict each other.", errors=faults)
    entry = writing.add_version(
        Risk, FIELDS, actor=actor, values=values, key=key, why=why, valid_from=valid_from, seen=seen
    )
    _keep(actor, [entry], entry.key)
    return entry.key


@action("risks.review")
def review(
    *,
    actor: Actor,
    key: UUID,
    residual_likelihood: int,
    residual_impact: int,
    what: str,
    seen: UUID | None = None,
) -> None:
    """Look at a risk again: what was found, and what the score is now. The next review is due by that score (REQ-05).

    Raises:
        NotFound: there is no such risk.
        BadInput: nothing is said about what was looked at, or a score is out of range.
        Conflict: somebody changed it meanwhile.
    """
    held = queries.risk(key)
    if held is None:
        raise NotFound
    if not what.strip():
        raise BadInput("A review says what was looked at.", errors={"what": "Say in a few words what you found."})
    values = {
        **held.values,
        "residual_likelihood": residual_likelihood,
        "residual_impact": residual_impact,
        "reviewed_on": timezone.localdate(current_unit().at),
    }
    faults = rules.score_faults(writing.taken(FIELDS, values))
    if faults:
        raise BadInput("The scores contradict each other.", errors=faults)
    entry = writing.add_version(
        Risk, FIELDS, actor=actor, values=values, key=key, why=f"Reviewed: {what.strip()}", seen=seen, again=True
    )
    _keep(actor, [entry], entry.key)


@action("risks.close")
def close(*, actor: Actor, key: UUID, why: str) -> None:
    """Take a risk out of the register, with the reason; its duty ends.

    Raises:
        NotFound: there is no such risk.
        BadInput: there is no reason.
    """
    writing.end_entry(Risk, FIELDS, actor=actor, key=key, why=why)
    _keep(actor, [], key)


@action("risks.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the register; repairs what a changed interval or a missed write left behind."""
    _keep(actor, queries.risks())
    note(subject=("register", "risks"), words="arranged")

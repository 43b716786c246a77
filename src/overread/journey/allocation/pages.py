"""The worklist: what is to be read, by when, by whom, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overread.foundation.accounts.doors import needs
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.refusals import NotFound
from overread.governance.credentials.rules import Reason, shut
from overread.journey.allocation import queries
from overread.journey.allocation.queries import ClaimView
from overread.journey.allocation.rules import allowed, stopping
from overread.journey.case import queries as cases
from overread.journey.case.queries import ReadCard

VIEWS = ("open", "mine", "all")
PAGE = 200  # reads on one page of the list, by due time


@dataclass(frozen=True)
class Row:
    """One line of the worklist: the read, its claim, and whether it may be this person's.

    Attributes:
        reason: what stands in the way, or what a signature will have to say why it was passed.
        asks: the read may be taken, but its signature will need a reason.
    """

    card: ReadCard
    claim: ClaimView | None
    mine: bool
    may: bool
    reason: str
    asks: bool = False


def _row(card: ReadCard, claim: ClaimView | None, person_id: UUID, gates: tuple[Reason, ...]) -> Row:
    mine = claim is not None and claim.person_id == person_id
    against = stopping(gates, priority=card.priority, opened=mine)
    said = against or shut(gates)
    return Row(card, claim, mine, not against, said[0].words if said else "", bool(said) and not against)


def _wanted(rows: list[Row], view: str, modality: str) -> list[Row]:
    chosen = [r for r in rows if not modality or r.card.modality == modality]
    if view == "mine":
        return [r for r in chosen if r.mine]
    return [r for r in chosen if r.may or r.mine] if view == "open" else chosen


def _groups(rows: list[Row], at: datetime) -> list[tuple[str, list[Row]]]:
    """Late, within the hour, later: a reader sees first what cannot wait."""
    near = thresholds.duration("allocation.soon")
    late = [r for r in rows if r.card.due_at and r.card.due_at < at and not r.card.paused]
    soon = [r for r in rows if r.card.due_at and at <= r.card.due_at < at + near and not r.card.paused]
    rest = [r for r in rows if r not in late and r not in soon]
    return [(w, g) for w, g in (("Late", late), ("Within the hour", soon), ("Later", rest)) if g]


def _shift(request: HttpRequest) -> int:
    """Which page of a long list is asked for; a number that is none is the first."""
    asked = request.GET.get("after", "")
    return int(asked) // PAGE * PAGE if asked.isdecimal() and len(asked) < 7 else 0


def _by_due(card: ReadCard) -> tuple[bool, datetime]:
    return card.due_at is None, card.due_at or timezone.now()


@require_GET
@needs("worklist.read")
def worklist(request: HttpRequest) -> HttpResponse:
    """Reads by due time, with claim state and reason."""
    person_id: UUID = request.person_view.id  # type: ignore[attr-defined]
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    modality = request.GET.get("modality", "")
    shift, total = _shift(request), cases.open_reads()
    held = cases.read_cards(states=("claimed",), reader_id=person_id)
    there = {card.read_id for card in held}
    cards = [*held, *(c for c in cases.read_cards(limit=PAGE, offset=shift) if c.read_id not in there)]
    cards.sort(key=_by_due)
    claims = queries.claims_of(card.read_id for card in cards)
    gates = queries.gates_of_reads(cards, person_id)
    rows = [_row(card, claims.get(card.read_id), person_id, gates[card.read_id]) for card in cards]
    shown = _wanted(rows, view, modality)
    mine = [r for r in rows if r.mine]
    free = [r for r in rows if r.may and r.claim is None]
    at = timezone.now()
    context = {
        "groups": _groups(shown, at),
        "view": view,
        "modality": modality,
        "modalities": sorted({card.modality for card in cards if card.modality}),
        "counts": {"open": sum(r.may or r.mine for r in rows), "mine": len(mine), "all": total},
        "soon": sum(1 for r in rows if r.card.due_at and r.card.due_at < at + thresholds.duration("allocation.soon")),
        "next": next(iter(mine or free), None),
        "reader": request.person_view.may("read.claim"),  # type: ignore[attr-defined]
        "page": {"first": shift + 1, "last": min(shift + PAGE, total), "total": total, "size": PAGE},
        "earlier": max(shift - PAGE, 0) if shift else None,
        "later": shift + PAGE if shift + PAGE < total else None,
    }
    template = "allocation/_table.html" if request.headers.get("HX-Request") == "true" else "allocation/worklist.html"
    return render(request, template, context)


@require_GET
@needs("worklist.read")
def why(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Why a read is, or is not, this person's: every gate in words."""
    if cases.read_card(read_id) is None:
        raise NotFound
    reasons: tuple[Reason, ...] = queries.why(read_id, request.person_view.id)  # type: ignore[attr-defined]
    return render(request, "allocation/_why.html", {"reasons": reasons, "mine": allowed(reasons)})

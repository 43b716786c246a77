"""Reads of agreements."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.once import once
from overread.journey.agreement.models import Agreement, Proposal
from overread.journey.agreement.rules import AgreementView, Bounds, Terms, from_json, view_of


@dataclass(frozen=True)
class VersionLine:
    """A version with who recorded it and why."""

    view: AgreementView
    recorded_at: datetime
    recorded_by: str
    reason: str


@dataclass(frozen=True)
class ProposalView:
    """A proposed change of an agreement, and what became of it."""

    id: UUID
    client_id: UUID
    terms: Terms
    starts_at: datetime | None
    reason: str
    based_on: UUID | None
    proposed_at: datetime
    proposed_by: str
    outcome: str
    decided_at: datetime | None
    decided_by: str
    answer: str


def _view(row: Agreement) -> AgreementView:
    return view_of(from_json(row.terms), client_id=row.client_id, version_id=row.id, valid_from=row.valid_from)


@once
def agreement_for(
    client_id: UUID, at: datetime | None = None, known_by: datetime | None = None
) -> AgreementView | None:
    """What is agreed with a client in scope.

    Args:
        client_id: whose agreement.
        at: the moment asked about; None for the present.
        known_by: what was recorded later is left out; None for all that is known.

    Returns:
        The agreement, or None when the client has none at that time.
    """
    now = timezone.now()
    found = holding(Agreement.objects.filter(client_id=client_id), at=at or now, known_by=known_by or now)
    return _view(found[0]) if found else None


def terms_for(client_id: UUID, at: datetime | None = None) -> AgreementView:
    """The agreement, or the careful defaults of a client that has none yet."""
    return (agreement_for(client_id, at) if at else agreement_for(client_id)) or defaults()


def defaults() -> AgreementView:
    """What holds for a client with whom nothing is agreed: adults only, the usual priorities, nobody to call."""
    return AgreementView(
        adult_age=thresholds.whole("agreement.adult_age"),
        priorities={
            "routine": thresholds.whole("agreement.routine"),
            "urgent": thresholds.whole("agreement.urgent"),
            "emergency": thresholds.whole("agreement.emergency"),
        },
        recall_seconds=int(thresholds.value("agreement.recall")),
        quiet_seconds=int(thresholds.value("agreement.quiet")),
        retention_years=thresholds.whole("retention.adult"),
    )


def bounds() -> Bounds:
    """Between what the terms of an agreement must lie now."""
    youngest = thresholds.threshold("agreement.adult_age")
    return Bounds(
        longest_minutes=thresholds.duration("agreement.longest") // timedelta(minutes=1),
        longest_recall=int(thresholds.value("agreement.longest_recall")),
        longest_quiet=int(thresholds.threshold("agreement.quiet").at_most or 0),
        youngest=int(youngest.value),
        oldest_youngest=int(youngest.at_most or youngest.value),
        shortest_rung=thresholds.whole("agreement.shortest_rung"),
        longest_rung=thresholds.whole("agreement.longest_rung"),
        longest_retention=thresholds.whole("retention.longest"),
    )


def versions(client_id: UUID) -> list[AgreementView]:
    """Every version of a client's agreement, newest first."""
    return [line.view for line in version_lines(client_id)]


def version_lines(client_id: UUID) -> list[VersionLine]:
    """Every version with who recorded it and why, newest first."""
    rows = Agreement.objects.filter(client_id=client_id).order_by("-recorded_at", "-id")
    return [VersionLine(_view(row), row.recorded_at, row.recorded_by, row.reason) for row in rows]


def version(client_id: UUID, version_id: UUID) -> AgreementView | None:
    """One version of a client's agreement, or None."""
    row = Agreement.objects.filter(client_id=client_id, id=version_id).first()
    return _view(row) if row else None


def planned(client_id: UUID) -> list[AgreementView]:
    """Versions that will begin to hold, the first on top; one that a later record begins before never will."""
    now = timezone.now()
    coming: list[Agreement] = []
    for row in Agreement.objects.filter(client_id=client_id).order_by("-recorded_at", "-id"):
        if row.valid_from <= now:
            break
        if not coming or row.valid_from < coming[-1].valid_from:
            coming.append(row)
    return [_view(row) for row in reversed(coming)]


def _proposal(row: Proposal) -> ProposalView:
    names = [f for f in ProposalView.__dataclass_fields__ if f != "terms"]
    return ProposalView(terms=from_json(row.terms), **{name: getattr(row, name) for name in names})


def proposal(proposal_id: UUID) -> ProposalView | None:
    """A proposed change in scope, or None."""
    row = Proposal.objects.filter(id=proposal_id).first()
    return _proposal(row) if row else None


def waiting(client_id: UUID) -> ProposalView | None:
    """The change of a client's agreement that waits for approval, or None."""
    row = Proposal.objects.filter(client_id=client_id, outcome="").first()
    return _proposal(row) if row else None


def proposals(client_id: UUID) -> list[ProposalView]:
    """Every change that was proposed, newest first."""
    return [_proposal(row) for row in Proposal.objects.filter(client_id=client_id).order_by("-proposed_at", "-id")]


def waiting_clients() -> set[UUID]:
    """Clients in scope with a change that waits: one query."""
    return set(Proposal.objects.filter(outcome="").values_list("client_id", flat=True))

"""Reads of agreements."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.thresholds import current as thresholds
from overread.journey.agreement.models import Agreement
from overread.journey.agreement.rules import AgreementView, Bounds, from_json, view_of


def _view(row: Agreement) -> AgreementView:
    return view_of(from_json(row.terms), client_id=row.client_id, version_id=row.id, valid_from=row.valid_from)


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
    return agreement_for(client_id, at) or defaults()


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
    return [_view(row) for row in Agreement.objects.filter(client_id=client_id).order_by("-recorded_at")]

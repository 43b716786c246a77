"""Reads of agreements."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.journey.agreement.models import Agreement
from overread.journey.agreement.rules import DEFAULTS, AgreementView, from_json, view_of


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
    return agreement_for(client_id, at) or DEFAULTS


def versions(client_id: UUID) -> list[AgreementView]:
    """Every version of a client's agreement, newest first."""
    return [_view(row) for row in Agreement.objects.filter(client_id=client_id).order_by("-recorded_at")]

"""Reads of referrals page by page, and of those that one names exactly; for the systems of clients."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from overread.journey.referral.models import Query, Referral
from overread.journey.referral.queries.requests import ReferralView, _view
from overread.journey.referral.queries.threads import QueryView, _queries
from overread.journey.referral.rules import nhs_digits


@dataclass(frozen=True, kw_only=True)
class Named:
    """What names a referral exactly; empty fields do not narrow."""

    number: str = ""
    accession: str = ""
    identifier: str = ""
    nhs_number: str = ""


def referral_page(
    *, before: tuple[datetime, UUID] | None, limit: int, case_ids: Iterable[UUID] | None = None
) -> list[ReferralView]:
    """Referrals in scope, newest first, one more than a page holds.

    Args:
        before: time and id of the last one of the page before.
        limit: how many a page holds.
        case_ids: only of these cases.
    """
    rows = Referral.objects.all()
    if case_ids is not None:
        rows = rows.filter(case_id__in=list(case_ids))
    if before is not None:
        at, last = before
        rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=last))
    return [_view(row) for row in rows.order_by("-received_at", "-id")[: limit + 1]]


def referrals_named(wanted: Named, limit: int) -> list[ReferralView]:
    """Referrals in scope that fit all that is given, newest first; none when nothing is."""
    exact = {
        "number__iexact": wanted.number.strip(),
        "accession": wanted.accession.strip(),
        "identifier": wanted.identifier.strip(),
        "nhs_number": nhs_digits(wanted.nhs_number),
    }
    given = {name: value for name, value in exact.items() if value}
    if not given:
        return []
    return [_view(row) for row in Referral.objects.filter(**given).order_by("-received_at", "-id")[:limit]]


def query_page(*, waits_for: str, before: tuple[datetime, UUID] | None, limit: int) -> list[QueryView]:
    """Open threads in scope, the newest first, one more than a page holds.

    Args:
        waits_for: client or provider; "" for both.
        before: time and id of the last one of the page before.
        limit: how many a page holds.
    """
    rows = Query.objects.filter(state="open")
    if waits_for:
        rows = rows.filter(waits_for=waits_for)
    if before is not None:
        at, last = before
        rows = rows.filter(Q(asked_at__lt=at) | Q(asked_at=at, id__lt=last))
    return _queries(rows.order_by("-asked_at", "-id")[: limit + 1])

"""Reads of deliveries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from overread.journey.delivery.models import Delivery, DeliveryAttempt
from overread.journey.delivery.rules import STATE_WORDS, State


@dataclass(frozen=True)
class DeliveryView:
    """A delivery and its separate facts."""

    id: UUID
    client_id: UUID
    report_id: UUID
    case_id: UUID
    channel: str
    state: str
    made_at: datetime
    release_at: datetime
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    accepted_at: datetime | None
    opened_at: datetime | None
    opened_by: str
    remote_id: str
    last_error: str

    @property
    def words(self) -> str:
        """Its state for people."""
        return STATE_WORDS[State(self.state)]

    @property
    def channel_words(self) -> str:
        """The channel for people."""
        return {"portal": "Portal", "dicom": "Your DICOM node"}.get(self.channel, self.channel.upper())


@dataclass(frozen=True)
class AttemptView:
    """One attempt."""

    number: int
    intent_at: datetime
    result_at: datetime | None
    result: str
    detail: str


def _view(row: Delivery) -> DeliveryView:
    return DeliveryView(**{name: getattr(row, name) for name in DeliveryView.__dataclass_fields__})


def delivery(delivery_id: UUID) -> DeliveryView | None:
    """One delivery in scope."""
    row = Delivery.objects.filter(id=delivery_id).first()
    return _view(row) if row else None


def deliveries_of_case(case_id: UUID) -> list[DeliveryView]:
    """A case's deliveries, newest first."""
    return [_view(row) for row in Delivery.objects.filter(case_id=case_id).order_by("-made_at", "channel")]


def deliveries_of_report(report_id: UUID) -> list[DeliveryView]:
    """A version's deliveries."""
    return [_view(row) for row in Delivery.objects.filter(report_id=report_id).order_by("channel")]


def failed() -> list[DeliveryView]:
    """Deliveries that need a person, oldest first."""
    forgotten = Q(state=State.RECALLED) & ~Q(last_error="")
    return [_view(row) for row in Delivery.objects.filter(Q(state=State.FAILED) | forgotten).order_by("made_at")]


def troubled() -> list[DeliveryView]:
    """Deliveries that failed at least once and are being tried again."""
    rows = Delivery.objects.filter(state=State.RELEASED, attempts__gte=1).exclude(last_error="")
    return [_view(row) for row in rows.order_by("made_at")]


def published(limit: int = 200) -> list[DeliveryView]:
    """Versions that the client may see in the portal, newest first."""
    rows = Delivery.objects.filter(channel="portal", sent_at__isnull=False).order_by("-sent_at")[:limit]
    return [_view(row) for row in rows]


def published_report(report_id: UUID) -> DeliveryView | None:
    """The portal's delivery of a version, once it is published."""
    row = Delivery.objects.filter(channel="portal", report_id=report_id, sent_at__isnull=False).first()
    return _view(row) if row else None


def published_of_case(case_id: UUID) -> list[DeliveryView]:
    """The versions of a case that the client may see in the portal, oldest first."""
    rows = Delivery.objects.filter(channel="portal", sent_at__isnull=False, case_id=case_id)
    return [_view(row) for row in rows.order_by("made_at", "id")]


def newest_published(case_ids: Iterable[UUID]) -> dict[UUID, DeliveryView]:
    """The newest version in the portal of each of some cases: one query."""
    rows = Delivery.objects.filter(channel="portal", sent_at__isnull=False, case_id__in=set(case_ids))
    return {row.case_id: _view(row) for row in rows.order_by("made_at", "id")}


def attempts_of(delivery_id: UUID) -> list[AttemptView]:
    """Every attempt, newest first."""
    rows = DeliveryAttempt.objects.filter(delivery_id=delivery_id).order_by("-number")
    return [AttemptView(r.number, r.intent_at, r.result_at, r.result, r.detail) for r in rows]

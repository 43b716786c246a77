"""Reads of alerts, their attempts and their links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.thresholds import current as thresholds
from overread.journey.agreement import queries as agreements
from overread.journey.escalation.models import Alert, Attempt, Link
from overread.journey.escalation.rules import (
    CATEGORY_WORDS,
    TIME_ALLOWED,
    Category,
    RungFacts,
    State,
    code_for,
    token_hash,
    with_side,
)


@dataclass(frozen=True)
class AttemptView:
    """One attempt to tell somebody, and its code for the telephone if a link went out."""

    id: UUID
    rung: int
    round: int
    contact_name: str
    contact_role: str
    channel: str
    address: str
    intent_at: datetime
    result_at: datetime | None
    result: str
    detail: str
    link_opened_at: datetime | None = None
    code: str = ""


@dataclass(frozen=True)
class AlertView:
    """An alert as pages show it."""

    id: UUID
    client_id: UUID
    number: str
    case_id: UUID
    read_id: UUID | None
    report_id: UUID | None
    category: str
    finding: str
    side: str
    raised_by: UUID
    raised_by_name: str
    raised_at: datetime
    must_by: datetime
    state: str
    rung: int
    round: int
    next_step_at: datetime | None
    closed_at: datetime | None
    closed_by_name: str
    closed_by_role: str
    closed_how: str
    read_back: str
    version: int

    @property
    def finding_words(self) -> str:
        """What was found, with its side said once."""
        return with_side(self.finding, self.side)

    @property
    def is_open(self) -> bool:
        """Whether nobody has taken it yet."""
        return self.state == State.OPEN


@dataclass(frozen=True)
class LinkView:
    """A one-time link that was found by its token."""

    id: UUID
    alert_id: UUID
    client_id: UUID
    attempt_id: UUID
    contact_name: str
    contact_role: str
    expires_at: datetime
    used: bool
    wrong_codes: int


def _view(row: Alert, names: dict[UUID, str]) -> AlertView:
    plain = {
        name: getattr(row, name)
        for name in AlertView.__dataclass_fields__
        if name not in {"raised_by", "raised_by_name"}
    }
    return AlertView(**plain, raised_by=row.raised_by_id, raised_by_name=names.get(row.raised_by_id, ""))


def _views(rows: Iterable[Alert]) -> list[AlertView]:
    found = list(rows)
    names = accounts.names({row.raised_by_id for row in found})
    return [_view(row, names) for row in found]


def alert(alert_id: UUID) -> AlertView | None:
    """One alert in scope, or None."""
    found = _views(Alert.objects.filter(id=alert_id))
    return found[0] if found else None


def open_alerts() -> list[AlertView]:
    """Alerts that nobody has taken yet, by when they must be."""
    return _views(Alert.objects.filter(state=State.OPEN).order_by("must_by"))


def alerts_of_case(case_id: UUID) -> list[AlertView]:
    """A case's alerts, newest first."""
    return _views(Alert.objects.filter(case_id=case_id).order_by("-raised_at"))


def alert_page(*, only_open: bool, before: tuple[datetime, UUID] | None, limit: int) -> list[AlertView]:
    """Alerts in scope, newest first, one more than a page holds.

    Args:
        only_open: leave out those that somebody took.
        before: time and id of the last one of the page before.
        limit: how many a page holds.
    """
    rows = Alert.objects.filter(state=State.OPEN) if only_open else Alert.objects.all()
    if before is not None:
        at, last = before
        rows = rows.filter(Q(raised_at__lt=at) | Q(raised_at=at, id__lt=last))
    return _views(rows.order_by("-raised_at", "-id")[: limit + 1])


def recent_alerts(limit: int = 100) -> list[AlertView]:
    """Alerts in scope: open ones first, then the newest closed ones."""
    closed = Alert.objects.exclude(state=State.OPEN).order_by("-closed_at")[:limit]
    return [*open_alerts(), *_views(closed)]


def category_words() -> dict[Category, str]:
    """The classes of significant findings for people, with the time allowed where it is part of the class."""
    return {key: words.format(time=thresholds.words(TIME_ALLOWED[key])) for key, words in CATEGORY_WORDS.items()}


def code_of(alert_id: UUID, link_id: UUID) -> str:
    """The code of a link, to be told by voice."""
    return code_for(settings.SECRET_KEY.encode(), alert_id, link_id, digits=thresholds.whole("escalation.code_digits"))


def attempts_of(alert_id: UUID) -> list[AttemptView]:
    """Every attempt on an alert, newest first, with the code of its link."""
    links = {link.attempt_id: link for link in Link.objects.filter(alert_id=alert_id).order_by("made_at")}
    found = []
    for row in Attempt.objects.filter(alert_id=alert_id).order_by("-intent_at", "-rung"):
        link = links.get(row.id)
        found.append(
            AttemptView(
                id=row.id,
                rung=row.rung,
                round=row.round,
                contact_name=row.contact_name,
                contact_role=row.contact_role,
                channel=row.channel,
                address=row.address,
                intent_at=row.intent_at,
                result_at=row.result_at,
                result=row.result,
                detail=row.detail,
                link_opened_at=link.opened_at if link else None,
                code=code_of(alert_id, link.id) if link and not link.used_at else "",
            )
        )
    return found


def attempt(attempt_id: UUID) -> AttemptView | None:
    """One attempt in scope, or None."""
    row = Attempt.objects.filter(id=attempt_id).first()
    if row is None:
        return None
    return next(a for a in attempts_of(row.alert_id) if a.id == attempt_id)


def alert_of_attempt(attempt_id: UUID) -> AlertView | None:
    """The alert an attempt belongs to."""
    row = Attempt.objects.filter(id=attempt_id).first()
    return alert(row.alert_id) if row else None


def ladder_of(client_id: UUID) -> tuple[RungFacts, ...]:
    """The rungs agreed with a client, in order, with their contacts."""
    agreed = agreements.agreement_for(client_id)
    if agreed is None:
        return ()
    found = []
    for rung in agreed.rungs():
        contact = agreed.contact(rung.contact_id)
        if contact is not None:
            found.append(
                RungFacts(
                    rung.order,
                    contact.id,
                    contact.name,
                    contact.role,
                    contact.channel,
                    contact.address,
                    rung.wait_minutes,
                )
            )
    return tuple(found)


def link_by_token(token: str) -> LinkView | None:
    """A link by its token; needs a scope of everything, which the one-time door opens for this look-up alone."""
    row = Link.objects.select_related("attempt").filter(token_sha256=token_hash(token)).first()
    if row is None:
        return None
    return LinkView(
        id=row.id,
        alert_id=row.alert_id,
        client_id=row.client_id,
        attempt_id=row.attempt_id,
        contact_name=row.attempt.contact_name,
        contact_role=row.attempt.contact_role,
        expires_at=row.expires_at,
        used=row.used_at is not None,
        wrong_codes=row.wrong_codes,
    )


def stalled() -> list[AlertView]:
    """Open alerts without a next step, or whose next step is overdue: there should never be one (RELIABILITY 4.1)."""
    late = timezone.now() - thresholds.duration("escalation.stalled")
    rows = Alert.objects.filter(state=State.OPEN)
    return [a for a in _views(rows) if a.next_step_at is None or a.next_step_at < late]


def calls_due() -> list[tuple[AlertView, AttemptView]]:
    """Telephone calls that a person of the provider must make now: the ladder's steps that no machine can take."""
    found = []
    for view in open_alerts():
        for made in attempts_of(view.id):
            if made.channel == "phone" and not made.result:
                found.append((view, made))
    return found

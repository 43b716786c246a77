"""Reads of the threads of questions about cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from overread.foundation.thresholds import current as thresholds
from overread.journey.referral.models import Query, QueryMessage
from overread.journey.referral.rules import Party, QueryFacts, QueryState, call_due


@dataclass(frozen=True)
class MessageView:
    """One message of a thread; `side` is client or provider."""

    side: str
    by_words: str
    at: datetime
    text: str


@dataclass(frozen=True)
class QueryView:
    """A thread of questions about a case."""

    id: UUID
    client_id: UUID
    case_id: UUID
    number: int
    subject: str
    state: str
    waits_for: str
    reason: str
    paused_from: datetime | None
    asked_by: str
    asked_at: datetime
    turned_at: datetime
    remind_at: datetime | None
    reminders: int
    closed_at: datetime | None
    messages: tuple[MessageView, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody waits."""
        return self.state == QueryState.OPEN

    @property
    def waits_for_client(self) -> bool:
        """Whether it is the client's turn."""
        return self.is_open and self.waits_for == Party.CLIENT

    @property
    def call_due(self) -> bool:
        """Whether reminders were not answered, so that somebody must telephone."""
        return self.waits_for_client and call_due(self.reminders, thresholds.whole("query.reminders_before_call"))


def _queries(rows: QuerySet[Query]) -> list[QueryView]:
    found = list(rows)
    said: dict[UUID, list[MessageView]] = {}
    for m in QueryMessage.objects.filter(query_id__in=[r.id for r in found]).order_by("at", "id"):
        said.setdefault(m.query_id, []).append(MessageView(m.side, m.by_words, m.at, m.text))
    names = [n for n in QueryView.__dataclass_fields__ if n != "messages"]
    return [QueryView(**{n: getattr(r, n) for n in names}, messages=tuple(said.get(r.id, []))) for r in found]


def queries_of(case_id: UUID) -> list[QueryView]:
    """The threads of a case with all that was said, oldest first."""
    return _queries(Query.objects.filter(case_id=case_id).order_by("number"))


def query(query_id: UUID) -> QueryView | None:
    """One thread in scope."""
    found = _queries(Query.objects.filter(id=query_id))
    return found[0] if found else None


def open_queries(waits_for: str = "") -> list[QueryView]:
    """Threads in scope that wait for somebody, the longest wait first."""
    rows = Query.objects.filter(state=QueryState.OPEN)
    return _queries((rows.filter(waits_for=waits_for) if waits_for else rows).order_by("turned_at"))


def query_facts(case_id: UUID) -> list[QueryFacts]:
    """What the threads of a case say about its clock."""
    rows = Query.objects.filter(case_id=case_id).order_by("number")
    return [QueryFacts(r.state == "open" and r.waits_for == "client", r.reason, r.paused_from) for r in rows]

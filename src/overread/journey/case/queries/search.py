"""The list of cases and its search."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from overread.foundation.clients.queries import clients_by_id
from overread.journey.case.models import Case
from overread.journey.case.queries.cases import CaseView, _case
from overread.journey.patient.queries import find, patients
from overread.journey.patient.rules import PatientView


@dataclass(frozen=True, kw_only=True)
class CaseSearch:
    """What to look for; empty fields do not narrow. `text` is a patient, accession, referral or case number."""

    text: str = ""
    states: tuple[str, ...] = ()
    priority: str = ""
    client_id: UUID | None = None
    modality: str = ""
    from_date: date | None = None
    to_date: date | None = None
    order: str = "newest"


@dataclass(frozen=True)
class CaseRow:
    """A case as the list shows it."""

    case: CaseView
    patient: PatientView | None
    client_code: str
    client_name: str


_ORDERS = {
    "newest": ("-opened_at", "id"),
    "oldest": ("opened_at", "id"),
    "due": (F("due_at").asc(nulls_last=True), "id"),
}


def _condition(wanted: CaseSearch) -> Q:
    exact = {
        "priority": wanted.priority,
        "client_id": wanted.client_id,
        "modality": wanted.modality,
        "opened_at__date__gte": wanted.from_date,
        "opened_at__date__lte": wanted.to_date,
    }
    found = Q(**{name: value for name, value in exact.items() if value})
    if wanted.states:
        found &= Q(state__in=wanted.states)
    text = wanted.text.strip()
    if text:
        people = [p.id for p in find(text, limit=200)]
        found &= (
            Q(number__iexact=text)
            | Q(accession__iexact=text)
            | Q(referral_number__iexact=text)
            | Q(patient_id__in=people)
        )
    return found


def rows_of(found: Iterable[CaseView]) -> list[CaseRow]:
    """Cases with their patients and clients, for a list: two queries."""
    views = list(found)
    people = patients(v.patient_id for v in views if v.patient_id)
    clients = clients_by_id(v.client_id for v in views)
    return [
        CaseRow(
            v, people.get(v.patient_id) if v.patient_id else None, clients[v.client_id].code, clients[v.client_id].name
        )
        for v in views
    ]


def search(wanted: CaseSearch, *, limit: int = 50, offset: int = 0) -> tuple[list[CaseRow], bool]:
    """A page of cases in scope, and whether there are more behind it."""
    rows = Case.objects.filter(_condition(wanted)).order_by(*_ORDERS.get(wanted.order, _ORDERS["newest"]))
    views = [_case(row) for row in rows[offset : offset + limit + 1]]
    return rows_of(views[:limit]), len(views) > limit

"""The list of cases and its search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from overread.foundation.clients.queries import clients_by_id
from overread.journey.case.models import Case
from overread.journey.case.queries.cases import CaseView, _case
from overread.journey.patient.queries import find, patients
from overread.journey.patient.rules import PatientView


@dataclass(frozen=True, kw_only=True)
class CaseSearch:
    """What to look for; empty fields do not narrow. `text` is a patient, accession, referral or case number.

    `order` is a key of SORTS, with "-" in front for the other way round; "newest" is "-opened".
    """

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


SORTS = {
    "due": "due_at",
    "patient": "patient__family",
    "examination": "procedure",
    "client": "client__name",
    "state": "state",
    "opened": "opened_at",
}
_NAMED = {"newest": "-opened", "oldest": "opened"}


def _ordered(wanted: CaseSearch) -> QuerySet[Case]:
    order = _NAMED.get(wanted.order, wanted.order)
    key = F(SORTS.get(order.removeprefix("-"), "opened_at"))
    way = key.desc(nulls_last=True) if order.startswith("-") else key.asc(nulls_last=True)
    return Case.objects.filter(_condition(wanted)).order_by(way, "id")


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
    views = [_case(row) for row in _ordered(wanted)[offset : offset + limit + 1]]
    return rows_of(views[:limit]), len(views) > limit


def found_ids(wanted: CaseSearch) -> list[tuple[UUID, UUID]]:
    """Every case in scope that is looked for, as (case, client), in order: what an export holds."""
    return list(_ordered(wanted).values_list("id", "client_id"))


def rows_in_order(case_ids: Sequence[UUID]) -> list[CaseRow]:
    """These cases as the list shows them, in this order; those no longer in scope are left out."""
    found = {row.id: _case(row) for row in Case.objects.filter(id__in=case_ids)}
    return rows_of(found[one] for one in case_ids if one in found)


def modalities_in_use() -> list[str]:
    """The modalities of cases in scope, for a filter."""
    return sorted(set(Case.objects.exclude(modality="").order_by().values_list("modality", flat=True).distinct()))

"""Pages of inspection: the five key questions, the rows behind a number, and the packs."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.ui.errors import error_page
from overread.foundation.ui.tables import csv_export
from overread.foundation.work.refusals import NotFound
from overread.governance.inspection import actions, queries
from overread.governance.inspection.formats import columns_of
from overread.governance.inspection.rules import EDITIONS, REGULATIONS, TOPICS, Period, period_of

ROWS_SHOWN = 500
NAMES = ("from", "to", "as_at", "known_by")


def _typed(given: QueryDict) -> dict[str, str]:
    return {name: given.get(name, "") for name in NAMES}


def _address_of(given: QueryDict) -> str:
    """The part of an address that keeps the period, for links to rows."""
    kept = QueryDict(mutable=True)
    for name, text in _typed(given).items():
        if text:
            kept[name] = text
    return kept.urlencode()


@require_GET
@needs("inspection.see")
def overview(request: HttpRequest) -> HttpResponse:
    """GET /inspection/?from=&to=&as_at=&known_by=&framework=&question=: how each statement stands."""
    return _overview(request, request.GET)


def _overview(request: HttpRequest, given: QueryDict, status: int = 200) -> HttpResponse:
    period = period_of(_typed(given), timezone.now())
    edition = queries.edition_of(given.get("framework", ""))
    views = queries.questions(edition, queries.answers(period), period.as_at)
    picked = next((v for v in views if v.key == given.get("question")), views[0])
    made = queries.packs()
    names = accounts.names({UUID(p.asked_by.partition(":")[2]) for p in made if p.asked_by.startswith("person:")})
    hashes = [p.content_sha256 for p in made if p.content_sha256]
    context: dict[str, Any] = {
        "period": period,
        "typed": _typed(given),
        "edition": edition,
        "editions": EDITIONS.values(),
        "questions": views,
        "picked": picked,
        "gaps": sum(v.gaps for v in views),
        "applying": sum(v.applying for v in views),
        "statements": len(edition.statements),
        "kept": _address_of(given),
        "packs": [
            (
                p,
                names.get(UUID(p.asked_by.partition(":")[2]), "")
                if p.asked_by.startswith("person:")
                else "command line",
                hashes.count(p.content_sha256) > 1,
            )
            for p in made
        ],
        "may_pack": request.person_view.may("inspection.pack"),  # type: ignore[attr-defined]
        "building": any(p.built_at is None for p in made),
    }
    return render(request, "inspection/overview.html", context, status=status)


@require_GET
@needs("inspection.see")
def fact(request: HttpRequest, name: str) -> HttpResponseBase:
    """GET /inspection/facts/NAME/: the rows behind a number; export=csv gives them as a file."""
    period = period_of(_typed(request.GET), timezone.now())
    found = queries.answer(name, period)
    if found is None:
        raise NotFound
    columns = found.found.columns
    if request.GET.get("export") == "csv":
        return csv_export(found.found.rows, columns_of(columns), name.replace(".", "-"))
    context = {
        "one": found,
        "period": period,
        "rows": found.found.rows[:ROWS_SHOWN],
        "more": max(0, len(found.found.rows) - ROWS_SHOWN),
        "topics": [TOPICS[t] for t in found.fact.topics],
        "regulations": [(r, REGULATIONS[r]) for r in found.fact.regulations],
        "kept": _address_of(request.GET),
    }
    return render(request, "inspection/fact.html", context)


@require_POST
@needs("inspection.pack")
def ask(request: HttpRequest) -> HttpResponse:
    """POST /inspection/packs/: have the pack of a period built; an unreadable period is said on the page."""
    period: Period = period_of(_typed(request.POST), timezone.now())
    edition = queries.edition_of(request.POST.get("framework", ""))
    if period.faults:
        return _overview(request, request.POST, status=422)
    actions.ask_pack(actor=request.actor, period=period, edition=edition.key)  # type: ignore[attr-defined]
    return redirect("inspection:overview")


@require_GET
@needs("inspection.see")
def download(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """GET /inspection/packs/ID/: the archive of a built pack, checked against its hash before the first byte."""
    pack = queries.pack(pack_id)
    if pack is None:
        raise NotFound
    if not pack.key:
        words = "This pack is not in the store: it is still being built, or it was written to a folder."
        return error_page(request, 404, words)
    if not current().verify(pack.key):
        return error_page(
            request, 500, "The pack in the store is not what was built. Build it again, and tell your administrator."
        )
    name = f"inspection-pack-{pack.to_at:%Y-%m-%d}-{pack.content_sha256[:12]}.zip"
    data = current().read_range(pack.key, 0, pack.length)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/zip", headers=headers)

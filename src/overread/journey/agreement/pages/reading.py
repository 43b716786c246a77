"""What is agreed with a client, for both sides to read: what holds, what will hold, and what held."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from overread.foundation.accounts.doors import needs
from overread.foundation.clients import queries as clients
from overread.journey.agreement import queries
from overread.journey.agreement.pages._shown import found_client, person_of, shown, who
from overread.journey.agreement.rules import DEFAULTS, differences, warnings


@require_GET
@needs("agreement.see")
def listing(request: HttpRequest) -> HttpResponse:
    """GET /agreements/: each client in scope, since when its agreement holds, what waits and what to look at twice."""
    person = person_of(request)
    waiting = queries.waiting_clients()
    rows = []
    for client in clients.clients_active():
        if client.id in person.client_ids:
            held = queries.agreement_for(client.id)
            rows.append((client, held, client.id in waiting, warnings(held) if held else ()))
    context = {
        "rows": rows,
        "waiting": sum(waits for _, _, waits, _ in rows),
        "without": [client.name for client, held, _, _ in rows if held is None],
    }
    return render(request, "agreement/list.html", context)


@require_GET
@needs("agreement.see")
def detail(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """GET /clients/ID/agreement/: the terms that hold now; a client in scope only, another's is not found."""
    person, client = person_of(request), found_client(request, client_id)
    held = queries.agreement_for(client_id)
    context = {
        "client": client,
        "held": held,
        "versions": len(queries.versions(client_id)),
        "ours": person.may("client.manage"),
        "may_change": person.may("agreement.write"),
        "waits": queries.waiting(client_id),
        "planned": queries.planned(client_id),
    }
    if held is not None:
        context |= shown(held) | {"warnings": warnings(held) if not person.is_client_side else ()}
    return render(request, "agreement/detail.html", context)


@require_GET
@needs("agreement.see")
def history(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """GET /clients/ID/agreement/history/: every version with what it changed, and every change that was proposed."""
    client, lines = found_client(request, client_id), queries.version_lines(client_id)
    proposed = queries.proposals(client_id)
    names = who(
        [*(one.recorded_by for one in lines), *(p.proposed_by for p in proposed), *(p.decided_by for p in proposed)]
    )
    before = [*(one.view for one in lines[1:]), DEFAULTS]
    versions = [
        (len(lines) - i, line, names[line.recorded_by], differences(before[i], line.view) if i + 1 < len(lines) else ())
        for i, line in enumerate(lines)
    ]
    held = queries.agreement_for(client_id)
    context = {
        "client": client,
        "versions": versions,
        "holds": held.version_id if held else None,
        "proposals": [(p, names[p.proposed_by], names.get(p.decided_by, "")) for p in proposed],
        "may_change": person_of(request).may("agreement.write"),
    }
    return render(request, "agreement/history.html", context)

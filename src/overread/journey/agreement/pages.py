"""What is agreed with a client, for both sides to read."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from overread.foundation.accounts.doors import needs
from overread.foundation.clients import queries as clients
from overread.foundation.work.refusals import NotFound
from overread.journey.agreement import queries
from overread.journey.agreement.rules import (
    MODALITY_WORDS,
    PRIORITIES,
    READ_TYPE_WORDS,
    Contact,
    ReadType,
    minutes_words,
)

CHANNEL_WORDS = {"portal": "Portal", "dicom": "DICOM node"}
REACHED_BY = {"phone": "telephone", "email": "e-mail", "sms": "text message"}


def _reached(contact: Contact) -> str:
    return f"{REACHED_BY.get(contact.channel, contact.channel)} {contact.address}"


@require_GET
@needs("agreement.see")
def detail(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """GET /clients/ID/agreement/: the terms that hold now; a client in scope only, another's is not found."""
    person = request.person_view  # type: ignore[attr-defined]
    client = clients.client(client_id)
    if client is None or client_id not in person.client_ids:
        raise NotFound
    held = queries.agreement_for(client_id)
    context = {
        "client": client,
        "held": held,
        "versions": len(queries.versions(client_id)),
        "ours": person.may("client.manage"),
    }
    if held is not None:
        people = {one.id: one for one in held.contacts}
        context |= {
            "times": [(p.capitalize(), minutes_words(held.minutes_for(p))) for p in PRIORITIES],
            "others": [
                (
                    READ_TYPE_WORDS[ReadType(kind)] if kind in set(ReadType) else MODALITY_WORDS.get(kind, kind),
                    ", ".join(f"{p} {minutes_words(table[p])}" for p in PRIORITIES if p in table),
                )
                for kind, table in held.other_times.items()
            ],
            "modalities": ", ".join(MODALITY_WORDS.get(m, m) for m in held.modalities),
            "kinds": ", ".join(READ_TYPE_WORDS[ReadType(t)] for t in held.read_types),
            "ways": ", ".join(CHANNEL_WORDS.get(c, c) for c in held.channels),
            "rungs": [
                (rung.order, people[rung.contact_id], _reached(people[rung.contact_id]), rung.wait_minutes)
                for rung in held.rungs()
            ],
            "recall": minutes_words(timedelta(seconds=held.recall_seconds).total_seconds() / 60),
        }
    return render(request, "agreement/detail.html", context)

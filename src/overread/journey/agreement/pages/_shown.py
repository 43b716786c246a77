"""What the pages of agreements show of terms, people and versions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.clients import queries as clients
from overread.foundation.clients.queries import ClientView
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound
from overread.journey.agreement.rules import (
    CHANNEL_WORDS,
    MODALITY_WORDS,
    NATION_WORDS,
    PRIORITIES,
    READ_TYPE_WORDS,
    ReadType,
    Terms,
    kind_words,
    minutes_words,
    peer_words,
    reached,
    times_words,
)


def person_of(request: HttpRequest) -> PersonView:
    """Who asks."""
    return request.person_view  # type: ignore[attr-defined]


def found_client(request: HttpRequest, client_id: UUID) -> ClientView:
    """A client in the asker's scope; another's is not found."""
    client = clients.client(client_id)
    if client is None or client_id not in person_of(request).client_ids:
        raise NotFound
    return client


def who(texts: Iterable[str]) -> dict[str, str]:
    """The names of actors as rows write them; a part of the system has its own name."""
    actors = {text: Actor.parse(text) for text in set(texts) if text}
    names = accounts.names(a.person_id for a in actors.values() if a.person_id)
    return {text: names.get(a.person_id, "somebody") if a.person_id else a.name for text, a in actors.items()}


def shown(terms: Terms) -> dict[str, Any]:
    """The terms in the words of the page."""
    people = {one.id: one for one in terms.contacts}
    ladder = sorted(terms.ladder, key=lambda rung: rung.order)
    return {
        "held": terms,
        "times": [(p.capitalize(), minutes_words(terms.priorities.get(p, 0))) for p in PRIORITIES],
        "others": [(kind_words(kind), times_words(table)) for kind, table in terms.other_times.items()],
        "modalities": ", ".join(MODALITY_WORDS.get(m, m) for m in terms.modalities),
        "kinds": ", ".join(READ_TYPE_WORDS[ReadType(t)] for t in terms.read_types),
        "ways": ", ".join(CHANNEL_WORDS.get(c, c) for c in terms.channels),
        "peer": peer_words(terms.dicom_peer),
        "nation": NATION_WORDS.get(terms.nation, terms.nation),
        "rungs": [
            (rung.order, people[rung.contact_id], reached(people[rung.contact_id]), rung.wait_minutes)
            for rung in ladder
            if rung.contact_id in people
        ],
        "recall": minutes_words(terms.recall_seconds / 60) if terms.recall_seconds else "",
    }

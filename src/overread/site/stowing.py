"""STOW-RS joined to tokens, store, journal and ledger; made when the first request comes, once for each process."""

import dataclasses
import logging
import os
from typing import Any
from uuid import UUID

from django.conf import settings

from overread.edge.dicomweb.stow import Caller, Stow, StowSummary
from overread.foundation.blobs.blob import StoreBroken
from overread.foundation.blobs.journal import Journal
from overread.foundation.clients import queries as clients
from overread.foundation.tenancy.scope import Scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.call import db_call
from overread.journey.reception import actions
from overread.site import places

log = logging.getLogger(__name__)
_made: list[Stow] = []
_journal: list[Journal] = []


def journal() -> Journal:
    """The journal of this web process, shared by STOW-RS and browser uploads."""
    if not _journal:
        _journal.append(Journal(places.journal()))
    return _journal[0]


async def _token_for(secret: str) -> Caller | None:
    def ask() -> Caller | None:
        found = clients.token_for(secret, "store")
        return Caller(str(found.client_id), found.client_code, str(found.id)) if found else None

    return await db_call(ask, scope=None, opened_by="token")


async def _ended(summary: StowSummary) -> None:
    client_id = UUID(summary.client_id)
    plain = dataclasses.asdict(summary)
    facts = {
        k: v.isoformat() if hasattr(v, "isoformat") else v
        for k, v in plain.items()
        if k not in {"client_id", "token_id", "receipt_id", "peer"}
    }

    def write() -> None:
        actions.record_association(
            actor=Actor.system("stow"),
            client_id=client_id,
            receipt_id=summary.receipt_id,
            sender_id=summary.token_id,
            facts=facts,
        )

    await db_call(write, scope=Scope.client(client_id), opened_by="token")


def _broken(error: StoreBroken) -> None:
    log.critical(
        "the disk refused a sync; this process ends and is started again", extra={"error": type(error).__name__}
    )
    os._exit(70)


async def stow(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """POST /dicomweb/{client}/studies."""
    if not _made:
        _made.append(Stow(places.store(), journal(), _token_for, _ended, _broken, base_url=settings.OVERREAD_URL))
    await _made[0](scope, receive, send)

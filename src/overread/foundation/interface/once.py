"""A request that says its key is done once, however often it is sent and by how many at the same moment."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest

from overread.foundation.accounts.cipher import keyed_hash
from overread.foundation.interface import actions
from overread.foundation.interface.door import actor_of, caller_of
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Fault, key_fault

TRIES = 20  # at each of them somebody has got through
log = logging.getLogger(__name__)


def once(
    request: HttpRequest, key: str, operation: str, asked: Any, do: Callable[[], dict[str, str]]
) -> tuple[dict[str, str], bool]:
    """Do what was asked under the sender's key, or say what came of it the first time.

    Args:
        request: of the caller; keys are those of its client.
        key: the header Idempotency-Key.
        operation: what is asked, such as "referral.take".
        asked: all that was asked, as JSON values; only a keyed hash of it is kept.
        do: calls actions; gives the ids that the answer is made of.

    Raises:
        Problem: 422 for a key that is none.
        Conflict: the key was used for something else.
    """
    if fault := key_fault(key):
        raise Problem(
            422, "no-key", "The request needs a key of its own.", (Fault(fault, parameter="Idempotency-Key"),)
        )
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False)

    def attempt() -> tuple[dict[str, str], bool]:
        return actions.do_once(
            actor=actor_of(request),
            client_id=caller_of(request).client_id,
            key=key,
            operation=operation,
            asked_hash=keyed_hash(text, "interface"),
            do=do,
        )

    for _ in range(TRIES):
        try:
            return attempt()
        except IntegrityError:
            # Two at the same moment, with one key or one next number: the other has committed, this one was undone whole.
            continue
    log.error("a request could not be done beside others", extra={"operation": operation})
    raise Problem(
        503, "busy", "Nothing was done: too many are sent at the same moment. Send it again with the same key."
    )

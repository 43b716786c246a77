"""A request that says its key is done once, however often it is sent and by how many at the same moment."""

import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest

from overread.foundation.accounts.cipher import keyed_hash
from overread.foundation.interface import actions
from overread.foundation.interface.door import actor_of, caller_of
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Fault, key_fault


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

    try:
        return attempt()
    except IntegrityError:
        # Two at the same moment: the other one has committed, and this one was undone with all it did.
        return attempt()

"""The verb of the interface itself: do what was asked under a key, once."""

from collections.abc import Callable
from uuid import UUID

from overread.foundation.interface.models import KeyedRequest
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict
from overread.foundation.work.unit import current_unit

OTHER = (
    "This Idempotency-Key was used for another request. A retry must send the same body to the same address; "
    "a new request needs a new key."
)


@action("interface.do_once")
def do_once(
    *, actor: Actor, client_id: UUID, key: str, operation: str, asked_hash: str, do: Callable[[], dict[str, str]]
) -> tuple[dict[str, str], bool]:
    """Do something under a key in one transaction with the key itself, or say what came of it the first time.

    Args:
        client_id: whose key it is; two clients may use the same.
        key: chosen by the sender.
        operation: what is asked, such as "referral.take".
        asked_hash: of all that was asked; another hash under the same key is refused.
        do: calls actions, and gives the ids that the answer is made of.

    Returns:
        The ids, and whether it had been done before.

    Raises:
        Conflict: the key was used for something else.
        IntegrityError: another request with this key was done at the same moment; ask again (once.py).
    """
    row = KeyedRequest.objects.filter(client_id=client_id, key=key).first()
    if row is not None:
        if (row.operation, row.asked_hash) != (operation, asked_hash):
            raise Conflict(OTHER, code="key-used")
        note(subject=("request", row.id), client_id=client_id, words="again", facts={"operation": operation})
        return dict(row.result), True
    row = KeyedRequest.objects.create(
        client_id=client_id, key=key, operation=operation, asked_hash=asked_hash, at=current_unit().at
    )
    result = do()
    KeyedRequest.objects.filter(id=row.id).update(result=result)
    note(subject=("request", row.id), client_id=client_id, facts={"operation": operation})
    return result, False

"""Verbs of certificates that readers send, and that the office looks at before it records what they say."""

from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.actions._versions import _not_own
from overread.governance.credentials.actions.duties import FOLLOWING
from overread.governance.credentials.models import Certificate
from overread.governance.credentials.rules import CERTIFICATES


@action("credentials.add_evidence")
def add_evidence(
    *, actor: Actor, person_id: UUID, what: str, name: str, media_type: str, key: str, sha256: str, length: int
) -> UUID:
    """Keep a certificate about a reader; its bytes are stored already. Recording what it says stays with the office.

    Args:
        what: a key of rules.CERTIFICATES.
        name, media_type, key, sha256, length: of the file.

    Raises:
        BadInput: there is no such kind.
    """
    if what not in CERTIFICATES:
        raise BadInput("Say what it is.", errors={"what": "Choose what it is."})
    row = Certificate.objects.create(
        person_id=person_id,
        what=what,
        name=name[:200],
        media_type=media_type,
        key=key,
        sha256=sha256,
        length=length,
        added_at=current_unit().at,
        added_by=actor.text,
    )
    note(subject=("certificate", row.id), facts={"person": str(person_id), "what": what, "sha256": sha256})
    FOLLOWING.now(actor)
    return UUID(str(row.id))


@action("credentials.see_evidence")
def see_evidence(*, actor: Actor, certificate_id: UUID) -> None:
    """The office has looked at a certificate, and has recorded what it says or why not.

    Raises:
        NotFound: there is no such certificate.
        NotAllowed: it is the actor's own.
    """
    row = Certificate.objects.filter(id=certificate_id).first()
    if row is None:
        raise NotFound
    _not_own(actor, row.person_id)
    if actor.person_id is None:
        raise NotAllowed("Only a person looks at a certificate.")
    unseen = Certificate.objects.filter(id=certificate_id, seen_at__isnull=True)
    unseen.update(seen_at=current_unit().at, seen_by=actor.text)
    note(subject=("certificate", certificate_id), facts={"person": str(row.person_id)})
    FOLLOWING.now(actor)

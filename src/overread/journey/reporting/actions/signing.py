"""Signing what a reader wrote, as preliminary or as final."""

from collections.abc import Mapping
from uuid import UUID

from overread.foundation.accounts import actions as accounts
from overread.foundation.work.action import action
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.agreement import queries as agreements
from overread.journey.allocation import actions as allocation
from overread.journey.allocation.rules import Ended
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.reporting import queries
from overread.journey.reporting.actions._version import _gate, _refuse_open, _same_text, _tell, _write
from overread.journey.reporting.actions.drafting import _held, _person_of
from overread.journey.reporting.models import Draft
from overread.journey.reporting.rules import Kind, report_purpose


@action("report.sign")
def sign(
    *,
    actor: Actor,
    read_id: UUID,
    version: int,
    seen_sha256: str,
    presence_token: str,
    alert: Mapping[str, str] | None = None,
    gate_reason: str = "",
    preliminary: bool = False,
) -> UUID:
    """Sign a report as its interpreter (REQ-39, H16, H17, H18).

    A preliminary report leaves the read with its reader, the draft open and the clock running: only the final one that
    takes its place ends them (REQ-152).

    Args:
        version, seen_sha256: of the draft as it was shown to the signer.
        presence_token: proof that the signer is there, for rules.report_purpose of the seen text.
        alert: {"category", "finding", "side"} when an alert is to go out with the signature.
        gate_reason: why it is signed although a soft gate is shut.
        preliminary: sign it as preliminary; the agreement must allow it.

    Returns:
        The id of the signed version.

    Raises:
        Conflict: stale page, lost claim, used proof of presence.
        NotAllowed: a hard gate is shut.
        BadInput: checks stand open, or a soft gate is shut and has no reason; errors name them by code.
    """
    person_id = _person_of(actor)
    read = _held(read_id, person_id)
    case = case_queries.case(read.case_id)
    draft = Draft.objects.filter(read_id=read_id, author_id=person_id, signed_at__isnull=True).first()
    if case is None or draft is None:
        raise NotFound
    if preliminary:
        _may_be_preliminary(case)
    passed = _gate(read_id, person_id, gate_reason, draft.answers)
    text = _same_text(draft, version, seen_sha256)
    facts = queries.facts_for(read_id, person_id, alert=bool(alert))
    _refuse_open(draft.sections, draft.answers, facts)
    presence_id = accounts.use_presence(actor=actor, token=presence_token, purpose=report_purpose(seen_sha256))
    base = queries.latest(case.id)
    row = _write(
        actor,
        case,
        kind=Kind.PRELIMINARY if preliminary else Kind.FINAL,
        read_id=read_id,
        adds_to_id=base.id if base else None,
        adds_to_sha256=base.text_sha256 if base else "",
        sections=draft.sections,
        text=text,
        answers=draft.answers,
        presence_id=presence_id,
        alert=alert or {},
        passed=passed,
    )
    if not preliminary:
        at = current_unit().at
        Draft.objects.filter(id=draft.id).update(signed_at=at)
        cases.sign_read(actor=actor, read_id=read_id, reader_id=person_id, signed_at=at)
        allocation.end_with(actor=actor, read_id=read_id, how=Ended.SIGNED)
    _tell(row)
    return UUID(str(row.id))


def _may_be_preliminary(case: case_queries.CaseView) -> None:
    if not agreements.terms_for(case.client_id).preliminary:
        raise NotAllowed(
            "This client's agreement holds no preliminary reports. Sign the final one.", code="preliminary"
        )
    if any(r.kind != Kind.PRELIMINARY for r in queries.reports_of(case.id)):
        raise Conflict("A final report of this case is signed. Sign another final one, or an addendum.", code="signed")

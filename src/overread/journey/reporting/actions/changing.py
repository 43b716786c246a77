"""After a signature: an addendum beside it, or a corrected version in its place. What was signed stays as it is (REQ-39)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from overread.foundation.accounts import actions as accounts
from overread.foundation.work.action import action
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.reporting import queries
from overread.journey.reporting.actions._version import _gate, _refuse_open, _tell, _write
from overread.journey.reporting.actions.drafting import _person_of
from overread.journey.reporting.models import ReportVersion
from overread.journey.reporting.rules import (
    SECTIONS,
    Kind,
    addendum_purpose,
    canonical_text,
    cleaned,
    correction_faults,
    correction_purpose,
    text_hash,
)


def _newest(report_id: UUID, based_on_sha256: str) -> tuple[Any, case_queries.CaseView]:
    """The version that was read, if it is still the one that stands (H10)."""
    base = ReportVersion.objects.filter(id=report_id).first()
    case = case_queries.case(base.case_id) if base else None
    if base is None or case is None:
        raise NotFound
    newest = queries.latest(case.id)
    if newest is None or newest.id != report_id or base.text_sha256 != based_on_sha256:
        raise Conflict(
            "Another version was signed meanwhile. Read it first, then add to that one.", code="stale-report"
        )
    return base, case


@action("report.addend")
def addend(
    *,
    actor: Actor,
    report_id: UUID,
    based_on_sha256: str,
    text: str,
    presence_token: str,
    alert: Mapping[str, str] | None = None,
    gate_reason: str = "",
) -> UUID:
    """Sign an addendum to a signed version; the version itself stays as it is (REQ-39, H10).

    Args:
        report_id, based_on_sha256: the version as the author read it; it must still be the newest.
        text: the addendum.
        presence_token: proof for rules.addendum_purpose of these words and that version.
        gate_reason: why it is signed although a soft gate is shut.

    Raises:
        Conflict: another version was signed meanwhile, or the proof does not fit.
        BadInput: there is no text, or a soft gate is shut and has no reason.
        NotAllowed: a hard gate is shut.
    """
    base, case = _newest(report_id, based_on_sha256)
    if base.kind == Kind.PRELIMINARY:
        raise Conflict("A preliminary report takes no addendum. Sign the final one in its place.", code="preliminary")
    passed = _gate(base.read_id, _person_of(actor), gate_reason, base.answers)
    words = cleaned(text)
    if len(words) < 5:
        raise BadInput("An addendum needs its text.", errors={"text": "Write what is to be added."})
    purpose = addendum_purpose(based_on_sha256, words)
    presence_id = accounts.use_presence(actor=actor, token=presence_token, purpose=purpose)
    sections = {"addendum": words}
    row = _write(
        actor,
        case,
        kind=Kind.ADDENDUM,
        read_id=base.read_id,
        adds_to_id=base.id,
        adds_to_sha256=base.text_sha256,
        sections=sections,
        text=canonical_text(sections),
        answers={},
        presence_id=presence_id,
        alert=alert or {},
        passed=passed,
    )
    cases.addend(actor=actor, case_id=case.id)
    _tell(row)
    return UUID(str(row.id))


@action("report.correct")
def correct(
    *,
    actor: Actor,
    report_id: UUID,
    based_on_sha256: str,
    sections: Mapping[str, str],
    seen_sha256: str,
    code: str,
    reason: str,
    presence_token: str,
    answers: Mapping[str, str] | None = None,
    alert: Mapping[str, str] | None = None,
    gate_reason: str = "",
) -> UUID:
    """Sign a corrected version in place of the one that stands; that one stays readable as it was signed (REQ-39, H10).

    Args:
        report_id, based_on_sha256: the version as the author read it; it must still be the newest.
        sections: all sections of the corrected text.
        seen_sha256: of the text whose difference was shown to the signer (H17).
        code, reason: why, coded and in words; both stand on page 1 of the new version.
        presence_token: proof for rules.correction_purpose of this text in place of that version.
        answers: to the checks, as at signing.
        alert: what somebody must hear of, as at signing; a changed alert is told again in any case.
        gate_reason: why it is signed although a soft gate is shut.

    Raises:
        Conflict: another version was signed meanwhile, the base is preliminary, or the text is not what was shown.
        BadInput: no reason, no difference, or checks stand open; errors name them.
        NotAllowed: a hard gate is shut.
    """
    base, case = _newest(report_id, based_on_sha256)
    if base.kind == Kind.PRELIMINARY:
        raise Conflict("A preliminary report is not corrected. Sign the final one in its place.", code="preliminary")
    answers = {**base.answers, **(answers or {})}
    passed = _gate(base.read_id, _person_of(actor), gate_reason, answers)
    kept = {name: cleaned(sections.get(name, "")) for name in SECTIONS}
    faults = correction_faults(code, reason, queries.standing(case.id), kept)
    if faults:
        raise BadInput("The correction was not signed.", errors=faults)
    text = canonical_text(kept)
    if text_hash(text) != seen_sha256:
        raise Conflict("The text was changed since its difference was shown. Look at it once more.", code="not-seen")
    facts = queries.facts_for(base.read_id, _person_of(actor), alert=bool(alert))
    _refuse_open(kept, answers, facts)
    purpose = correction_purpose(based_on_sha256, seen_sha256)
    presence_id = accounts.use_presence(actor=actor, token=presence_token, purpose=purpose)
    row = _write(
        actor,
        case,
        kind=Kind.CORRECTED,
        read_id=base.read_id,
        adds_to_id=base.id,
        adds_to_sha256=base.text_sha256,
        correction_code=code,
        correction_reason=cleaned(reason),
        sections=kept,
        text=text,
        answers=answers,
        presence_id=presence_id,
        alert=alert or {},
        passed=passed,
    )
    cases.addend(actor=actor, case_id=case.id)
    _tell(row)
    return UUID(str(row.id))

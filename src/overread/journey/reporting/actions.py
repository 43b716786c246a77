"""Verbs of reporting: begin, save, sign, addend. A signed version is written once and never again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F

from overread.foundation.accounts import actions as accounts
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.equipment import queries as equipment
from overread.journey.allocation import actions as allocation
from overread.journey.allocation import queries as claims
from overread.journey.allocation.rules import Ended
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.reporting import queries
from overread.journey.reporting.events import GatePassed, ReportSigned, ReportToWrite, ReportWritten
from overread.journey.reporting.models import AlertMark, Draft, GateMark, ReportFile, ReportVersion
from overread.journey.reporting.rules import (
    EDITABLE,
    CaseFacts,
    Kind,
    Passing,
    addendum_purpose,
    canonical_text,
    check,
    cleaned,
    open_checks,
    passing,
    report_purpose,
    text_hash,
)


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed("Only a person writes a report.")
    return actor.person_id


def _held(read_id: UUID, person_id: UUID) -> case_queries.ReadView:
    read = case_queries.read(read_id)
    if read is None:
        raise NotFound
    if not claims.holds(read_id, person_id):
        raise Conflict(
            "This read is no longer yours: it was taken over, handed back, or its lease ran out. Your draft is kept. "
            "Claim the read again to go on.",
            code="lease-lost",
        )
    return read


@action("report.begin")
def begin(*, actor: Actor, read_id: UUID, sections: Mapping[str, str]) -> UUID:
    """Begin a draft with what is known already; an existing draft is left as it is.

    Args:
        sections: first text of each section, such as the indication from the referral.

    Raises:
        Conflict: the read is not this person's.
    """
    person_id = _person(actor)
    read = _held(read_id, person_id)
    at = current_unit().at
    row, made = Draft.objects.get_or_create(
        client_id=read.client_id,
        read_id=read_id,
        author_id=person_id,
        defaults={
            "case_id": read.case_id,
            "sections": {k: cleaned(v) for k, v in sections.items() if k in EDITABLE},
            "begun_at": at,
            "saved_at": at,
        },
    )
    words = "begun" if made else "found"
    note(subject=("draft", row.id), client_id=read.client_id, case_id=read.case_id, words=words)
    return UUID(str(row.id))


@action("report.save_draft")
def save_draft(
    *, actor: Actor, read_id: UUID, version: int, sections: Mapping[str, str], answers: Mapping[str, str]
) -> int:
    """Keep what was typed (H19). The version must be the one that the page was made from.

    Args:
        version: of the draft as the page knows it.
        sections: all sections as typed.
        answers: answers to checks, by code.

    Returns:
        The new version.

    Raises:
        Conflict: the read is not this person's, or another window saved meanwhile; nothing is overwritten.
    """
    person_id = _person(actor)
    read = _held(read_id, person_id)
    kept = {name: str(sections.get(name, ""))[:20_000] for name in EDITABLE}
    saved = Draft.objects.filter(read_id=read_id, author_id=person_id, version=version, signed_at__isnull=True).update(
        sections=kept,
        answers={str(k)[:60]: str(v)[:1000] for k, v in answers.items()},
        version=F("version") + 1,
        saved_at=current_unit().at,
    )
    if not saved:
        raise Conflict(
            "This draft was saved from another window, or is signed. Load the page again to see it; nothing was "
            "overwritten.",
            code="stale-draft",
        )
    facts = {"version": version + 1, "lengths": {k: len(v) for k, v in kept.items()}}
    note(subject=("read", read_id), client_id=read.client_id, case_id=read.case_id, facts=facts)
    return version + 1


def _gate(read_id: UUID, person_id: UUID, why: str, answers: Mapping[str, str]) -> Passing:
    """Every gate is looked at again at signing: hard ones refuse, soft ones ask for a reason (H12, H33)."""
    found = passing(claims.gates(read_id, person_id), why, cleaned(answers.get("images-incomplete", "")))
    if found.refused:
        raise NotAllowed(f"You may not sign this report: {'; '.join(found.refused)}.", code="not-privileged")
    if found.asked:
        words = "; ".join(r.words for r in found.asked)
        said = "Write why the report is signed all the same; it stands on the report, and the manager is told."
        raise BadInput(f"{words}. {said}", errors={"gate_reason": f"{words}. {said}"}, code="gates")
    return found


def _same_text(draft: Draft, version: int, seen_sha256: str) -> str:
    """What is signed is what was seen (H17): the draft's version and the hash shown on the page must be the draft's."""
    text = canonical_text(draft.sections)
    if draft.version != version or text_hash(text) != seen_sha256:
        raise Conflict(
            "The text was changed since this page was shown, perhaps in another window. Nothing was signed. Load the "
            "page again and read it once more.",
            code="stale-draft",
        )
    return text


def _refuse_open(sections: Mapping[str, str], answers: Mapping[str, str], facts: CaseFacts) -> None:
    left = open_checks(check(sections, facts), answers)
    if left:
        raise BadInput("The report cannot be signed yet.", errors={c.code: c.words for c in left}, code="checks")


@action("report.sign")
def sign(
    *,
    actor: Actor,
    read_id: UUID,
    version: int,
    seen_sha256: str,
    presence_token: str,
    facts: CaseFacts,
    alert: Mapping[str, str] | None = None,
    gate_reason: str = "",
) -> UUID:
    """Sign a report as its interpreter (REQ-39, H16, H17, H18).

    Args:
        version, seen_sha256: of the draft as it was shown to the signer.
        presence_token: proof that the signer is there, for rules.report_purpose of the seen text.
        facts: what is known besides the text, for the checks.
        alert: {"category", "finding", "side"} when an alert is to go out with the signature.
        gate_reason: why it is signed although a soft gate is shut.

    Returns:
        The id of the signed version.

    Raises:
        Conflict: stale page, lost claim, used proof of presence.
        NotAllowed: a hard gate is shut.
        BadInput: checks stand open, or a soft gate is shut and has no reason; errors name them by code.
    """
    person_id = _person(actor)
    read = _held(read_id, person_id)
    case = case_queries.case(read.case_id)
    draft = Draft.objects.filter(read_id=read_id, author_id=person_id, signed_at__isnull=True).first()
    if case is None or draft is None:
        raise NotFound
    passed = _gate(read_id, person_id, gate_reason, draft.answers)
    text = _same_text(draft, version, seen_sha256)
    _refuse_open(draft.sections, draft.answers, facts)
    presence_id = accounts.use_presence(actor=actor, token=presence_token, purpose=report_purpose(seen_sha256))
    at = current_unit().at
    Draft.objects.filter(id=draft.id).update(signed_at=at)
    row = _write(
        actor,
        case,
        kind=Kind.FINAL,
        read_id=read_id,
        sections=draft.sections,
        text=text,
        answers=draft.answers,
        presence_id=presence_id,
        alert=alert or {},
        passed=passed,
    )
    cases.sign_read(actor=actor, read_id=read_id, reader_id=person_id, signed_at=at)
    allocation.end_with(actor=actor, read_id=read_id, how=Ended.SIGNED)
    _tell(row)
    return UUID(str(row.id))


def _write(
    actor: Actor, case: case_queries.CaseView, *, kind: Kind, alert: Mapping[str, str], passed: Passing, **values: Any
) -> Any:
    person_id = _person(actor)
    banner = case_queries.banner(case.id)
    number = len(queries.reports_of(case.id)) + 1
    text_sha256 = text_hash(values["text"])
    image_set_sha256 = queries.image_set(case.id)
    used = equipment.used_by(person_id, current_unit().at)
    row = ReportVersion.objects.create(
        client_id=case.client_id,
        case_id=case.id,
        kind=kind,
        number=number,
        text_sha256=text_sha256,
        image_set_sha256=image_set_sha256,
        facts=_facts_of(case, banner),
        passed_gates=list(passed.passed),
        display=used.as_json(),
        alert_category=alert.get("category", ""),
        alert_finding=alert.get("finding", ""),
        alert_side=alert.get("side", ""),
        signed_by_id=person_id,
        signed_by_words=queries.signer_words(person_id),
        signed_at=current_unit().at,
        **values,
    )
    facts = {"number": number, "kind": str(kind), "sha256": text_sha256, "images": image_set_sha256}
    facts |= {"workstation": used.workstation_id, "display_check": used.check_id}
    facts |= {"gates": [p["gate"] for p in passed.passed]} if passed.passed else {}
    note(subject=("report", row.id), client_id=case.client_id, case_id=case.id, facts=facts)
    if passed.by_reader:
        _mark_gates(row, [p for p in passed.passed if p["by"] == "reader"])
    return row


def _mark_gates(row: Any, gates: list[dict[str, str]]) -> None:
    """Put a version that was signed through a soft gate before the registered manager."""
    place = {"client_id": row.client_id, "case_id": row.case_id}
    GateMark.objects.create(report=row, gates=gates, signed_by_id=row.signed_by_id, at=row.signed_at, **place)
    names = tuple(g["gate"] for g in gates)
    publish(GatePassed(**place, report_id=row.id, signed_by=row.signed_by_id, gates=names))


@action("report.see_gate_mark")
def see_gate_mark(*, actor: Actor, report_id: UUID) -> None:
    """The registered manager has seen that a version was signed through a soft gate.

    Raises:
        NotFound: there is no such mark.
        NotAllowed: it is the actor's own signature.
    """
    mark = GateMark.objects.filter(report_id=report_id).first()
    if mark is None:
        raise NotFound
    if mark.signed_by_id == _person(actor):
        raise NotAllowed("Nobody closes what concerns themselves. Ask another manager.")
    GateMark.objects.filter(id=mark.id, seen_at__isnull=True).update(seen_at=current_unit().at, seen_by=actor.person_id)
    note(subject=("report", report_id), client_id=mark.client_id, case_id=mark.case_id, words="gate-mark-seen")


def _facts_of(case: case_queries.CaseView, banner: Any) -> dict[str, str]:
    """Whom the report names: a signed report keeps its demographics (H26)."""
    names = ("family", "given", "sex", "age", "born", "nhs_number", "identifier", "examination", "side", "accession")
    found = {name: getattr(banner, name, "") for name in names}
    return {**found, "client": getattr(banner, "client_name", ""), "case": case.number, "question": case.question}


def _tell(row: Any) -> None:
    publish(
        ReportSigned(
            client_id=row.client_id,
            case_id=row.case_id,
            report_id=row.id,
            read_id=row.read_id,
            kind=row.kind,
            signed_by=row.signed_by_id,
            alert_category=row.alert_category,
        )
    )
    publish(ReportToWrite(client_id=row.client_id, case_id=row.case_id, report_id=row.id))


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
    base = ReportVersion.objects.filter(id=report_id).first()
    case = case_queries.case(base.case_id) if base else None
    if base is None or case is None:
        raise NotFound
    passed = _gate(base.read_id, _person(actor), gate_reason, base.answers)
    newest = queries.latest(case.id)
    if newest is None or newest.id != report_id or base.text_sha256 != based_on_sha256:
        raise Conflict(
            "Another version was signed meanwhile. Read it first, then add to that one.", code="stale-report"
        )
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


@action("report.keep_file")
def keep_file(*, actor: Actor, report_id: UUID, kind: str, key: str, sha256: str, length: int, uid: str = "") -> None:
    """Record a document that was made from a signed version; made twice, the first one counts."""
    row = ReportVersion.objects.filter(id=report_id).first()
    if row is None:
        raise NotFound
    ReportFile.objects.get_or_create(
        client_id=row.client_id,
        report_id=report_id,
        kind=kind,
        defaults={"key": key, "sha256": sha256, "length": length, "uid": uid, "made_at": current_unit().at},
    )
    facts = {"kind": kind, "sha256": sha256, "length": length}
    note(subject=("report", report_id), client_id=row.client_id, case_id=row.case_id, facts=facts)


@action("report.say_written")
def say_written(*, actor: Actor, report_id: UUID) -> None:
    """All documents of a version exist: who waits to deliver them may go on."""
    row = ReportVersion.objects.filter(id=report_id).first()
    if row is None:
        raise NotFound
    note(subject=("report", report_id), client_id=row.client_id, case_id=row.case_id, words="documents-exist")
    publish(ReportWritten(client_id=row.client_id, case_id=row.case_id, report_id=report_id))


@action("report.mark_alerted")
def mark_alerted(*, actor: Actor, case_id: UUID) -> None:
    """Say that an alert was raised for a case, so that the checks before signing know it."""
    case = case_queries.case(case_id)
    if case is None:
        raise NotFound
    AlertMark.objects.get_or_create(
        client_id=case.client_id, case_id=case_id, defaults={"marked_at": current_unit().at}
    )
    note(subject=("case", case_id), client_id=case.client_id, case_id=case_id, words="alerted")

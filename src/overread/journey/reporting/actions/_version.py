"""Writing a signed version: gates, the very text that was seen, the row, and telling of it. Not for other areas."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed
from overread.foundation.work.unit import current_unit
from overread.governance.equipment import queries as equipment
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as case_queries
from overread.journey.reporting import queries
from overread.journey.reporting.actions.drafting import _person_of
from overread.journey.reporting.events import GatePassed, ReportSigned, ReportToWrite
from overread.journey.reporting.models import Draft, GateMark, ReportVersion
from overread.journey.reporting.rules import (
    CORRECTION_CODES,
    CaseFacts,
    Kind,
    Passing,
    canonical_text,
    check,
    cleaned,
    open_checks,
    passing,
    text_hash,
    title_of,
)


def _gate(read_id: UUID, person_id: UUID, why: str, answers: Mapping[str, str]) -> Passing:
    """Every gate is looked at again at signing: hard ones refuse, soft ones ask for a reason (H12, H33)."""
    found = passing(
        claims.gates(read_id, person_id, current_unit().at), why, cleaned(answers.get("images-incomplete", ""))
    )
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


def _write(
    actor: Actor, case: case_queries.CaseView, *, kind: Kind, alert: Mapping[str, str], passed: Passing, **values: Any
) -> Any:
    person_id = _person_of(actor)
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
        read_type=case.read_type,
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
    facts |= {"title": title_of(case.read_type, kind)}
    facts |= {"reason": CORRECTION_CODES[values["correction_code"]]} if kind is Kind.CORRECTED else {}
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

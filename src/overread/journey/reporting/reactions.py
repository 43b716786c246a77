"""What reporting does after a signature: make the documents from the signed text."""

from uuid import UUID

from django.conf import settings

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role as AccountRole
from overread.foundation.accounts.telling import mail_each
from overread.foundation.blobs.current import current
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.governance.credentials.rules import GATE_WORDS
from overread.journey.agreement.rules import ReadType
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.rules import Role
from overread.journey.reporting import actions, queries
from overread.journey.reporting.events import GatePassed, ReportToWrite
from overread.journey.reporting.formats.encapsulated import StudyFacts, encapsulate, uid_of
from overread.journey.reporting.formats.pdf import Document, make_pdf
from overread.journey.reporting.rules import LABELS, SECTIONS, Kind, cleaned, read_on_words, shortened

WRITER = Actor.system("report-writer")


def _document_of(report: queries.ReportView) -> Document:
    """What the PDF of a signed version shows."""
    parts = tuple((LABELS[n], t) for n in SECTIONS if (t := cleaned(report.sections.get(n, ""))))
    alert = f"Alert raised: {report.alert_category.replace('-', ' ')}" if report.alert_category else ""
    base = queries.report(report.adds_to_id) if report.adds_to_id else None
    reason = f"{report.correction_words}. {report.correction_reason}" if report.correction_code else ""
    return Document(
        facts=report.facts,
        parts=parts,
        kind=report.kind,
        number=report.number,
        provider=settings.OVERREAD_PROVIDER_NAME,
        signed_by=report.signed_by_words,
        signed_at=report.signed_at,
        text_sha256=report.text_sha256,
        image_set_sha256=report.image_set_sha256,
        alert_words=alert,
        adds_to=_stood_before(report, base) if base else "",
        gates=tuple(_gate_words(g) for g in report.passed_gates),
        read_on=read_on_words(report.display),
        title=report.title,
        mark="PRELIMINARY: not the final report" if report.kind == Kind.PRELIMINARY else "",
        reason=reason,
        changes=tuple((label, shortened(pieces)) for label, pieces in queries.differences(report)),
    )


def _stood_before(report: queries.ReportView, base: queries.ReportView) -> str:
    """Which version it adds to, or takes the place of."""
    what = "takes the place of" if report.is_whole else "adds to"
    return f"This {what} version {base.number} ({base.kind_words}), signed {base.signed_at:%d %b %Y, %H:%M} UTC."


def _gate_words(gate: dict[str, str]) -> str:
    if gate["by"] == "manager":
        return f"Signed under an override: {gate['words']}."
    return f"Signed although: {gate['words']}. Reason: {gate['reason']}"


def _keep(report: queries.ReportView, kind: str, data: bytes, uid: str = "") -> None:
    ref = current().put(data)
    actions.keep_file(
        actor=WRITER, report_id=report.id, kind=kind, key=ref.key, sha256=ref.sha256, length=ref.length, uid=uid
    )


def _study_facts(report: queries.ReportView) -> StudyFacts | None:
    current_studies = [s for s in cases.studies_of(report.case_id) if s.role == Role.CURRENT]
    study = archive.study(current_studies[0].study_id) if current_studies else None
    if study is None:
        return None
    return StudyFacts(
        study_uid=study.uid,
        study_date=study.study_date,
        accession=study.accession,
        description=study.description,
        patient_name=study.patient_name,
        patient_id=study.identifier,
        issuer=study.issuer,
        birth_date=study.birth_date,
        sex=study.sex,
    )


def _kept_pdf(report_id: UUID) -> bytes:
    kept = queries.file_of(report_id, "pdf")
    return current().read_range(kept.key, 0, kept.length) if kept else b""


@on(ReportToWrite)
def write_documents(event: ReportToWrite) -> None:
    """Make the PDF and its DICOM object, keep both durably, and say that they exist; done twice, it changes nothing."""
    report = queries.report(event.report_id)
    if report is None:
        return
    pdf = _kept_pdf(report.id)
    if not pdf:
        pdf = make_pdf(_document_of(report))
        _keep(report, "pdf", pdf)
    study = _study_facts(report)
    if study is not None and queries.file_of(report.id, "encapsulated") is None:
        made = encapsulate(
            pdf,
            report_id=report.id,
            number=report.number,
            signed_at=report.signed_at,
            study=study,
            title=report.title,
            opinion=report.read_type != ReadType.PRIMARY,
        )
        _keep(report, "encapsulated", made, uid=uid_of(report.id, "instance"))
    actions.say_written(actor=WRITER, report_id=report.id)


TEXT = """{signer} signed a report although a gate was shut: {gates}.
The reason stands on the report. Open it, and put right what is missing:
{link}

This message holds no patient details.
"""


@on(GatePassed)
def tell_manager(event: GatePassed) -> None:
    """Tell every registered manager at once that a report was signed through a soft gate (H33)."""
    gates = ", ".join(GATE_WORDS.get(g, g).lower() for g in event.gates)
    link = f"{settings.OVERREAD_URL}/reports/{event.report_id}/"
    signer = accounts.person_name(event.signed_by)
    text = TEXT.format(signer=signer, gates=gates, link=link)
    managers = accounts.people_with_role(AccountRole.REGISTERED_MANAGER)
    mail_each(f"gate-{event.report_id}", managers, "A report was signed through a gate", text, event.client_id)

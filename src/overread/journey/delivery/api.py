"""Operations on reports: which versions there are, their text by sections, and the PDF."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from overread.foundation.blobs.current import current
from overread.foundation.interface.changes import Kind
from overread.foundation.interface.door import Token, actor_of, caller_of
from overread.foundation.interface.values import problems
from overread.foundation.ledger.queries import EntryView
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound
from overread.journey.case import queries as cases
from overread.journey.delivery import actions, queries
from overread.journey.delivery.queries import DeliveryView
from overread.journey.reporting import queries as reports
from overread.journey.reporting.queries import ReportView
from overread.journey.reporting.rules import LABELS, SECTIONS

router = Router(tags=["Reports"])


def _of_portal(entry: EntryView) -> bool:
    return entry.facts.get("channel") == "portal"


CHANGES: dict[str, Kind] = {
    "delivery.publish": Kind(
        "report.published",
        "A signed version can be fetched",
        "report",
        only=_of_portal,
        subject=lambda entry: ("report", str(entry.facts.get("report", ""))),
    )
}
"""What the feed of changes tells of this stage, by verb."""

PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


class VersionOut(Schema):
    """A signed version of a report; it never changes."""

    id: UUID
    case_id: UUID
    number: int = Field(..., description="Version within the case, from 1")
    kind: str = Field(..., description="preliminary, final, addendum or corrected")
    kind_words: str
    title: str
    signed_at: datetime
    signed_by: str = Field(..., description="As the report names the signer")
    published_at: datetime = Field(..., description="Since when it can be fetched")
    adds_to: UUID | None = Field(
        None, description="The version before it, which an addendum adds to and any other replaces"
    )
    opened_at: datetime | None = Field(None, description="When somebody of the client, or its system, first opened it")
    opened_by: str
    is_newest: bool = Field(..., description="False: a newer version can be fetched; show it instead, or with it")


class VersionsOut(Schema):
    """The versions of a case, oldest first; empty until one is published."""

    reports: list[VersionOut]


class SectionOut(Schema):
    """One section of the text."""

    name: str = Field(..., examples=["conclusion"])
    label: str = Field(..., examples=["Conclusion"])
    text: str


class ReportOut(VersionOut):
    """A signed version with its text."""

    case_number: str
    accession: str
    sections: list[SectionOut] = Field(..., description="In the order of the document")
    text: str = Field(..., description="The whole text, exactly as it was signed")
    text_sha256: str = Field(..., description="SHA-256 of that text in UTF-8")
    image_set_sha256: str = Field(..., description="Of the images that it is about")
    correction_reason: str = Field(..., description="Why it replaces the version before; empty for others")
    alert_category: str = Field(..., description="The class of the finding that was alerted at signing; empty for none")
    alert_finding: str
    pdf_sha256: str = Field(..., description="Of the PDF; empty while it is being written")
    pdf_length: int


def _version(view: DeliveryView, report: ReportView, newest: int) -> dict[str, Any]:
    copied = ("id", "case_id", "number", "kind", "kind_words", "title", "signed_at")
    return {
        **{name: getattr(report, name) for name in copied},
        "signed_by": report.signed_by_words,
        "published_at": view.sent_at,
        "adds_to": report.adds_to_id,
        "opened_at": view.opened_at,
        "opened_by": view.opened_by,
        "is_newest": report.number == newest,
    }


def _versions(case_id: UUID) -> list[dict[str, Any]]:
    views = queries.published_of_case(case_id)
    known = reports.reports_by_id(v.report_id for v in views)
    newest = max((r.number for r in known.values()), default=0)
    found = [_version(v, known[v.report_id], newest) for v in views]
    return sorted(found, key=lambda one: int(one["number"]))


@router.get(
    "/cases/{uuid:case_id}/reports",
    auth=Token("report"),
    response={200: VersionsOut, **problems(404)},
    operation_id="reports",
    url_name="reports",
    summary="The signed versions of a case",
)
def versions(request: HttpRequest, case_id: UUID) -> Any:
    """Every version that may be fetched, without its text. A version that its reader can still recall is not among them."""
    if cases.case(case_id) is None:
        raise NotFound
    return {"reports": _versions(case_id)}


def _opened(request: HttpRequest, report_id: UUID) -> tuple[DeliveryView, ReportView]:
    """A published version, after it was recorded who opens it: no byte of it goes out before that.

    Raises:
        NotFound: there is none in scope, or it is not published yet.
    """
    view, report = queries.published_report(report_id), reports.report(report_id)
    if view is None or report is None:
        raise NotFound
    caller = caller_of(request)
    actor = actor_of(request)
    opened(actor=actor, kind="report", subject_id=report_id, client_id=view.client_id, case_id=view.case_id)
    system = f"{caller.name or 'a system'} (system of {caller.client_name})"
    actions.mark_opened(actor=actor, delivery_id=view.id, by=system)
    again = queries.published_report(report_id)
    return again or view, report


@router.get(
    "/reports/{uuid:report_id}",
    auth=Token("report"),
    response={200: ReportOut, **problems(404)},
    operation_id="report",
    url_name="report",
    summary="One signed version with its text",
)
def one(request: HttpRequest, report_id: UUID) -> Any:
    """The text by sections and as it was signed. That your system opened it is recorded first, and shown in the portal.

    Fetching a report means that your system has it. It acknowledges no alert: see /alerts.
    """
    view, report = _opened(request, report_id)
    versions = {r["id"]: r for r in _versions(report.case_id)}
    made, case = reports.file_of(report_id, "pdf"), cases.case(report.case_id)
    copied = ("text", "text_sha256", "image_set_sha256", "alert_category", "alert_finding")
    reason = ". ".join(part for part in (report.correction_words, report.correction_reason) if part)
    return {
        **versions[view.report_id],
        **{name: getattr(report, name) for name in copied},
        "case_number": case.number if case else "",
        "accession": case.accession if case else "",
        "sections": [
            {"name": n, "label": LABELS[n], "text": text}
            for n in SECTIONS
            if (text := report.sections.get(n, "")).strip()
        ],
        "correction_reason": reason,
        "pdf_sha256": made.sha256 if made else "",
        "pdf_length": made.length if made else 0,
    }


@router.get(
    "/reports/{uuid:report_id}/pdf",
    auth=Token("report"),
    response={200: None, **problems(404)},
    operation_id="reportPdf",
    url_name="report-pdf",
    summary="The PDF of a signed version",
    openapi_extra={"responses": {200: {"description": "The document", "content": PDF}}},
)
def pdf(request: HttpRequest, report_id: UUID) -> Any:
    """The same document as in the portal. That your system opened it is recorded first."""
    made = reports.file_of(report_id, "pdf") if queries.published_report(report_id) else None
    if made is None:
        raise NotFound
    _, report = _opened(request, report_id)
    data = current().read_range(made.key, 0, made.length)
    name = f"{report.facts.get('case', 'report')}-v{report.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)

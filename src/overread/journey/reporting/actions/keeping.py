"""What is kept about signed versions: their documents, alerts, and gates that were passed."""

from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.case import queries as case_queries
from overread.journey.reporting.actions.drafting import _person_of
from overread.journey.reporting.events import ReportWritten
from overread.journey.reporting.models import AlertMark, GateMark, ReportFile, ReportVersion


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
    if mark.signed_by_id == _person_of(actor):
        raise NotAllowed("Nobody closes what concerns themselves. Ask another manager.")
    GateMark.objects.filter(id=mark.id, seen_at__isnull=True).update(seen_at=current_unit().at, seen_by=actor.person_id)
    note(subject=("report", report_id), client_id=mark.client_id, case_id=mark.case_id, words="gate-mark-seen")


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

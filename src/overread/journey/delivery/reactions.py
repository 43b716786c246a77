"""What delivery does when facts happen: make, release, send, and write what came of it."""

from django.conf import settings

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.channels import Outcome, Outgoing
from overread.foundation.work.reactions import on
from overread.journey.agreement import queries as agreements
from overread.journey.agreement.rules import Peer, ReadType
from overread.journey.case import queries as cases
from overread.journey.delivery import actions, queries
from overread.journey.delivery.events import DeliveryDue
from overread.journey.reporting import queries as reports
from overread.journey.reporting.events import ReportSigned, ReportWritten
from overread.journey.reporting.rules import Kind

COURIER = Actor.system("courier")

NOTICE = """{what} for case {number} waits for you in the portal:
{link}
{more}
This message holds no patient details. Sign in to read the report.
"""


WAITS = {
    Kind.PRELIMINARY: ("A preliminary {document}", "It is not the final one, which takes its place."),
    Kind.ADDENDUM: ("An addendum to a {document}", "Read it with the version it adds to."),
    Kind.CORRECTED: (
        "A corrected {document}",
        "It takes the place of the one you have. Page 1 says why and what is different.",
    ),
}
DOCUMENTS = {ReadType.SECOND_OPINION: "second opinion", ReadType.CLINICAL_REVIEW: "clinical review"}


def _what_waits(report: reports.ReportView) -> tuple[str, str]:
    """What a notice says of a version: what it is, and what to do with it. Never a word about the patient."""
    what, more = WAITS.get(Kind(report.kind), ("A {document}", ""))
    return what.format(document=DOCUMENTS.get(ReadType(report.read_type), "report")), f"{more}\n" if more else ""


@on(ReportSigned)
def make_deliveries(event: ReportSigned) -> None:
    """A signature makes its deliveries in the same transaction, so that none can be forgotten."""
    actions.make(actor=COURIER, report_id=event.report_id)


@on(DeadlineFired, kind=actions.RELEASE_KIND)
def let_it_leave(event: DeadlineFired) -> None:
    """The recall window, or the wait before another attempt, is over."""
    actions.release(actor=COURIER, delivery_id=event.subject_id)


@on(DeadlineFired, kind=actions.RECEIPT_KIND)
def nothing_came_back(event: DeadlineFired) -> None:
    """Nobody on the other side has accepted it in time: a person must look."""
    actions.doubt_receipt(actor=COURIER, delivery_id=event.subject_id)


@on(ReportWritten)
def documents_are_there(event: ReportWritten) -> None:
    """What was released before its documents existed leaves now."""
    actions.documents_exist(actor=COURIER, report_id=event.report_id)


@on(DeliveryDue)
def deliver(event: DeliveryDue) -> None:
    """Make one attempt: intent, sending, result."""
    view = queries.delivery(event.delivery_id)
    if view is None or not actions.begin_attempt(actor=COURIER, delivery_id=event.delivery_id, attempt=event.attempt):
        return
    outcome = _by_portal(view) if view.channel == "portal" else _by_dicom(view)
    actions.record_result(
        actor=COURIER,
        delivery_id=view.id,
        attempt=event.attempt,
        result=outcome.state,
        detail=outcome.detail,
        remote_id=outcome.remote_id,
    )


def _by_portal(view: queries.DeliveryView) -> Outcome:
    """Published first, then told by e-mail; a notice that no mail server took leaves it sent until it is opened."""
    actions.publish_in_portal(actor=COURIER, delivery_id=view.id)
    people = [
        p
        for role in (Role.CLIENT_USER, Role.CLIENT_ADMINISTRATOR)
        for p in accounts.people_with_role(role, view.client_id)
    ]
    case = cases.case(view.case_id)
    report = reports.report(view.report_id)
    what, more = _what_waits(report) if report else ("A report", "")
    link = f"{settings.OVERREAD_URL}/portal/reports/{view.report_id}/"
    text = NOTICE.format(what=what, number=case.number if case else "", link=link, more=more)
    outcomes = [
        channels.send(
            "email",
            Outgoing(
                key=f"report-{view.id}-{person.id}",
                client_id=view.client_id,
                to=person.email,
                payload={"subject": f"{what} waits for you", "text": text},
            ),
        )
        for person in {p.id: p for p in people}.values()
    ]
    if any(outcome.state == "accepted" for outcome in outcomes):
        return Outcome(state="accepted", detail="published, and a notice taken by the mail server")
    return Outcome(state="sent", detail="published; no notice could be sent")


def _by_dicom(view: queries.DeliveryView) -> Outcome:
    """The encapsulated PDF to the client's own node, under a UID that a repeat shares (H06).

    What takes the place of an earlier version, or adds to it, goes to every node that was sent one, also when another
    node is agreed by now: nobody keeps a report without hearing that it changed (REQ-39, H10).
    """
    made = reports.file_of(view.report_id, "encapsulated")
    if made is None:
        return Outcome(state="refused", detail="This report has no images, so it cannot be a DICOM object.")
    peers = _peers(view)
    if not peers:
        return Outcome(state="refused", detail="No DICOM node is agreed with this client.")
    outcomes = []
    for peer in peers:
        payload = {"host": peer.host, "port": peer.port, "tls": peer.tls, "key": made.key, "sha256": made.sha256}
        outgoing = Outgoing(key=made.uid, client_id=view.client_id, to=peer.aet, payload=payload)
        outcomes.append((peer, channels.send("dicom", outgoing)))
    worst = ("refused", "retry", "sent", "accepted")
    peer, outcome = min(outcomes, key=lambda one: worst.index(one[1].state) if one[1].state in worst else 0)
    if len(outcomes) == 1 or outcome.state == "accepted":
        return outcome
    return Outcome(state=outcome.state, detail=f"{peer.aet}: {outcome.detail}", remote_id=outcome.remote_id)


def _peers(view: queries.DeliveryView) -> list[Peer]:
    """The node agreed now, and those to which earlier versions of the case were sent."""
    times = [d.sent_at for d in queries.deliveries_of_case(view.case_id) if d.channel == "dicom" and d.sent_at]
    terms = [agreements.terms_for(view.client_id), *(agreements.terms_for(view.client_id, at) for at in times)]
    return list(dict.fromkeys(t.dicom_peer for t in terms if t.dicom_peer is not None))

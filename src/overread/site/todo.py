"""What the homes of staff ask for: each source says what must be done, by when, and where; joined in one place."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from overread.foundation.clients.queries import names
from overread.foundation.clock import queries as clock
from overread.foundation.thresholds import current
from overread.foundation.ui import slots
from overread.foundation.ui.values import ToDo
from overread.foundation.work import queries as work
from overread.journey.case import queries as cases
from overread.journey.delivery import queries as delivery
from overread.journey.escalation import queries as escalation
from overread.journey.reception import queries as reception
from overread.journey.reception.rules import HOLD_WORDS, WHAT_TO_DO, HoldReason
from overread.journey.referral import queries as referral
from overread.site.registers import page_of

SHOWN = 12  # lines of one kind; a longer list is a page of its own
WEEK = timedelta(days=7)


def alerts(_request: HttpRequest) -> Iterator[ToDo]:
    """Alerts that nobody has taken, and the calls that their ladders ask for."""
    for alert in escalation.open_alerts():
        yield ToDo(
            title=f"Alert {alert.number}: nobody has taken it",
            detail="The ladder climbs by itself; telephone when it asks you to.",
            url=reverse("escalation:detail", args=[alert.id]),
            action="Open the alert",
            state="crit",
            due_at=alert.must_by,
            start_at=alert.raised_at,
        )
    for alert, call in escalation.calls_due():
        yield ToDo(
            title=f"Telephone {call.contact_name}",
            detail=f"{call.address}, about alert {alert.number}.",
            url=reverse("escalation:detail", args=[alert.id]),
            action="Call now",
            state="crit",
            due_at=alert.next_step_at,
            minutes=10,
        )


def late_cases(_request: HttpRequest) -> Iterator[ToDo]:
    """Reads that are late, or due within the hour, and whose clock runs."""
    at = timezone.now()
    for card in cases.read_cards():
        if card.due_at is None or card.due_at >= at + current.duration("allocation.soon") or card.paused:
            continue
        late = card.due_at < at
        taken = "A reader holds it" if card.reader_id else "Nobody has claimed it"
        yield ToDo(
            title=f"{card.case_number} {'is late' if late else 'is due within the hour'}",
            detail=f"{card.examination}, {card.client_name}. {taken}.",
            url=reverse("case:detail", args=[card.case_id]),
            action="Open the case",
            state="crit" if late else "urg",
            due_at=card.due_at,
            start_at=card.received_at,
        )


def unmatched(_request: HttpRequest) -> Iterator[ToDo]:
    """Studies that wait for their referral."""
    found = referral.unmatched(SHOWN)
    known = names(one.study.client_id for one in found)
    for one in found:
        count = len(one.pairs)
        fits = (
            f"{count} referral{'s' if count > 1 else ''} may fit"
            if count
            else "No referral fits: ask the client for it"
        )
        yield ToDo(
            title=f"Match {one.study.examination} of {one.study.name or 'a patient whose name was not sent'}",
            detail=f"{known.get(one.study.client_id, '')}. {fits}.",
            url=reverse("referral:match", args=[one.study.id]),
            action="Compare",
            state="warn",
            since=one.study.first_at,
            minutes=6,
        )
    more = reception.without_case_count() - len(found)
    if more > 0:
        yield _more(more, "more studies wait for a referral", "referral:matching")


def holds(_request: HttpRequest) -> Iterator[ToDo]:
    """Held studies, one by one, and objects in quarantine."""
    found = reception.held(SHOWN)
    known = names(hold.client_id for hold in found)
    for hold in found:
        reason = HoldReason(hold.reason)
        yield ToDo(
            title=f"Held: {hold.examination} of {hold.name or 'a patient whose name was not sent'}",
            detail=f"{known.get(hold.client_id, '')}. {HOLD_WORDS[reason]} {WHAT_TO_DO[reason]}",
            url=reverse("reception:hold", args=[hold.id]),
            action="Decide",
            state="hold",
            since=hold.opened_at,
            minutes=8,
        )
    more = reception.held_count() - len(found)
    if more > 0:
        yield _more(more, "more studies are held", "reception:held")
    apart = reception.quarantined(limit=1)
    if apart:
        count = reception.quarantined_count()
        yield ToDo(
            title=f"{count} object{'s' if count > 1 else ''} in quarantine",
            detail="Damaged or unsupported. Let in what is of use; ask the client to send the rest again.",
            url=reverse("reception:held") + "#quarantine",
            action="Look at them",
            state="hold",
            since=apart[0].received_at,
        )


def questions(_request: HttpRequest) -> Iterator[ToDo]:
    """Answers of clients that nobody has taken up, and clients who do not answer although they were reminded."""
    waiting = [*referral.open_queries("provider"), *(q for q in referral.open_queries("client") if q.call_due)]
    numbers = {case_id: case.number for case_id, case in cases.cases({q.case_id for q in waiting}).items()}
    for one in waiting[:SHOWN]:
        answered = not one.waits_for_client
        yield ToDo(
            title=f"{numbers.get(one.case_id, '')}: {one.subject}",
            detail="The client wrote: answer, or close the question."
            if answered
            else f"No answer after {one.reminders} reminders: telephone the client.",
            url=reverse("case:detail", args=[one.case_id]),
            action="Read it" if answered else "Open the case",
            state="warn" if answered else "urg",
            since=one.turned_at,
        )


def _more(count: int, words: str, url_name: str) -> ToDo:
    return ToDo(
        title=f"{count} {words}",
        detail="They are on the page of their own, oldest first.",
        url=reverse(url_name),
        action="See all",
        state="hold",
    )


def failed_deliveries(_request: HttpRequest) -> Iterator[ToDo]:
    """Reports that the client has not got."""
    for one in delivery.failed():
        case = cases.case(one.case_id)
        yield ToDo(
            title=f"Delivery failed: {one.channel_words}",
            detail=f"{case.number if case else 'A case'}: {one.last_error}",
            url=reverse("delivery:failed"),
            action="Send again",
            state="crit",
            since=one.made_at,
        )


def failed_jobs(_request: HttpRequest) -> Iterator[ToDo]:
    """Work in the background that gave up."""
    failed = work.health().failed
    if failed:
        yield ToDo(
            title=f"{failed} background job{'s' if failed > 1 else ''} failed",
            detail="Something was not done. The page of the system says what.",
            url=reverse("health:system"),
            action="See what failed",
            state="crit",
        )


def duties(request: HttpRequest) -> Iterator[ToDo]:
    """What the registers ask of this person within a week; of others, what is overdue, for who may have them told again."""
    at = timezone.now()
    person = request.person_view  # type: ignore[attr-defined]
    everybody = person.may("governance.manage")
    for duty in clock.duties():
        own, late = duty.owner_id == person.id, duty.due_at < at
        if not (own and duty.due_at < at + WEEK) and not (everybody and late):
            continue
        who = "" if own else f" {duty.owner_name or 'Nobody is named'}."
        yield ToDo(
            title=duty.title,
            detail=f"{duty.words}.{who}",
            url=page_of(duty),
            action="Open" if own else "See",
            state="urg" if late else "warn",
            due_at=duty.due_at,
            minutes=15 if own else 2,
            chase="" if own or not duty.owner_id else reverse("duties:chase", args=[duty.id]),
        )


# The permission says whose home shows it: who can act on it.
SOURCES = (
    (alerts, "case.see"),
    (late_cases, "hold.resolve"),
    (unmatched, "referral.match"),
    (holds, "hold.resolve"),
    (questions, "referral.match"),
    (failed_deliveries, "delivery.resend"),
    (failed_jobs, "system.see"),
    (duties, "duty.see"),
)


def join() -> None:
    """Fill the homes; called once by site/wiring.py."""
    for ask, permission in SOURCES:
        slots.register_todo(ask, permission)

"""Verbs of escalation: raise, climb, attempt, acknowledge. Nothing here sends; reactions do, after the commit."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.clock import actions as clock
from overread.foundation.clock import queries as calendars
from overread.foundation.clock.rules import add_working_time
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.agreement import queries as agreements
from overread.journey.case import queries as cases
from overread.journey.escalation import queries
from overread.journey.escalation.events import AlertAcknowledged, AlertRaised, AttemptDue, ProviderMustAct
from overread.journey.escalation.models import Alert, Attempt, Link
from overread.journey.escalation.rules import (
    TIME_ALLOWED,
    UNSAID,
    WORKING_DAY,
    Category,
    State,
    Told,
    code_fits,
    link_is_dead,
    missing_from_acknowledgement,
    same_finding,
    step,
    token_hash,
    told_again,
)
from overread.journey.reporting import actions as reporting

RUNG_KIND = "escalation.rung"
BY_MACHINE = ("email", "sms")


def _open(alert_id: UUID) -> Alert:
    row: Alert | None = Alert.objects.select_for_update().filter(id=alert_id).first()
    if row is None:
        raise NotFound
    if row.state != State.OPEN:
        raise Conflict(f"This alert was taken already by {row.closed_by_name}.", code="alert-closed")
    return row


def _climb(actor: Actor, row: Alert, at: datetime) -> None:
    """Tell the rung at hand and set when the next one is due; the deadline stands before anything is sent (H07)."""
    ladder = queries.ladder_of(row.client_id)
    pause = thresholds.duration("escalation.round_pause")
    due = step(ladder, position=row.rung, round=row.round, at=at, now=current_unit().at, round_pause=pause)
    Alert.objects.filter(id=row.id).update(
        rung=due.position + 1, round=due.round, next_step_at=due.next_at, version=F("version") + 1
    )
    clock.set_deadline(
        actor=actor,
        kind=RUNG_KIND,
        subject_id=row.id,
        due_at=due.next_at,
        client_id=row.client_id,
        case_id=row.case_id,
    )
    rung = due.rung
    if rung is None or due.last or rung.channel not in BY_MACHINE:
        publish(ProviderMustAct(client_id=row.client_id, case_id=row.case_id, alert_id=row.id))
    if rung is None:
        return
    attempt = Attempt.objects.create(
        client_id=row.client_id,
        alert=row,
        rung=due.position + 1,
        round=due.round,
        contact_id=rung.contact_id,
        contact_name=rung.name,
        contact_role=rung.role,
        channel=rung.channel,
        address=rung.address,
        intent_at=current_unit().at,
    )
    if rung.channel in BY_MACHINE:
        publish(AttemptDue(client_id=row.client_id, case_id=row.case_id, attempt_id=attempt.id))


def _must_by(client_id: UUID, category: Category, at: datetime) -> datetime:
    """By when an alert must be acknowledged; working days are 9 to 5 by the bank holidays of the client's nation (REQ-43)."""
    allowed = thresholds.threshold(TIME_ALLOWED[category])
    if allowed.unit != "working_days":
        return at + allowed.span()
    calendar = calendars.working_week(agreements.terms_for(client_id).nation, at)
    return add_working_time(calendar, at, allowed.value * WORKING_DAY)


@action("escalation.raise_alert")
def raise_alert(
    *,
    actor: Actor,
    case_id: UUID,
    category: str,
    finding: str,
    side: str = "",
    read_id: UUID | None = None,
    report_id: UUID | None = None,
) -> UUID:
    """Raise an alert and start its ladder at once; it needs no report (REQ-42, H07).

    Args:
        case_id: the case it is about.
        category: one of rules.Category.
        finding: what was found, as the reader says it.
        side: the side that must be said, if there is one.

    Raises:
        NotFound: no such case in scope.
        BadInput: no such category.
    """
    case = cases.case(case_id)
    if case is None:
        raise NotFound
    if category not in set(Category):
        raise BadInput("Choose what kind of finding it is.", errors={"category": "Choose one."})
    if actor.person_id is None:
        raise NotAllowed("A person raises an alert.")
    at = current_unit().at
    count = Alert.objects.filter(case_id=case_id).count()
    row = Alert.objects.create(
        client_id=case.client_id,
        number=f"A{case.number[1:]}-{count + 1}",
        case_id=case_id,
        read_id=read_id,
        report_id=report_id,
        category=category,
        finding=finding.strip() or UNSAID,
        side=side,
        raised_by_id=actor.person_id,
        raised_at=at,
        must_by=_must_by(case.client_id, Category(category), at),
    )
    facts = {"category": category, "alert": str(row.id)}
    note(subject=("alert", row.id), client_id=row.client_id, case_id=case_id, facts=facts)
    reporting.mark_alerted(actor=actor, case_id=case_id)
    _climb(actor, row, at)
    publish(AlertRaised(client_id=row.client_id, case_id=case_id, alert_id=row.id, category=category))
    return row.id


@action("escalation.climb")
def climb(*, actor: Actor, alert_id: UUID, at: datetime) -> bool:
    """Go to the next rung, dated at `at`; an alert that was taken meanwhile is left alone.

    Returns:
        Whether there was anything to do.
    """
    row: Alert | None = Alert.objects.select_for_update().filter(id=alert_id).first()
    if row is None or row.state != State.OPEN:
        note(subject=("alert", alert_id), words="closed-already", client_id=row.client_id if row else None)
        return False
    facts = {"rung": row.rung + 1, "round": row.round}
    note(subject=("alert", row.id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    _climb(actor, row, at)
    return True


@action("escalation.make_link")
def make_link(*, actor: Actor, attempt_id: UUID) -> str:
    """Make the one-time link of an attempt; its code is told by voice, never in the same message.

    Returns:
        The token; only its hash is kept.
    """
    row: Attempt | None = Attempt.objects.filter(id=attempt_id).first()
    if row is None:
        raise NotFound
    token = secrets.token_urlsafe(24)
    at = current_unit().at
    link = Link.objects.create(
        client_id=row.client_id,
        alert_id=row.alert_id,
        attempt=row,
        token_sha256=token_hash(token),
        made_at=at,
        expires_at=at + thresholds.duration("escalation.link_life"),
    )
    facts = {"attempt": str(row.id), "link": str(link.id)}
    note(subject=("alert", row.alert_id), client_id=row.client_id, case_id=row.alert.case_id, facts=facts)
    return token


@action("escalation.record_result")
def record_result(*, actor: Actor, attempt_id: UUID, result: str, detail: str = "", remote_id: str = "") -> None:
    """Write what came of an attempt; one that failed makes the ladder go on at once (invariant 4).

    Args:
        result: "accepted", "sent", "answered", "no-answer", "refused" or "failed".
    """
    row: Attempt | None = Attempt.objects.select_related("alert").filter(id=attempt_id).first()
    if row is None:
        raise NotFound
    at = current_unit().at
    Attempt.objects.filter(id=attempt_id).update(
        result=result, result_at=at, detail=detail[:300], remote_id=remote_id[:200]
    )
    facts = {"attempt": str(attempt_id), "result": result, "channel": row.channel}
    note(subject=("alert", row.alert_id), client_id=row.client_id, case_id=row.alert.case_id, facts=facts)
    ladder = queries.ladder_of(row.client_id)
    newest = row.rung == row.alert.rung and row.round == row.alert.round
    if result in {"refused", "failed", "no-answer"} and newest and row.rung < len(ladder):
        _hasten(actor, row.alert, at)


def _hasten(actor: Actor, row: Alert, at: datetime) -> None:
    if row.state != State.OPEN:
        return
    Alert.objects.filter(id=row.id).update(next_step_at=at)
    clock.set_deadline(
        actor=actor, kind=RUNG_KIND, subject_id=row.id, due_at=at, client_id=row.client_id, case_id=row.case_id
    )


def _close(actor: Actor, row: Alert, *, state: State, name: str, role: str, how: str, read_back: str) -> None:
    closed = Alert.objects.filter(id=row.id, state=State.OPEN, version=row.version).update(
        state=state,
        closed_at=current_unit().at,
        closed_by_name=name.strip(),
        closed_by_role=role.strip(),
        closed_by_person_id=actor.person_id,
        closed_how=how,
        read_back=read_back.strip(),
        next_step_at=None,
        version=F("version") + 1,
    )
    if not closed:
        raise Conflict("Somebody else took this alert a moment before you.", code="alert-closed")
    clock.cancel_deadline(actor=actor, kind=RUNG_KIND, subject_id=row.id)
    facts = {"how": how, "state": str(state)}
    note(subject=("alert", row.id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    publish(AlertAcknowledged(client_id=row.client_id, case_id=row.case_id, alert_id=row.id))


def _demand(row: Alert, name: str, role: str, read_back: str) -> None:
    faults = missing_from_acknowledgement(name=name, role=role, read_back=read_back, side=row.side)
    if faults:
        raise BadInput("The alert is still open: the record lacks something.", errors=faults)


@action("escalation.acknowledge")
def acknowledge(*, actor: Actor, alert_id: UUID, name: str, role: str, read_back: str, how: str = "portal") -> None:
    """A named person takes the alert; the ladder stops (H08).

    Args:
        how: "portal" when that person is signed in, "told" when a member of staff records what was said by voice.

    Raises:
        BadInput: name, role or the finding said back is missing.
        Conflict: it was taken already.
    """
    row = _open(alert_id)
    _demand(row, name, role, read_back)
    _close(actor, row, state=State.ACKNOWLEDGED, name=name, role=role, how=how, read_back=read_back)


@action("escalation.open_link")
def open_link(*, actor: Actor, link_id: UUID) -> None:
    """Somebody opened the link; that is a fact of its own and no acknowledgement."""
    row: Link | None = Link.objects.select_related("alert").filter(id=link_id).first()
    if row is None:
        raise NotFound
    if row.opened_at is None:
        Link.objects.filter(id=link_id, opened_at__isnull=True).update(opened_at=current_unit().at)
    note(subject=("alert", row.alert_id), client_id=row.client_id, case_id=row.alert.case_id, words="link-opened")


@action("escalation.count_wrong_code")
def count_wrong_code(*, actor: Actor, link_id: UUID) -> int:
    """Count a wrong code; after too many the link is dead. Returns how many tries are left."""
    row: Link | None = Link.objects.select_related("alert").filter(id=link_id).first()
    if row is None:
        raise NotFound
    Link.objects.filter(id=link_id).update(wrong_codes=F("wrong_codes") + 1)
    note(subject=("alert", row.alert_id), client_id=row.client_id, case_id=row.alert.case_id, words="wrong-code")
    return max(0, thresholds.whole("escalation.wrong_codes") - row.wrong_codes - 1)


@action("escalation.acknowledge_by_link")
def acknowledge_by_link(*, actor: Actor, link_id: UUID, code: str, name: str, role: str, read_back: str) -> None:
    """Take an alert by one-time link and the code that was told by voice (H08).

    Raises:
        NotAllowed: the code is wrong, or the link is used, dead or too old. Count a wrong code with its own action.
        BadInput: name, role or the finding said back is missing.
        Conflict: it was taken already.
    """
    link: Link | None = Link.objects.select_for_update().filter(id=link_id).first()
    if link is None:
        raise NotFound
    most = thresholds.whole("escalation.wrong_codes")
    dead = link_is_dead(used=link.used_at is not None, wrong_codes=link.wrong_codes, most_wrong_codes=most)
    if dead or link.expires_at <= current_unit().at:
        raise NotAllowed("This link is no longer good. Telephone the number in the e-mail.", code="link-dead")
    if not code_fits(code, queries.code_of(link.alert_id, link.id)):
        raise NotAllowed("That is not the code. Ask for it by telephone.", code="wrong-code")
    row = _open(link.alert_id)
    _demand(row, name, role, read_back)
    Link.objects.filter(id=link.id).update(used_at=current_unit().at)
    _close(actor, row, state=State.ACKNOWLEDGED, name=name, role=role, how="link", read_back=read_back)


@action("escalation.override")
def override(*, actor: Actor, alert_id: UUID, name: str, role: str, reason: str) -> None:
    """Close an alert without an acknowledgement: a second person, with a reason; never the one who raised it.

    Raises:
        NotAllowed: it is the actor's own alert.
        BadInput: no reason.
    """
    row = _open(alert_id)
    if actor.person_id is None or actor.person_id == row.raised_by_id:
        raise NotAllowed("Who raised an alert cannot close it without an acknowledgement. Ask the registered manager.")
    if len(reason.strip()) < 10:
        raise BadInput("Say why no acknowledgement is needed.", errors={"reason": "Give the reason in a sentence."})
    _close(actor, row, state=State.OVERRIDDEN, name=name, role=role, how="override", read_back=reason)


@action("escalation.mend")
def mend(*, actor: Actor, alert_id: UUID) -> None:
    """Give an open alert that lost its next step one at once; the watchdog calls this, and it should never need to."""
    row = _open(alert_id)
    note(subject=("alert", row.id), client_id=row.client_id, case_id=row.case_id, words="step-was-missing")
    _hasten(actor, row, current_unit().at)


@action("escalation.hasten")
def hasten(*, actor: Actor, alert_id: UUID) -> None:
    """Somebody does not want to wait: the next rung is due at once.

    Raises:
        NotFound: no such alert in scope.
        Conflict: it has been taken.
    """
    row = _open(alert_id)
    facts = {"rung": row.rung, "round": row.round}
    note(subject=("alert", row.id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    _hasten(actor, row, current_unit().at)


@action("escalation.alert_from_report")
def alert_from_report(
    *, actor: Actor, case_id: UUID, report_id: UUID, category: str, finding: str, side: str
) -> UUID | None:
    """Raise the alert that was chosen at signing, unless the same finding of this case waits for somebody already.

    An alert that was raised before there were words now says the report's. Another finding of the same category is an
    alert of its own (H07).

    Returns:
        The new alert, or None when an open one now names the report.
    """
    for row in Alert.objects.filter(case_id=case_id, category=category, state=State.OPEN).order_by("raised_at"):
        if same_finding(row.finding, row.side, finding, side):
            said = {"finding": finding.strip(), "side": side} if row.finding == UNSAID else {}
            Alert.objects.filter(id=row.id).update(report_id=report_id, **said)
            facts = {"report": str(report_id), "said": bool(said)}
            note(subject=("alert", row.id), client_id=row.client_id, case_id=case_id, facts=facts)
            return None
    made: UUID = raise_alert(
        actor=actor, case_id=case_id, category=category, finding=finding, side=side, report_id=report_id
    )
    case = cases.case(case_id)
    note(
        subject=("report", report_id),
        client_id=case.client_id if case else None,
        case_id=case_id,
        facts={"alert": str(made)},
    )
    return made


@action("escalation.alert_after_change")
def alert_after_change(
    *,
    actor: Actor,
    case_id: UUID,
    report_id: UUID,
    category: str,
    finding: str,
    side: str,
    conclusion_changed: bool,
    withdrawn: bool,
) -> UUID | None:
    """Raise what must be acknowledged because a version takes the place of another; rules.told_again decides (H07, H10).

    Returns:
        The new alert, or None when nothing of it is new.
    """
    rows = list(Alert.objects.filter(case_id=case_id).order_by("-raised_at"))
    told = [Told(r.category, r.finding, r.side, r.state == State.OPEN) for r in rows]
    found = told_again(
        told,
        category=category,
        finding=finding.strip(),
        side=side,
        conclusion_changed=conclusion_changed,
        withdrawn=withdrawn,
    )
    case = cases.case(case_id)
    facts = {"told": found is not None, "conclusion_changed": conclusion_changed, "withdrawn": withdrawn}
    note(subject=("report", report_id), client_id=case.client_id if case else None, case_id=case_id, facts=facts)
    if found is None:
        if category:
            _name_report(rows, category, finding, side, report_id)
        return None
    made: UUID = raise_alert(
        actor=actor,
        case_id=case_id,
        category=found.category,
        finding=found.finding,
        side=found.side,
        report_id=report_id,
    )
    return made


def _name_report(rows: list[Alert], category: str, finding: str, side: str, report_id: UUID) -> None:
    """An open alert about the same finding names the version that stands now; one without words gets them."""
    for row in rows:
        if row.state == State.OPEN and row.category == category and same_finding(row.finding, row.side, finding, side):
            said = {"finding": finding.strip(), "side": side} if row.finding == UNSAID else {}
            Alert.objects.filter(id=row.id).update(report_id=report_id, **said)

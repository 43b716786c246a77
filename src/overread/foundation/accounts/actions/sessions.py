"""Verbs on web sessions: begin, lock, open again, end."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries, rules
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import Person, WebSession
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor


def _end(ids: list[UUID], why: str, at: datetime) -> int:
    count: int = WebSession.objects.filter(id__in=ids, ended_at=None).update(ended_at=at, ended_why=why)
    return count


def _live(person_id: UUID, at: datetime) -> list[WebSession]:
    rows = WebSession.objects.filter(person_id=person_id, ended_at=None)
    return [row for row in rows if at - row.started_at < limits().session_end]


@action("accounts.start_session")
def start_session(*, actor: Actor, person_id: UUID, mfa_method: str, address: str = "", browser: str = "") -> UUID:
    """Begin a web session of a person who has just proved who they are.

    Ends the oldest sessions, so that at most two are open.

    Args:
        actor: the person.
        person_id: whose session.
        mfa_method: the second factor that was used; empty when none was, which opens enrolment pages only.
        address: the network address of the browser.
        browser: what the browser calls itself, cut at 300 characters.

    Returns:
        The id that the cookie's session carries.
    """
    at = timezone.now()
    surplus = rules.sessions_to_end([(row.id, row.started_at) for row in _live(person_id, at)], limits())
    _end(surplus, "a newer session", at)
    view = queries.person(person_id)
    idle = rules.idle_lock_of(view.roles if view else (), limits())
    row = WebSession.objects.create(
        person_id=person_id,
        idle_seconds=int(idle.total_seconds()),
        started_at=at,
        seen_at=at,
        mfa_at=at if mfa_method else None,
        mfa_method=mfa_method,
        address=address[:45],
        browser=browser[:300],
    )
    note(subject=("person", person_id), facts={"session": str(row.id), "method": mfa_method, "ended": len(surplus)})
    return row.id


@action("accounts.lock_session")
def lock_session(*, actor: Actor, session_id: UUID) -> None:
    """Lock a session until one factor opens it again; drafts stay."""
    row = WebSession.objects.get(id=session_id)
    WebSession.objects.filter(id=session_id, locked_at=None).update(locked_at=timezone.now())
    note(subject=("person", row.person_id), facts={"session": str(session_id)})


@action("accounts.unlock_session")
def unlock_session(*, actor: Actor, session_id: UUID, method: str) -> None:
    """Open a locked session again after one factor.

    Args:
        actor: the person.
        session_id: the session.
        method: the factor that was checked just before.
    """
    row = WebSession.objects.get(id=session_id)
    WebSession.objects.filter(id=session_id, ended_at=None).update(locked_at=None, seen_at=timezone.now())
    note(subject=("person", row.person_id), facts={"session": str(session_id), "method": method})


@action("accounts.end_session")
def end_session(*, actor: Actor, session_id: UUID, why: str) -> None:
    """End one session; its cookie opens nothing any more.

    Args:
        actor: who ends it.
        session_id: which.
        why: a few words, such as "signed out" or "12 hours".
    """
    row = WebSession.objects.get(id=session_id)
    _end([session_id], why, timezone.now())
    note(subject=("person", row.person_id), facts={"session": str(session_id), "why": why})


@action("accounts.end_other_sessions")
def end_other_sessions(*, actor: Actor, person_id: UUID, keep: UUID | None) -> int:
    """Sign a person out everywhere else.

    Args:
        actor: who does it.
        person_id: whose sessions.
        keep: the session that stays, or None to end all.

    Returns:
        How many sessions ended.
    """
    at = timezone.now()
    count = _end([row.id for row in _live(person_id, at) if row.id != keep], "signed out everywhere", at)
    if keep is None:
        Person.objects.filter(id=person_id).update(epoch=_next_epoch(person_id))
    note(subject=("person", person_id), facts={"ended": count})
    return count


@action("accounts.end_sessions")
def end_sessions(*, actor: Actor, person_id: UUID, why: str, keep: UUID | None = None) -> int:
    """End a person's sessions because their proofs changed; every older cookie dies with the new epoch.

    Args:
        actor: who caused it.
        person_id: whose sessions.
        why: a few words, such as "factor changed".
        keep: the session in which the change was made; the caller renews its cookie.

    Returns:
        How many sessions ended.
    """
    at = timezone.now()
    count = _end([row.id for row in _live(person_id, at) if row.id != keep], why, at)
    Person.objects.filter(id=person_id).update(epoch=_next_epoch(person_id))
    note(subject=("person", person_id), facts={"ended": count, "why": why})
    return count


def _next_epoch(person_id: UUID) -> int:
    return Person.objects.get(id=person_id).epoch + 1

"""Web sessions: what a browser's cookie opens now. Every request asks the rows; nothing is trusted from the cookie.

The cookie names a Django session, which names a `WebSession` row. The row says when it began, was last used, proved a
second factor, was locked or ended; the person's row says whether the account is open. Both are read each time, so that a
revoked person's next request fails.
"""

import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from threading import Lock
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user, update_session_auth_hash
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from overread.foundation.accounts import actions, queries, rules
from overread.foundation.accounts.models import Person, WebSession
from overread.foundation.accounts.queries import PersonView, SessionView
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor

SESSION_KEY = "overread.session"
PROVED_KEY = "overread.proved_at"
PROVED_SECONDS = 600
TOUCH_SECONDS = 20
RESOLVED_SECONDS = 1.0

_resolved: dict[str, tuple[float, PersonView | None]] = {}
_resolved_lock = Lock()


def address_of(request: HttpRequest) -> str:
    """The network address of the browser, as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def own_id(request: HttpRequest) -> UUID:
    """The id of the signed-in person.

    Raises:
        PermissionError: nobody is signed in; a door was left out.
    """
    person_id = request.user.pk
    if not isinstance(person_id, UUID):
        raise PermissionError("Nobody is signed in here.")
    return person_id


def own(request: HttpRequest) -> Person:
    """The signed-in person's row, read afresh."""
    return Person.objects.get(id=own_id(request))


def own_actor(request: HttpRequest) -> Actor:
    """The signed-in person as the one who acts."""
    return Actor.person(own_id(request))


def begin(request: HttpRequest, person_id: UUID, mfa_method: str) -> UUID:
    """Begin the web session of a person who has just been signed in, and tie the cookie to it."""
    with open_scope(Scope.provider(), opened_by="web"):
        session_id = actions.start_session(
            actor=Actor.person(person_id),
            person_id=person_id,
            mfa_method=mfa_method,
            address=address_of(request),
            browser=request.headers.get("User-Agent", ""),
        )
    request.session[SESSION_KEY] = str(session_id)
    proved(request)
    return session_id


def proved(request: HttpRequest) -> None:
    """Remember that this browser has just proved who uses it."""
    request.session[PROVED_KEY] = timezone.now().timestamp()


def proved_lately(request: HttpRequest) -> bool:
    """Whether that was less than ten minutes ago: enough to change one's own proofs of identity."""
    return timezone.now().timestamp() - float(request.session.get(PROVED_KEY, 0)) < PROVED_SECONDS


def session_id_of(request: HttpRequest) -> UUID | None:
    """The id of the web session that this request's cookie names."""
    return _uuid(request.session.get(SESSION_KEY))


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def current(request: HttpRequest) -> SessionView | None:
    """The web session of this request, when its cookie names one of the signed-in person."""
    session_id = session_id_of(request)
    view = queries.session(session_id, timezone.now()) if session_id else None
    return view if view is not None and view.person_id == request.user.pk else None


def touch(view: SessionView) -> None:
    """Count this request as activity, at most once in 20 seconds."""
    now = timezone.now()
    if (now - view.seen_at).total_seconds() >= TOUCH_SECONDS:
        WebSession.objects.filter(id=view.id, ended_at=None, locked_at=None, seen_at__lt=now).update(seen_at=now)


def keep_signed_in(request: HttpRequest) -> None:
    """Renew the cookie's proof after a change that made older cookies useless; only this browser stays."""
    person = own(request)
    person.backend = request.session.get("_auth_user_backend", "")
    update_session_auth_hash(request, person)
    request.user = person


def resolve_session(cookies: str | Mapping[str, str], *, touching: bool = True) -> PersonView | None:
    """Who is behind the cookies of a request that does not pass through Django, such as a viewer frame.

    Args:
        cookies: the Cookie header, or cookies by name.
        touching: whether the request counts as activity against the idle lock.

    Returns:
        The person with the roles held now; None when nobody is signed in, the session is locked, ended, idle or without
        a second factor, the account is closed, or the cookie is older than a change of password or factor.
        An answer is kept for one second in this process, so that revoked access dies within two.
    """
    key = _cookie(cookies)
    if not key:
        return None
    now = time.monotonic()
    with _resolved_lock:
        kept = _resolved.get(key)
    if kept is not None and now - kept[0] < RESOLVED_SECONDS:
        return kept[1]
    view = _resolve(key, touching)
    with _resolved_lock:
        if len(_resolved) > 500:
            _resolved.clear()
        _resolved[key] = (now, view)
    return view


def forget_resolved() -> None:
    """Drop the one-second memory of `resolve_session`."""
    with _resolved_lock:
        _resolved.clear()


def _cookie(cookies: str | Mapping[str, str]) -> str:
    if not isinstance(cookies, str):
        return str(cookies.get(settings.SESSION_COOKIE_NAME, ""))
    try:
        jar: SimpleCookie = SimpleCookie(cookies)
    except CookieError:
        return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def _resolve(key: str, touching: bool) -> PersonView | None:
    request: Any = SimpleNamespace(session=SessionStore(key))
    user = get_user(request)
    session_id = _uuid(request.session.get(SESSION_KEY))
    if not user.is_authenticated or session_id is None:
        return None
    view = queries.session(session_id, timezone.now())
    if view is None or view.person_id != user.pk or view.state is not rules.SessionState.live:
        return None
    person = queries.person(view.person_id)
    if person is None or not person.active or not person.roles:
        return None
    if touching:
        touch(view)
    return person

"""The guard of every request: whose session it is, and whether it still is one."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from overread.foundation.accounts import actions, queries, rules, sessions
from overread.foundation.accounts.queries import SessionView
from overread.foundation.tenancy.scope import OutOfScope, Scope, open_scope
from overread.foundation.ui.errors import error_page
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Refused

# URL names that are open without a live session. Static files never come here.
WHILE_LOCKED = frozenset({"accounts:locked", "accounts:locked_begin", "accounts:sign_out", "accounts:alive"})
# Asked for by an open page and not by a person, so that it does not keep an unattended session awake.
POLLED = frozenset({"shell:live"})
# What an open page says of itself when nobody has touched it since it last asked; it can only let a session lock sooner.
NOBODY_THERE = "X-Nobody-There"
WHILE_ENROLLING = frozenset(
    {
        "accounts:secure",
        "accounts:secure_totp",
        "accounts:secure_passkey",
        "accounts:secure_passkey_begin",
        "accounts:secure_pin",
        "accounts:secure_codes",
        "accounts:sign_out",
        "accounts:enrol",
    }
)


class SessionGuard:
    """Sets `request.actor`, `request.person_view` and `request.web_session`, or sends the browser where it belongs.

    Nobody signed in: all three are None and the page's own door decides. Ended: signed out. Idle: to the lock page.
    No second factor yet: to the enrolment pages. Account closed or roles gone: read afresh on every request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Guard one request."""
        request.actor = request.person_view = request.web_session = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self.get_response(request)
        view = sessions.current(request)
        if view is None or view.state is rules.SessionState.ended:
            _forget(request, view)
            return self.get_response(request)
        request.web_session = view  # type: ignore[attr-defined]
        name, open_to_anyone = _asked_for(request)
        if open_to_anyone and view.state is not rules.SessionState.live:
            return self.get_response(request)
        if view.state is rules.SessionState.enrolling:
            return self._enrolling(request, name)
        if view.state is rules.SessionState.locked:
            return self._locked(request, view, name)
        if name not in POLLED and NOBODY_THERE not in request.headers:
            sessions.touch(view)
        return self._live(request)

    def _live(self, request: HttpRequest) -> HttpResponseBase:
        person = queries.person(sessions.own_id(request))
        request.person_view = person  # type: ignore[attr-defined]
        request.user.person_view = person  # type: ignore[union-attr]
        request.actor = sessions.own_actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _enrolling(self, request: HttpRequest, name: str) -> HttpResponseBase:
        if name in WHILE_ENROLLING:
            request.actor = sessions.own_actor(request)  # type: ignore[attr-defined]
            return self.get_response(request)
        return _go(request, reverse("accounts:secure"))

    def _locked(self, request: HttpRequest, view: SessionView, name: str) -> HttpResponseBase:
        if name in WHILE_LOCKED:
            return self.get_response(request)
        if view.locked_at is None:
            with open_scope(Scope.provider(), opened_by="web"):
                actions.lock_session(actor=Actor.system("idle lock"), session_id=view.id)
        return _go(request, f"{reverse('accounts:locked')}?{urlencode({'next': _back(request)})}")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say a refusal in its own words; a row of another client reads like one that does not exist."""
        if isinstance(exception, Refused):
            return error_page(request, exception.status, exception.message)
        if isinstance(exception, OutOfScope):
            return error_page(request, 404)
        return None


def _asked_for(request: HttpRequest) -> tuple[str, bool]:
    """The URL name that is asked for, and whether its view is open to anyone."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return "", False
    return found.view_name, getattr(found.func, "open_to_anyone", False)


def _back(request: HttpRequest) -> str:
    """Where to return to: this address for a page, the page around it for a part of one."""
    if request.headers.get("HX-Request") == "true":
        parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.get_full_path() if request.method in {"GET", "HEAD"} else "/"


def _go(request: HttpRequest, address: str) -> HttpResponseBase:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _forget(request: HttpRequest, view: SessionView | None) -> None:
    """Drop a cookie whose session has ended; what was asked goes on as a request of nobody."""
    logout(request)
    if view is not None:
        messages.info(request, "You were signed out. Drafts are saved. Sign in and you are back where you were.")

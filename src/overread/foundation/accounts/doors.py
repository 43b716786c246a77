"""The doors of pages: who may pass, and the scope they pass with.

`@needs("read.claim")` on a view demands a signed-in person with a live session, a second factor and the permission, and
opens the person's scope around the view and the drawing of its template. `@signed_in` demands no permission.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from overread.foundation.accounts import queries
from overread.foundation.tenancy.scope import open_scope
from overread.foundation.ui.errors import error_page

View = Callable[..., HttpResponseBase]
K = TypeVar("K")
R = TypeVar("R")
CHUNK = 200  # rows of an export read at once


def needs(permission: str) -> Callable[[View], View]:
    """Let only people pass whose roles give a permission.

    Args:
        permission: a code of `rules.PERMISSIONS`, such as "read.claim".

    Nobody signed in: to the sign-in page and back. Signed in without the permission: 403, nothing is read.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person = getattr(request, "person_view", None)
            if person is None:
                return to_sign_in(request)
            if not person.may(permission):
                return error_page(request, 403)
            return _inside(view, request, *args, **kwargs)

        return door

    return decorate


def anyone(view: View) -> View:
    """Let everybody pass, signed in or not: the view has its own proof, such as a one-time link.

    A browser whose session is locked or not yet enrolled passes too, as nobody: an urgent link must not wait for the lock.
    """

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    door.open_to_anyone = True  # type: ignore[attr-defined]
    return door


def signed_in(view: View) -> View:
    """Let everybody pass who is signed in with a second factor, in the scope of their roles: empty without one."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = getattr(request, "person_view", None)
        if person is None:
            return to_sign_in(request)
        return _inside(view, request, *args, **kwargs)

    return door


def in_chunks(person_id: UUID, keys: Sequence[K], fetch: Callable[[Sequence[K]], Iterable[R]]) -> Iterator[R]:
    """Rows for a file that is sent while it is read: the view's scope has closed by then, so each chunk opens it anew.

    A role or client that is taken from the person meanwhile ends the file there.

    Args:
        person_id: whose scope.
        keys: what the view found, in order.
        fetch: the rows of some keys; called in the person's scope of that moment.
    """
    for start in range(0, len(keys), CHUNK):
        with open_scope(queries.scope_of(person_id), opened_by="web"):
            rows = list(fetch(keys[start : start + CHUNK]))
        yield from rows


def _inside(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    with open_scope(queries.scope_of_view(request.person_view), opened_by="web"):  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        render = getattr(response, "render", None)
        if callable(render) and not getattr(response, "is_rendered", True):
            response = render()
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page and back; a part of a page (HTMX) makes the whole page go there."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
    if request.method not in {"GET", "HEAD"}:
        return redirect_to_login("/", resolve_url("account_login"))
    return redirect_to_login(request.get_full_path(), resolve_url("account_login"))

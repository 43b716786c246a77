"""The door of the interface: a client's bearer token, what it may do, how often, and the scope it opens.

A session opens nothing here: people use the pages, where their second factor and their roles count.
"""

import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from overread.foundation.clients import queries as clients
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Caller, wait_seconds
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor

ASK = {"WWW-Authenticate": 'Bearer realm="Overread"'}
MINUTE = 60
FILES = 5  # as many of the largest as one request may hold


class _Rate:
    """How many requests each token made in this minute, in this process."""

    def __init__(self) -> None:
        self._lock, self._minute, self._used = threading.Lock(), 0, Counter[UUID]()

    def wait(self, token_id: UUID, most: int) -> int:
        """Count one request; the seconds that the token must wait, 0 when it need not."""
        now = timezone.now().timestamp()
        with self._lock:
            if self._minute != int(now // MINUTE):
                self._minute, self._used = int(now // MINUTE), Counter()
            self._used[token_id] += 1
            return wait_seconds(self._used[token_id], most, MINUTE - now % MINUTE)


_rate = _Rate()


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; set by the door before an operation runs."""
    found: Caller = request.caller  # type: ignore[attr-defined]
    return found


def actor_of(request: HttpRequest) -> Actor:
    """The client's system as the ledger names it."""
    return Actor.system(f"token-{caller_of(request).token_id}")


def _demand_size(request: HttpRequest) -> None:
    """Refuse a body that is too large, or does not say how large it is, before any of it is read.

    Raises:
        Problem: 400 or 413.
    """
    if request.method == "POST" and request.headers.get("Transfer-Encoding", "identity").lower() != "identity":
        raise Problem(400, "no-length", "Send the body in one piece with Content-Length. Nothing was changed.")
    length = request.headers.get("Content-Length", "")
    files = request.content_type == "multipart/form-data"
    most = FILES * thresholds.whole("referral.document") * 2**20 if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length.isdigit() and int(length) > most:
        words = f"A request of this kind holds at most {most // 2**20} MB. Send less at a time; nothing was changed."
        raise Problem(413, "too-large", words)


class Token(HttpBearer):
    """A live token that has one of some scopes. Tokens are looked up on every request, so a revoked one ends at once."""

    openapi_scheme = "bearer"

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = frozenset(scopes)

    def __call__(self, request: HttpRequest) -> Any:
        """Let the caller in, or refuse it before anything else is looked at."""
        _demand_size(request)
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise Problem(401, "no-token", headers=ASK)
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller of a token.

        Raises:
            Problem: 401 unknown, expired or revoked; 429 too often; 403 not for this.
        """
        found = clients.bearer_of(token)
        if found is None:
            raise Problem(401, "token-unknown", headers=ASK)
        wait = _rate.wait(found.id, thresholds.whole("interface.requests"))
        if wait:
            raise Problem(429, "too-many", f"Wait {wait} seconds, then go on.", headers={"Retry-After": str(wait)})
        if self.scopes and not self.scopes & found.scopes:
            words = f"It needs the scope {' or '.join(sorted(self.scopes))}. Ask the provider for a token that has it."
            raise Problem(403, "scope", words)
        caller = Caller(
            token_id=found.id,
            name=found.name,
            client_id=found.client_id,
            client_code=found.client_code,
            client_name=found.client_name,
            scopes=found.scopes,
            expires_at=found.expires_at,
        )
        request.caller = caller  # type: ignore[attr-defined]
        return caller


def in_scope(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Run an operation in the scope of its caller's client and of nothing else."""

    @wraps(operation)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with open_scope(Scope.client(caller_of(request).client_id), opened_by="token"):
            return operation(request, *args, **kwargs)

    return inside

"""Error pages in plain words: what happened, what it means, what to do. They need no database and no person.

A request made by a part of a page (HTMX) gets a notice that fits into the page instead of a whole one.
"""

import logging
import secrets
import sys
import traceback
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from overread.foundation.ui import rules
from overread.foundation.ui.context import theme_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one kind of error."""

    title: str
    text: str
    way: str
    icon: str
    state: str = "warn"


ERRORS = {
    400: Words(
        title="This request could not be read",
        text="Something in the address or in what was sent does not fit, so nothing was changed.",
        way="Go back and try again. If it happens twice, tell the administrator what you were doing.",
        icon="signpost-split",
    ),
    403: Words(
        title="This is not open to you",
        text="Your role does not include this page, so nothing was shown and nothing was changed.",
        way="If you need it for your work, ask the registered manager to add it to your role.",
        icon="lock",
    ),
    404: Words(
        title="There is no such page here",
        text="The link may be old, or what it names belongs to another organisation.",
        way="Search by accession or case number, or start from your first page.",
        icon="signpost-split",
    ),
    409: Words(
        title="Somebody was quicker",
        text="This was changed by somebody else, or in another window, since you opened it. Your change was not made.",
        way="Open the page again to see how it stands now, then decide again.",
        icon="layout-split",
    ),
    413: Words(
        title="This is larger than can be taken at once",
        text="The file or text is over the limit, so it was not taken and nothing was changed.",
        way="Images of any size can be sent on the page Send images. Send other files one at a time.",
        icon="file-earmark-x",
    ),
    422: Words(
        title="Something needs correcting",
        text="What was sent cannot be taken as it is. Nothing was changed.",
        way="Go back, correct it and send it again.",
        icon="exclamation-triangle",
    ),
    500: Words(
        title="Something on our side went wrong",
        text="What you were doing was not finished. What had been saved before is safe. The fault was recorded.",
        way="Try once more. If it happens again and a patient is waiting, call the provider and give this reference.",
        icon="exclamation-octagon",
        state="crit",
    ),
    503: Words(
        title="The service is resting for a moment",
        text="It is being updated or is very busy. Images that are being sent are still received.",
        way="Wait half a minute and try again. If a patient is waiting, call the provider.",
        icon="pause-circle",
        state="hold",
    ),
}
CSRF = Words(
    title="This form had gone stale",
    text="The page was open for a long time or you signed in again elsewhere, so we could not be sure that it was you. Nothing was changed.",
    way="Go back, load the page again and send it once more. Long texts are kept by your browser when you go back.",
    icon="shield-exclamation",
)


def error_page(request: HttpRequest, status: int, message: str = "", words: Words | None = None) -> HttpResponse:
    """The answer to an error: `message`, when given, replaces our text about what happened.

    A 500 carries a reference that is not tied to any person, and the log says under it what failed and where.
    """
    chosen = words or ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
    now = timezone.now()
    reference = _recorded(request, status) if status >= 500 else ""
    framed = request.headers.get("Sec-Fetch-Dest") == "iframe"  # the viewer's frame stays dark
    theme = "dark" if framed else theme_of(request)[1]
    context = {
        "title": chosen.title,
        "text": message or chosen.text,
        "way": "" if message else chosen.way,
        "icon": chosen.icon,
        "state": chosen.state,
        "live": "assertive",
        "reference": reference,
        "at": rules.when_words(now, "seconds"),
        "ui_theme": theme,
    }
    part = request.headers.get("HX-Request") == "true"
    html = render_to_string("ui/parts/note.html" if part else "ui/error.html", context)
    answer = HttpResponse(html, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _recorded(request: HttpRequest, status: int) -> str:
    """Write to the log what failed, and return the reference under which it stands.

    Type and place only: the message of an exception may hold a name, an address may hold the token of a link.
    """
    reference = str(getattr(request, "request_id", "") or secrets.token_hex(4))
    kind, _, frames = sys.exc_info()
    match = getattr(request, "resolver_match", None)
    trace = traceback.extract_tb(frames)
    ours = [f for f in trace if "/overread/" in f.filename] or trace
    places = [f"{f.filename.rpartition('/overread/')[2]}:{f.lineno} {f.name}" for f in ours[-3:] + trace[-1:]]
    logger.error(
        "page failed",
        extra={
            "reference": reference,
            "status": status,
            "route": match.view_name if match else "",
            "error": "\n".join([kind.__name__ if kind else "", *reversed(places)]),
        },
    )
    return reference


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400."""
    return error_page(request, 400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404; reads the same whether a thing is absent or belongs to another client."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW."""
    return error_page(request, 403, words=CSRF)

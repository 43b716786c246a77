"""Refusals as the interface says them: RFC 9457 problem details, in plain words that say what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from overread.foundation.interface.rules import Fault
from overread.foundation.work.refusals import Refused

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request could not be read",
    401: "No token that is known",
    403: "This token may not do this",
    404: "There is nothing here for this token",
    405: "This address does not take this method",
    409: "It does not fit what is there",
    413: "Too large",
    415: "Another kind of content is needed",
    422: "Something in it cannot be taken",
    429: "Too many requests",
    500: "Something failed here",
    503: "Not available now",
}
DETAILS = {
    400: "Check the address, the headers and the body against /api/v1/openapi.json. Nothing was changed.",
    401: "Send a token of the client in the header Authorization: Bearer. It may have ended or been revoked.",
    404: "Check the id. What another client has is not found either.",
    405: "The header Allow says which methods this address takes.",
    413: "Send less at a time. Nothing was changed.",
    500: "Nothing was half done. Send the request again later; if it fails twice, tell the provider the time of it.",
    503: "Send the request again later.",
}


@dataclass
class Problem(Exception):
    """A refusal with its status and all that the caller is told.

    Attributes:
        status: of HTTP.
        code: a short machine word.
        detail: what happened and what to do; no patient data.
        faults: what is wrong, by place.
        headers: besides those of every answer.
    """

    status: int
    code: str
    detail: str = ""
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def body_of(problem: Problem) -> dict[str, Any]:
    """The problem as JSON values."""
    found: dict[str, Any] = {
        "type": f"urn:overread:problem:{problem.code}",
        "title": TITLES.get(problem.status, TITLES[400]),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail or DETAILS.get(problem.status, DETAILS[400]),
    }
    if problem.faults:
        found["errors"] = [_fault(one) for one in problem.faults]
    return found


def _fault(fault: Fault) -> dict[str, str]:
    where = {"parameter": fault.parameter} if fault.parameter else {"pointer": fault.pointer}
    return {**where, "detail": fault.detail}


def answer(problem: Problem) -> HttpResponse:
    """The problem as an answer."""
    content = json.dumps(body_of(problem), ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(content, status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers))


def of_refusal(refused: Refused) -> Problem:
    """A refusal of an action in the words that the pages show too; errors by field point into the body."""
    errors: Mapping[str, str] = getattr(refused, "errors", {})
    faults = tuple(Fault(words, pointer=f"/{name}") for name, words in errors.items())
    return Problem(refused.status, refused.code, refused.message, faults)

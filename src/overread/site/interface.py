"""The JSON interface /api/v1 joined from the areas' operations, and its description in OpenAPI."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from overread.foundation.accounts.doors import anyone
from overread.foundation.interface import api as shared
from overread.foundation.interface import problems
from overread.foundation.interface.door import in_scope
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Fault
from overread.foundation.tenancy.scope import OutOfScope
from overread.foundation.work.refusals import Refused

PREFIX = "/api/v1/"
ROUTERS = (shared.router,)
ABOUT = """For the systems of clients: send referrals, follow them, fetch signed reports.

Every request carries a token of the client in the header `Authorization: Bearer`. A token reaches its own client's work and
nothing else; what another client has is not found. Refusals are `application/problem+json` and say what to do. No address
holds a name or a number of a patient: what is looked for is sent as a body. Nothing may be cached. An alert is not
acknowledged here: a named person does that, in the portal, by a one-time link or by telephone.
"""


class _Json(Parser):
    """Bodies that are JSON in UTF-8 and say so."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's values.

        Raises:
            Problem: 415 another kind; 400 no JSON, or text that no document may hold.
        """
        if request.content_type != "application/json":
            raise Problem(415, "not-json", "Send Content-Type: application/json.")
        try:
            found = json.loads(request.body)
            json.dumps(found, ensure_ascii=False, allow_nan=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise Problem(400, "not-json", "The body is not JSON in UTF-8.") from error
        return found


def _invalid(error: ValidationError) -> Problem:
    return Problem(
        422, "bad-input", "Something in the request cannot be taken.", tuple(_fault(one) for one in error.errors)
    )


def _fault(error: dict[str, Any]) -> Fault:
    """A fault where the request has it: a place in the body, or a parameter by name."""
    source, *rest = error["loc"]
    words = str(error["msg"])
    if source != "body":
        return Fault(words, parameter=str(rest[-1]) if rest else "")
    return Fault(words, pointer="".join(f"/{part}" for part in rest[1:]))


def _answers(api: NinjaAPI) -> None:
    @api.exception_handler(Problem)
    def problem(request: HttpRequest, found: Any) -> HttpResponse:
        return problems.answer(found)

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, found: Any) -> HttpResponse:
        return problems.answer(problems.of_refusal(found))

    @api.exception_handler(OutOfScope)
    def out_of_scope(request: HttpRequest, found: Any) -> HttpResponse:
        return problems.answer(Problem(404, "not-found"))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, found: Any) -> HttpResponse:
        return problems.answer(_invalid(found))

    @api.exception_handler(HttpError)
    def failed(request: HttpRequest, found: Any) -> HttpResponse:
        return problems.answer(Problem(found.status_code, f"http-{found.status_code}"))


def _made() -> NinjaAPI:
    made = NinjaAPI(
        title="Overread",
        version="1",
        description=ABOUT,
        urls_namespace="api",
        openapi_url=None,
        docs_url=None,
        parser=_Json(),
    )
    made.add_decorator(in_scope)
    _answers(made)
    for router in ROUTERS:
        made.add_router("", router)
    return made


api = _made()


def _as_problem(answers: dict[str, Any]) -> None:
    for status, one in answers.items():
        if int(status) < 400:
            continue
        content = one.get("content", {})
        if "application/json" in content:
            content[problems.MEDIA_TYPE] = content.pop("application/json")
        one["description"] = problems.TITLES[int(status)]
        if int(status) == 429:
            one["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}}


def openapi() -> dict[str, Any]:
    """The description of the interface: the same for everybody, made from the operations themselves."""
    found = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    for operations in found["paths"].values():
        for operation in operations.values():
            _as_problem(operation["responses"])
    schemes = found["components"]["securitySchemes"]
    bearer = {"type": "http", "scheme": "bearer", "description": "A token of the client, made by the provider"}
    for name in schemes:
        schemes[name] = bearer
    return dict(found)


@cache
def _text() -> str:
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


@require_GET
@anyone
def document(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json: open to everybody; it says nothing about anybody."""
    return HttpResponse(_text(), content_type="application/json")


_patterns, _app, _space = api.urls
urlpatterns = [
    path("api/v1/openapi.json", document, name="api-document"),
    path("api/v1/", ([one for one in _patterns if getattr(one, "name", "") != "api-root"], _app, _space)),
]

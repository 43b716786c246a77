"""The JSON interface /api/v1 joined from the areas' operations, and its description in OpenAPI."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from overread.foundation.accounts.doors import anyone
from overread.foundation.interface import api as shared
from overread.foundation.interface import changes, problems
from overread.foundation.interface.door import Token, in_scope
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Fault
from overread.foundation.tenancy.scope import OutOfScope
from overread.foundation.work.refusals import Refused
from overread.journey.case import api as case_api
from overread.journey.delivery import api as delivery_api
from overread.journey.escalation import api as escalation_api
from overread.journey.reception import api as reception_api
from overread.journey.referral import api as referral_api

PREFIX = "/api/v1/"
# Areas with operations, in the order of the description; each has `router` and `CHANGES`.
AREAS = (referral_api, reception_api, case_api, delivery_api, escalation_api)
ABOUT = """For the systems of clients: send referrals, follow them, fetch signed reports.

Every request carries a token of the client in the header `Authorization: Bearer`. A token reaches its own client's work and
nothing else; what another client has is not found. Refusals are `application/problem+json` and say what to do. No address
holds a name or a number of a patient: what is looked for is sent as a body. Nothing may be cached. An alert is not
acknowledged here: a named person does that, in the portal, by a one-time link or by telephone.
"""


class _Json(Parser):
    """Bodies that are JSON in UTF-8, or forms with files, and say so."""

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> Any:
        """Values of a form, of an address or of headers.

        Raises:
            Problem: 415 a form of another kind.
        """
        if request.method == "POST" and request.content_type != "multipart/form-data" and data is request.POST:
            raise Problem(415, "not-a-form", "Send Content-Type: multipart/form-data.")
        return super().parse_querydict(data, list_fields, request)

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
        cause = found.__cause__ or found.__context__
        own = cause if isinstance(cause, Problem) else None
        return problems.answer(own or Problem(found.status_code, f"http-{found.status_code}"))


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
    for router in (shared.router, *(area.router for area in AREAS)):
        made.add_router("", router)
    for area in AREAS:
        changes.register(area.CHANGES)
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


class _Description(OpenAPISchema):
    """Says of each operation which scopes let in: one of them is enough (OpenAPI 3.1, security requirement object)."""

    def operation_security(self, operation: Operation) -> list[dict[str, Any]]:
        """The alternatives, one for each scope; any live token where none is named."""
        super().operation_security(operation)
        tokens = [one for one in operation.auth_callbacks if isinstance(one, Token)]
        return [{"Token": [scope]} for one in tokens for scope in sorted(one.scopes)] or [{"Token": []}]


def openapi() -> dict[str, Any]:
    """The description of the interface: the same for everybody, made from the operations themselves."""
    found = json.loads(json.dumps(_Description(api, PREFIX)))
    for operations in found["paths"].values():
        for operation in operations.values():
            _as_problem(operation["responses"])
    schemes = found["components"]["securitySchemes"]
    bearer = {"type": "http", "scheme": "bearer", "description": "A token of the client, made by the provider"}
    for name in schemes:
        schemes[name] = bearer
    return dict(found)


@cache
def text() -> str:
    """The description as it is sent."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


@require_GET
@anyone
def document(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json: open to everybody; it says nothing about anybody."""
    return HttpResponse(text(), content_type="application/json")


_patterns, _app, _space = api.urls
urlpatterns = [
    path("api/v1/openapi.json", document, name="api-document"),
    path("api/v1/", ([one for one in _patterns if getattr(one, "name", "") != "api-root"], _app, _space)),
]

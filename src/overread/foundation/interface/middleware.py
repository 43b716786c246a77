"""Every answer below /api is JSON and kept by nobody, also those that no operation gives."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from overread.foundation.interface.problems import MEDIA_TYPE, Problem, answer

PLACE = "/api/"


class ApiAnswers:
    """Says a refusal of the machinery around an operation as a problem: unknown address, wrong method, failure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        response = self.get_response(request)
        if not request.path_info.startswith(PLACE):
            return response
        if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
            kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
            response = answer(Problem(response.status_code, f"http-{response.status_code}", headers=kept))
        response.headers["Cache-Control"] = "no-store"
        return response

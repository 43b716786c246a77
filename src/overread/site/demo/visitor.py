"""A person with a browser, as far as a checked demonstration needs one: pages, forms, cookies, over real HTTP."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(RuntimeError):
    """A page did not answer as a person would need it to."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, address after redirects, body."""

    status: int
    url: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")

    def find(self, pattern: str) -> str:
        """The first group of a pattern in the text.

        Raises:
            Unexpected: it is not there.
        """
        found = re.search(pattern, self.text, re.DOTALL)
        if found is None:
            raise Unexpected(f"{self.url} ({self.status}) does not show {pattern!r}")
        return found.group(1)


class Visitor:
    """One browser of one person.

    Args:
        base: such as http://127.0.0.1:8000.
    """

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self._token = ""

    def _open(self, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        url = urllib.parse.urljoin(f"{self._base}/", path)
        if not url.startswith(f"{self._base}/"):
            raise Unexpected(f"{url} leads elsewhere")
        request = urllib.request.Request(url, data=data, headers={"Referer": f"{self._base}/", **headers})  # noqa: S310  checked above
        try:
            with self._opener.open(request, timeout=60) as reply:
                answer = Answer(reply.status, reply.url, reply.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.url, error.read())
        found = TOKEN.search(answer.text) if answer.body[:1] == b"<" or b"csrfmiddlewaretoken" in answer.body else None
        self._token = found.group(1) if found else self._token
        return answer

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._open(path, None, {})

    def post(self, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Send a form with the token of the page opened last."""
        body = urllib.parse.urlencode({**(fields or {}), "csrfmiddlewaretoken": self._token}).encode()
        return self._open(path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def send(self, path: str, value: dict[str, Any]) -> Answer:
        """Send JSON, as our scripts do."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token}
        return self._open(path, json.dumps(value).encode(), headers)

    def sign_in(self, email: str, password: str, code: str) -> None:
        """Sign in with password and code.

        Raises:
            Unexpected: it did not work.
        """
        self.get("/sign-in/")
        second = self.post("/sign-in/", {"login": email, "password": password})
        if "second-step" not in second.url:
            raise Unexpected(f"{email} was not asked for the second step but came to {second.url} ({second.status})")
        done = self.post("/sign-in/second-step/", {"code": code})
        if "sign-in" in done.url:
            raise Unexpected(f"{email} did not get in: {done.url} ({done.status})")

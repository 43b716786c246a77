"""A client's system with its token, as tests play it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from overread.foundation.clients import actions as clients
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from tests.world import World

ALL = "store,read,order,report"
SEED = Actor.system("test")


@dataclass
class System:
    """One machine of a client. `headers` replace or add to those of every request."""

    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """The answer of /api/v1 to one request."""
        given = {"Authorization": f"Bearer {self.token}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        kind = given.pop("Content-Type", "application/json")
        asked = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in given.items()}
        answer = Client(raise_request_exception=False).generic(
            method, f"/api/v1/{path}", data, content_type=kind, **asked
        )
        assert isinstance(answer, HttpResponse)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """The values of an answer that must be 200."""
        answer = self.ask("GET", path, **headers)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def post(self, path: str, body: Any, *, key: str = "", status: int = 200) -> Any:
        """The values of an answer to a posted body, under a new key if none is given."""
        answer = self.ask("POST", path, body, Idempotency_Key=key or uuid4().hex)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()


def make_token(world: World, code: str = "NORTH", scopes: str = ALL, **more: Any) -> str:
    """A new token of a client."""
    with open_scope(Scope.everything(), opened_by="test"):
        return clients.make_token(actor=SEED, client_id=world.clients[code], scopes=scopes, **more)


def system(world: World, code: str = "NORTH", scopes: str = ALL) -> System:
    """A machine of a client that calls itself RIS."""
    return System(make_token(world, code, scopes, name="RIS"))

"""Every operation of the interface, asked with every token that must not get in, and with another client's.

The operations are taken from the description, so that a new one is asked without anybody remembering it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clients import actions as clients
from overread.foundation.clients import queries
from overread.foundation.ledger.sealer import seal_once
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.site.interface import openapi
from tests.interface.system import SEED, System, make_token, system
from tests.interface.test_referrals import HEAD
from tests.isolation.test_routes import PATIENT, _objects
from tests.world import World, world

__all__ = ["world"]
SCOPES = ("store", "read", "order", "report")
BODIES: dict[str, Any] = {
    "sendReferral": HEAD,
    "findReferrals": {"identifier": "H000001"},
    "answerQuestion": {"text": "It was given.", "name": "Ida Marsh", "role": "Radiographer"},
    "findStudies": {"accession": "A2026"},
    "findCases": {"number": "C-26-000001"},
}
FORM = "multipart/form-data; boundary=xyz"


@dataclass(frozen=True)
class Operation:
    """One operation of the description."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]

    @property
    def holds_id(self) -> bool:
        """Whether it is about one object."""
        return "{" in self.path


def _operations() -> Iterator[Operation]:
    for path, methods in openapi()["paths"].items():
        for method, said in methods.items():
            scopes = frozenset(scope for one in said["security"] for scope in one["Token"])
            yield Operation(said["operationId"], method.upper(), path.removeprefix("/api/v1/"), scopes)


OPERATIONS = tuple(_operations())


def _ask(machine: System, operation: Operation, objects: dict[str, Any]) -> Any:
    path = re.sub(r"\{(\w+)\}", lambda found: str(objects[found[1]]), operation.path)
    headers = {"Idempotency_Key": uuid4().hex}
    if operation.name == "sendReferralWithDocuments":
        headers["Content_Type"] = FORM
    with transaction.atomic():
        answer = machine.ask(operation.method, path, BODIES.get(operation.name), **headers)
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def objects(world: World, tmp_path: Path) -> dict[str, Any]:
    """Northmere's objects, sealed."""
    use(LocalStore(tmp_path / "blobs", 0))
    found = _objects(world)
    while seal_once():
        pass
    return found


def test_every_operation_names_what_it_needs() -> None:
    """Each operation says its scopes, its refusals and what it is for; each that takes a body has a body here."""
    for path, methods in openapi()["paths"].items():
        for method, said in methods.items():
            where = f"{method} {path}"
            assert {"401", "403", "429"} <= set(said["responses"]), where
            assert said["summary"], where
            assert said["description"], where
            if "requestBody" in said and said["operationId"] != "sendReferralWithDocuments":
                assert said["operationId"] in BODIES, where
    assert [o.name for o in OPERATIONS if not o.scopes] == ["me"]


def test_no_token_that_has_ended_gets_in_anywhere(world: World, objects: dict[str, Any]) -> None:
    """None, unknown, expired, revoked: 401 at every operation, before anything else is looked at."""
    expired = System(make_token(world, expires_at=timezone.now() - timedelta(seconds=1)))
    revoked = system(world)
    with open_scope(Scope.everything(), opened_by="test"):
        clients.revoke_token(actor=SEED, token_id=queries.tokens(world.clients["NORTH"])[0].id)
    for operation in OPERATIONS:
        for machine in (System(""), System("ovr_unknown"), expired, revoked):
            answer = _ask(machine, operation, objects)
            assert (operation.name, answer.status_code) == (operation.name, 401)
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_gets_no_further_than_its_scopes(world: World, objects: dict[str, Any]) -> None:
    """With one scope at a time: exactly the operations that name it let in; all others are 403 and name what would do."""
    machines = {scope: system(world, scopes=scope) for scope in SCOPES}
    for operation in OPERATIONS:
        for scope, machine in machines.items():
            answer = _ask(machine, operation, objects)
            let_in = not operation.scopes or scope in operation.scopes
            assert (operation.name, scope, answer.status_code != 403) == (operation.name, scope, let_in)
            if not let_in:
                assert set(re.findall("|".join(SCOPES), answer.json()["detail"])) == operation.scopes


def test_another_clients_object_is_one_that_is_absent(world: World, objects: dict[str, Any]) -> None:
    """At every operation with an id, Southbourne's token gets the same answer for Northmere's object as for none (H06)."""
    south, north = system(world, "SOUTH"), system(world)
    absent = {name: uuid4() for name in objects}
    asked = 0
    for operation in (o for o in OPERATIONS if o.holds_id):
        foreign, nothing = _ask(south, operation, objects), _ask(south, operation, absent)
        assert (operation.name, foreign.status_code) == (operation.name, 404)
        assert foreign.content == nothing.content
        own = _ask(north, operation, objects)
        assert (operation.name, own.status_code // 100) == (operation.name, 2), own.content
        asked += 1
    assert asked == 8


def test_no_list_or_search_shows_another_client(world: World, objects: dict[str, Any]) -> None:
    """Lists, searches and changes of Southbourne hold neither an id nor a name of Northmere's; the owner's do."""
    south, north = system(world, "SOUTH"), system(world)
    ids = {
        str(objects[name]) for name in ("case_id", "referral_id", "report_id", "alert_id", "question_id", "study_id")
    }
    met = ""
    for operation in (o for o in OPERATIONS if not o.holds_id):
        said = _ask(south, operation, objects).content.decode()
        assert not any(word in said for word in PATIENT), operation.name
        assert not any(one in said for one in ids), operation.name
        met += _ask(north, operation, objects).content.decode()
    assert {str(objects[n]) for n in ("case_id", "referral_id", "report_id", "alert_id")} <= {
        i for i in ids if i in met
    }

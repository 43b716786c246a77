"""Every query door of a patient row asks for the scope. The rows used here are clients' sites."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from overread.foundation.clients.models import Client, Site
from overread.foundation.tenancy.scope import NoScope, OutOfScope, Scope, open_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Client:
    """A client with a site."""
    return _client("NORTH")


@pytest.fixture
def south() -> Client:
    """Another client with a site."""
    return _client("SOUTH")


def _client(code: str) -> Client:
    client = Client.objects.create(code=code, name=code.title(), added_at=timezone.now())
    with open_scope(Scope.client(client.id), opened_by="test"):
        Site.objects.create(client=client, code="MAIN", name=f"{code} main site")
    return client


DOORS: dict[str, Callable[[], Any]] = {
    "all": lambda: list(Site.objects.all()),
    "iterator": lambda: list(Site.objects.iterator()),
    "filter": lambda: list(Site.objects.filter(code="MAIN")),
    "get": lambda: Site.objects.get(code="MAIN"),
    "first": lambda: Site.objects.first(),
    "count": lambda: Site.objects.count(),
    "exists": lambda: Site.objects.exists(),
    "aggregate": lambda: Site.objects.aggregate(),
    "values": lambda: list(Site.objects.values("code")),
    "values_list": lambda: list(Site.objects.values_list("code", flat=True)),
    "in_bulk": lambda: Site.objects.in_bulk(),
    "update": lambda: Site.objects.update(name="x"),
    "delete": lambda: Site.objects.all().delete(),
    "raw": lambda: list(Site.objects.raw("SELECT * FROM clients_site")),
    "create": lambda: Site.objects.create(client_id=uuid.uuid4(), code="X", name="X"),
    "bulk_create": lambda: Site.objects.bulk_create([Site(client_id=uuid.uuid4(), code="X", name="X")]),
    "get_or_create": lambda: Site.objects.get_or_create(code="X"),
    "update_or_create": lambda: Site.objects.update_or_create(code="X"),
    "save": lambda: Site(client_id=uuid.uuid4(), code="X", name="X").save(),
    "base manager": lambda: list(Site._base_manager.all()),
}


@pytest.mark.parametrize("door", sorted(DOORS))
def test_every_door_raises_without_a_scope(north: Client, door: str) -> None:
    """No query runs while no scope is open, by whichever door it comes."""
    with pytest.raises(NoScope):
        DOORS[door]()


def test_reads_see_only_clients_in_scope(north: Client, south: Client) -> None:
    """Under one client's scope the other client's rows do not exist; under both, both do; as an outsider, none."""
    seen = {}
    for name, scope in {
        "north": Scope.client(north.id),
        "both": Scope.clients([north.id, south.id]),
        "outsider": Scope.clients([]),
        "provider": Scope.provider(),
        "everything": Scope.everything(),
    }.items():
        with open_scope(scope, opened_by="test"):
            seen[name] = sorted(Site.objects.values_list("name", flat=True))
    both = ["NORTH main site", "SOUTH main site"]
    assert seen == {"north": both[:1], "both": both, "outsider": [], "provider": [], "everything": both}


def test_a_row_of_another_client_cannot_be_written(north: Client, south: Client) -> None:
    """Create, bulk create, save and moving a row to another client are refused outside the scope."""
    with open_scope(Scope.client(north.id), opened_by="test"):
        with pytest.raises(OutOfScope):
            Site.objects.create(client=south, code="X", name="X")
        with pytest.raises(OutOfScope):
            Site.objects.bulk_create([Site(client=south, code="X", name="X")])
        with pytest.raises(OutOfScope):
            Site.objects.update(client=south)
        site = Site.objects.get()
        site.client = south
        with pytest.raises(OutOfScope):
            site.save()


def test_updates_and_deletes_pass_by_other_clients(north: Client, south: Client) -> None:
    """An update or delete of everything touches only rows in scope."""
    with open_scope(Scope.client(north.id), opened_by="test"):
        assert Site.objects.update(name="renamed") == 1
        assert Site.objects.all().delete()[0] == 1
    with open_scope(Scope.client(south.id), opened_by="test"):
        assert Site.objects.get().name == "SOUTH main site"


def test_a_queryset_does_not_outlive_its_scope(north: Client, south: Client) -> None:
    """A queryset made under one client's scope raises under another's."""
    with open_scope(Scope.client(north.id), opened_by="test"):
        kept = Site.objects.all()
    with open_scope(Scope.client(south.id), opened_by="test"), pytest.raises(NoScope):
        list(kept)


def test_only_listed_doors_open_a_scope() -> None:
    """Code that is not on the list of site/wiring.py cannot open a scope."""
    with pytest.raises(PermissionError), open_scope(Scope.everything(), opened_by="a page"):
        pass


@pytest.fixture
def by_hand() -> Callable[[str], list[Any]]:
    """SQL by hand, which passes by the query doors."""

    def run(statement: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    return run


@pytest.mark.postgres
def test_the_second_wall_hides_other_clients_from_sql(
    north: Client, south: Client, by_hand: Callable[[str], list[Any]]
) -> None:
    """On PostgreSQL SQL by hand sees no row without a scope, and only its own client's under one."""
    assert by_hand("SELECT name FROM clients_site") == []
    with open_scope(Scope.client(north.id), opened_by="test"):
        assert by_hand("SELECT name FROM clients_site") == [("NORTH main site",)]
    assert by_hand("SELECT name FROM clients_site") == []


@pytest.mark.postgres
def test_the_second_wall_refuses_to_write_for_others(
    north: Client, south: Client, by_hand: Callable[[str], list[Any]]
) -> None:
    """On PostgreSQL an insert for another client is refused, and an update of all touches only rows in scope."""
    values = f"'{uuid.uuid4()}', 'Y', 'Y', true, '{south.id}'"
    insert = f"INSERT INTO clients_site (id, code, name, active, client_id) VALUES ({values})"  # noqa: S608
    with open_scope(Scope.client(north.id), opened_by="test"):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(insert)
        by_hand("UPDATE clients_site SET name = 'z'")
    with open_scope(Scope.client(south.id), opened_by="test"):
        assert Site.objects.get().name == "SOUTH main site"

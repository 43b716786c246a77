"""Every table belongs to a client, or stands on the list of those that do not, with its reason."""

import pytest
from django.apps import apps
from django.db import connection, models

from overread.foundation.tenancy.bases import PatientRow, ProviderRow
from overread.foundation.tenancy.rows import ScopedManager

# Tables that are not of one client. A new one is added here only with a reason that holds.
GLOBAL = {
    "accounts": "People sign in before any scope is known; these rows decide it, and hold nothing about patients.",
    "clients.Client": "The tenant itself.",
    "clients.AeTitle": "Read at the door to find the client of a caller.",
    "clients.ApiToken": "Read at the door to find the client of a token.",
    "ledger": "One ledger with a chain per client; only its own queries read it, under the scope.",
    "work": "Jobs and turns of all clients, taken by workers that then open the scope of the job's client.",
    "clock": "Deadlines of all clients, fired under the scope of the deadline's client; bank holidays are public.",
}

# Keys that are unique by themselves although their row belongs to a client: random secrets, which tell nobody anything.
SECRETS = {"escalation.Link": ["token_sha256"]}


def _ours() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("overread.")]


def _name(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def _is_global(model: type[models.Model]) -> bool:
    return _name(model) in GLOBAL or model._meta.app_label in GLOBAL


def test_every_table_has_its_client_or_a_reason() -> None:
    """Each model is a row of a client, a row of the provider, or on the list with the reason why not."""
    strays = [_name(m) for m in _ours() if not issubclass(m, PatientRow | ProviderRow) and not _is_global(m)]
    assert strays == [], "derive it from PatientRow (or ProviderRow), or say here why it belongs to nobody"


def test_the_list_names_only_what_exists() -> None:
    """The list of tables without a client holds no name that is gone."""
    known = {_name(m) for m in _ours()} | {m._meta.app_label for m in _ours()}
    assert set(GLOBAL) <= known


@pytest.mark.parametrize("model", [m for m in _ours() if issubclass(m, PatientRow)], ids=_name)
def test_a_row_of_a_client_is_reached_through_the_scope_and_keyed_by_the_client(model: type[models.Model]) -> None:
    """Every way to such a row goes through the scope, its client is never empty, and unique keys start with it."""
    assert isinstance(model._meta.default_manager, ScopedManager)
    assert isinstance(model._meta.base_manager, ScopedManager)
    client = model._meta.get_field("client")
    assert client.column == "client_id"
    assert not client.null
    firsts = [c.fields[0] for c in model._meta.total_unique_constraints]
    conditional = [c.fields[0] for c in model._meta.constraints if isinstance(c, models.UniqueConstraint) and c.fields]
    assert {*firsts, *conditional} <= {"client"}
    own_keys = [f.name for f in model._meta.fields if f.unique and not f.primary_key]
    assert own_keys == SECRETS.get(_name(model), []), (
        "a key that is unique by itself lets one client see that another has it"
    )


@pytest.mark.postgres
@pytest.mark.django_db
def test_every_table_of_a_client_has_the_second_wall() -> None:
    """On PostgreSQL row-level security is on and forced for every table with rows of clients."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        walled = {row[0] for row in cursor.fetchall()}
    missing = sorted(m._meta.db_table for m in _ours() if issubclass(m, PatientRow) and m._meta.db_table not in walled)
    assert missing == [], "add EnableRLS to the area's migrations"

"""What holds about people at a time: the statement that is made once answers as Django's own does."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from overread.foundation.accounts.models import Person
from overread.foundation.history.rows import holding, holding_of_people
from overread.foundation.tenancy.scope import NoScope, Scope, open_scope
from overread.governance.credentials.models import Privilege, Registration

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _people() -> list[uuid.UUID]:
    return [Person.objects.create(email=f"p{n}@example.org", full_name=f"P{n}", made_at=BEGIN).id for n in range(3)]


@pytest.mark.django_db
def test_both_ways_give_the_same_rows() -> None:
    """For random versions of three people the two ways answer alike at every moment, value by value."""
    made = random.Random(7)  # noqa: S311  versions, not secrets
    with open_scope(Scope.provider(), opened_by="test"):
        people, keys = _people(), [uuid.uuid4() for _ in range(6)]
        for _ in range(60):
            begun = BEGIN + timedelta(days=made.randrange(100))
            shared = {
                "key": made.choice(keys),
                "person_id": made.choice(people),
                "valid_from": begun,
                "valid_to": begun + timedelta(days=20) if made.random() < 0.4 else None,
                "recorded_at": BEGIN + timedelta(days=made.randrange(100)),
                "recorded_by": "system:test",
            }
            Registration.objects.create(body="GMC", number="7000001", checked_on=date(2026, 1, 1), **shared)
            Privilege.objects.create(modalities=["CT", "MR"], read_types=["primary"], **shared)
        for model in (Registration, Privilege):
            for days in range(0, 110, 7):
                moment = {"at": BEGIN + timedelta(days=days), "known_by": BEGIN + timedelta(days=made.randrange(110))}
                asked = made.sample(people, made.randrange(1, 4))
                plain = holding(model.objects.filter(person_id__in=asked), **moment)
                quick = holding_of_people(model, asked, **moment)
                assert [vars(r) | {"_state": 0} for r in quick] == [vars(r) | {"_state": 0} for r in plain]


@pytest.mark.django_db
def test_nobody_has_nothing_and_no_scope_is_refused() -> None:
    """Without people there are no rows, and without a scope the question is refused."""
    with open_scope(Scope.provider(), opened_by="test"):
        assert holding_of_people(Registration, [], at=BEGIN, known_by=BEGIN) == []
    with pytest.raises(NoScope):
        holding_of_people(Registration, [uuid.uuid4()], at=BEGIN, known_by=BEGIN)

"""Staff files of the world's readers: whole, as they are before anybody's first piece of work; written as rows, because it is many."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.governance.people.models import Paper, Post
from overread.governance.people.rules import SEEN, asked

FIRST_NUMBER = 9000  # far from what tests record themselves


def _version(person: PersonView, number: int, since: datetime) -> dict[str, Any]:
    about = {"person_id": person.id, "number": FIRST_NUMBER + number, "key": uuid4()}
    return about | {"valid_from": since, "recorded_at": since, "recorded_by": "system:test"}


def fill_file(person: PersonView) -> None:
    """The post of a person and every paper that their file must hold, seen 400 days ago."""
    since = timezone.now() - timedelta(days=400)
    started = timezone.localdate() - timedelta(days=400)
    Post.objects.create(**_version(person, 0, since), post="Radiologist", basis="contractor", started_on=started)
    ends = timezone.localdate() + timedelta(days=300)
    Paper.objects.bulk_create(
        Paper(
            **_version(person, place, since),
            item=item.code,
            held=SEEN,
            seen_on=started,
            detail="Original seen.",
            expires_on=ends if item.expires else None,
        )
        for place, item in enumerate(asked(person.roles))
    )

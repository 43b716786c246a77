"""The bytes of a returned study go from the store, whichever store it is; what something else is made of stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overread.foundation.blobs.store import BlobStore, open_store
from overread.foundation.blobs.tests.bucket import Bucket, bucket
from overread.journey.reception import actions, queries
from overread.journey.reception.events import StudyReturned
from overread.journey.reception.rules import Arrived
from overread.site import indexing, places
from tests.world import SEED, World, world

__all__ = ["bucket", "world"]


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], BlobStore]:
    """A store in a folder, and one in a bucket."""
    place: Bucket | None = request.getfixturevalue("bucket") if request.param == "bucket" else None
    return lambda: open_store(place.url if place else "", tmp_path, 0)


def test_a_returned_study_leaves_the_store(
    world: World, opened: Callable[[], BlobStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a held study is returned its objects are gone from folder or bucket, except bytes another study needs."""
    store = opened()
    monkeypatch.setattr(places, "store", lambda: store)
    monkeypatch.setattr(indexing, "SETTLED_SECONDS", -3600.0)  # as if the objects had come an hour ago
    objects = []
    for number, one in enumerate(world.objects("1.2.826.0.1.3680043.9.7.1", 3, birth_date=date(2012, 1, 1))):
        ref = store.put(b"image %d" % number)
        objects.append(Arrived(replace(one, key=ref.key, sha256=ref.sha256)))
    shared = objects[0].stored
    adult = world.objects("1.2.826.0.1.3680043.9.7.2", 1, key=shared.key, sha256=shared.sha256)
    with world.scope("NORTH"):
        client_id = world.clients["NORTH"]
        actions.take_batch(actor=SEED, client_id=client_id, batch=tuple(objects))
        actions.take_batch(actor=SEED, client_id=client_id, batch=(Arrived(adult[0]),))
        hold = queries.held()[0]
        actions.return_hold(actor=world.actor("administrator"), hold_id=hold.id, reason="We read adults only")
        indexing.purge(StudyReturned(client_id=client_id, hold_id=hold.id))
        found = queries.hold(hold.id)
        assert found is not None
        assert queries.held_keys(hold.id) == []
    assert list(store.list()) == [shared.key]
    assert store.verify(shared.key)

"""Peer review for the sweep: a review to grade, one that is followed up, a bundle to look at, one outside, and their draws."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.running import drain
from overread.journey.allocation import actions as allocation
from overread.journey.review import actions, queries
from overread.journey.review.queries import ReviewView
from overread.site import reviewing
from tests.signing import SECTIONS, sign, written
from tests.world import SEED, World

PLAIN = SECTIONS | {
    "findings": "No haemorrhage. Ventricles of normal size.",
    "conclusion": "Normal study.",
    "recommendation": "None.",
}
SERIOUS: dict[str, Any] = {
    "uk": 2,
    "radpeer": "2b",
    "cause": "perception",
    "comment": "A second, right-sided collection of 4 mm stands on slices 31 to 36.",
}


def _appoint(world: World) -> None:
    today = timezone.localdate()
    values = {
        "person": world.people["reviewer"].id,
        "body": "GMC",
        "registration": "7011111",
        "checked_on": today,
        "speciality": "CT and MRI",
        "agreement": "Signed, in the folder of agreements",
        "begins_on": today - timedelta(days=100),
        "ends_on": today + timedelta(days=90),
    }
    with open_scope(Scope.provider(), opened_by="test"):
        actions.appoint(actor=world.actor("manager"), values=values, why="First appointment")


def _read(world: World) -> None:
    """One more signed report of the first reader."""
    ready = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=ready.read_id)
        sign(world, ready.read_id, written(world, ready.read_id, PLAIN), sections=PLAIN, alert=None)
        drain()


def _draw() -> list[ReviewView]:
    """Draw all that was signed today; the reviews it made."""
    at = timezone.now()
    everything = {"peer_review.external_share": 0, "peer_review.percent": 100}
    with open_scope(Scope.everything(), opened_by="test"), thresholds.overridden(everything):
        actions.draw(actor=SEED, from_at=at - timedelta(days=1), to_at=at, seed="larkfield")
        return queries.open_reviews()


def _released(world: World, view: ReviewView) -> UUID:
    with world.scope("NORTH"):
        one = next(b for b in queries.bundles_to_check() if b["review_id"] == view.id)
        words = {name: one[name] for name in ("question", "text", "earlier")}
        actions.release_bundle(actor=world.actor("manager"), bundle_id=one["id"], **words)
    found: UUID = one["id"]
    return found


def seed_reviews(world: World) -> dict[str, dict[str, Any]]:
    """What stands in the addresses of peer review, by the name of the route, or of route and person."""
    reviewing.join()
    _appoint(world)
    for _ in range(3):
        _read(world)
    followed, waiting, checked, sent = _draw()[:4]
    with world.scope("NORTH"):
        actions.judge(actor=world.actor("reader2"), review_id=followed.id, act="grade", **SERIOUS)
        for view in (checked, sent):
            actions.route(
                actor=world.actor("manager"), review_id=view.id, outside=True, why="Our second reader is away"
            )
        drain()
        bundle = next(b["id"] for b in queries.bundles_to_check() if b["review_id"] == checked.id)
    with open_scope(Scope.everything(), opened_by="test"):
        draw_id = queries.draws()[0]["id"]
    return {
        "review:one reader2": {"review_id": waiting.id},
        "review:one reader": {"review_id": followed.id},
        "review:one manager": {"review_id": followed.id},
        "review:draw": {"draw_id": draw_id},
        "review:bundle": {"bundle_id": bundle},
        "review:outside_one": {"bundle_id": _released(world, sent)},
        **{f"review:profile {name}": {"person_id": world.people["reader"].id} for name in ("reader", "manager")},
    }

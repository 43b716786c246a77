"""Reformats are offered only where the images lie straight behind one another (H15)."""

from __future__ import annotations

from tests.room.service import MARKS, Desk, Service, context, drawing, room, served, until

__all__ = ["context", "drawing", "room", "served"]
pytestmark = MARKS
HANGING = "overreadRoom.hands.hanging"


def test_a_tilted_gantry_gets_no_reformats(served: Service, room: Desk) -> None:
    """X on a stack of a gantry that leans by 15 degrees says why reformats are not offered, and hangs none."""
    room.claim(served.made["tilted"])
    before = room.viewer.evaluate(HANGING)
    room.over_images("x")
    said = room.viewer.locator("#overread-said")
    until(said.is_visible, "the refusal")
    assert said.inner_text() == "Gantry tilt 15 deg: reformats are sheared and not offered"
    assert room.viewer.evaluate(HANGING) == before


def test_a_straight_stack_gets_its_reformats(served: Service, room: Desk) -> None:
    """X on a stack that lies straight hangs the three planes and refuses nothing."""
    room.claim(served.case())
    room.over_images("x")
    until(lambda: room.viewer.evaluate(HANGING).startswith("overread.mpr"), "the reformats")
    assert room.viewer.locator("#overread-said").inner_text() == ""

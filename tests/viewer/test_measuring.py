"""What is measured and what moves, in a real browser: spacing, lengths, cine and slabs, by numbers where there are some (H15)."""

from __future__ import annotations

import itertools
import statistics
from typing import Any

import pytest

from tests.viewer import phantom, world
from tests.viewer.rooms import MARKS, Room, browser, living, room, served

__all__ = ["browser", "living", "room", "served"]
pytestmark = MARKS


def _measured(room: Room, tool: str = "l") -> dict[str, Any]:
    """A line of 120 screen pixels drawn across the first image; what the page is told of it."""
    room.press(tool)
    box = room.viewer.locator(".cornerstone-viewport-element").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for move, act in (((x - 60, y), "down"), ((x + 60, y), "up")):
        room.page.mouse.move(*move, steps=6)
        getattr(room.page.mouse, act)()
    return room.until(lambda: [m for m in room.heard("measurement") if m.get("words")], "a length")[-1]


# Where the two ends of the line lie in the image, in pixels, by the camera alone.
SPAN = """() => {
  const [viewport] = cornerstone.getRenderingEngines()[0].getViewports();
  const [a, b] = cornerstoneTools.annotation.state.getAllAnnotations().at(-1).data.handles.points;
  return Math.hypot(...a.map((value, axis) => value - b[axis]));
}"""


def test_a_measurement_comes_to_the_page_with_its_image(room: Room) -> None:
    """A length drawn on a CT is told in mm with its instance and the word calibrated, and is as long as it was drawn (H15)."""
    room.open(world.READ_TWO)
    told = _measured(room)
    assert told["tool"] == "Length"
    assert told["sop"].startswith(f"{phantom.study_uid(3)}.2.")
    assert told["spacing"] == "calibrated spacing"
    assert " mm (calibrated spacing)" in told["words"]
    assert float(told["words"].split()[0]) > 10

    def as_drawn() -> bool:  # it is told at every step of the hand; the last word is the whole line
        last = [m for m in room.heard("measurement") if m.get("words")][-1]
        return bool(abs(float(last["words"].split()[0]) - room.viewer.evaluate(SPAN)) < 0.06)

    room.until(as_drawn, "the length of the whole line, in mm in the patient")
    mark = room.viewer.locator(".overread-spacing").first
    assert mark.inner_text() == "calibrated spacing"


@pytest.mark.parametrize(
    ("read", "spacing"),
    [(world.READ_DETECTOR, "uncalibrated spacing"), (world.READ_BARE, "no spacing, pixels only")],
)
def test_a_measurement_without_calibration_says_so(room: Room, read: str, spacing: str) -> None:
    """On a projection with the detector's spacing and on an image without any, measurement and image say so; without any it is in pixels (H15)."""
    room.forget()
    if room.page.url == "about:blank":
        room.open(world.READ_TWO)
    room.next(read)
    room.until(lambda: room.heard("place"), "the image")
    room.focus()
    mark = room.viewer.locator(".overread-spacing").first
    room.until(lambda: mark.inner_text() == spacing, "the mark on the image")
    assert "is-doubtful" in mark.get_attribute("class")
    room.forget()
    told = _measured(room)
    assert told["spacing"] == spacing, told["words"]
    assert f"({spacing})" in told["words"]
    assert (" mm" in told["words"]) == (read == world.READ_DETECTOR)


SPACINGS: list[tuple[dict[str, Any], str]] = [
    ({"Modality": "CT", "PixelSpacing": [0.4, 0.4]}, "calibrated spacing"),
    ({"Modality": "MR", "PixelSpacing": ["0.9", "0.9"]}, "calibrated spacing"),
    ({"Modality": "CT", "PixelSpacing": [0.5, 0.4]}, "calibrated spacing"),
    ({"Modality": "CT"}, "no spacing, pixels only"),
    ({"Modality": "CT", "PixelSpacing": [0, 0]}, "no spacing, pixels only"),
    ({"Modality": "DX", "ImagerPixelSpacing": [0.14, 0.14]}, "no spacing, pixels only"),
    ({"Modality": "DX", "ImagerPixelSpacing": [0.14, 0.14], "PixelSpacing": [0.14, 0.14]}, "uncalibrated spacing"),
    ({"Modality": "DX", "ImagerPixelSpacing": [0.14, 0.14], "PixelSpacing": [0.1, 0.1]}, "calibrated spacing"),
    ({"Modality": "PX", "PixelSpacing": [0.1, 0.1]}, "uncalibrated spacing"),
    (
        {"Modality": "IO", "PixelSpacing": [0.02, 0.02], "PixelSpacingCalibrationType": "FIDUCIAL"},
        "calibrated spacing",
    ),
    ({"Modality": "OT", "PixelSpacing": [0.3, 0.3], "ConversionType": "WSD"}, "uncalibrated spacing"),
    ({"Modality": "OT", "NominalScannedPixelSpacing": "0.2\\0.2", "PixelSpacing": "0.2\\0.2"}, "uncalibrated spacing"),
]


def test_twelve_headers_are_given_the_spacing_that_they_deserve(room: Room) -> None:
    """Pixel Spacing, Imager Pixel Spacing, calibration types, scans and none: each header gets its word (H15, PS3.3 10.7)."""
    room.open(world.READ_TWO)
    ask = "headers => import('/static/viewer/spacing.js').then(found => headers.map(each => found.spacingOf(each)))"
    assert room.viewer.evaluate(ask, [header for header, _ in SPACINGS]) == [word for _, word in SPACINGS]


def test_millimetres_are_never_called_better_than_they_are(room: Room) -> None:
    """Where the viewer shows mm for an image without spacing, the word is uncalibrated, never calibrated."""
    ask = "([words, header]) => import('/static/viewer/spacing.js').then(found => found.spacingOfWords(words, header))"
    room.open(world.READ_TWO)
    assert room.viewer.evaluate(ask, ["12 mm", {"Modality": "CT"}]) == "uncalibrated spacing"
    assert room.viewer.evaluate(ask, ["12 px", {"Modality": "CT", "PixelSpacing": [1, 1]}]) == "no spacing, pixels only"


def test_cine_plays_through_the_stack_and_stops(room: Room) -> None:
    """Space plays the stack image after image in order, and Space again stops it where it is."""
    room.open(world.READ_TWO)
    room.viewer.evaluate(
        """() => {
          window.played = [];
          const [viewport] = cornerstone.getRenderingEngines()[0].getViewports();
          viewport.element.addEventListener('CORNERSTONE_STACK_NEW_IMAGE', () => played.push(viewport.getCurrentImageIdIndex()));
        }"""
    )
    room.press(" ")
    played = room.until(lambda: (p := room.viewer.evaluate("played")) and len(p) >= 12 and p, "twelve images")
    assert all((after - before) % 24 in (1, 2, 3) for before, after in itertools.pairwise(played)), played
    assert len(set(played)) >= 10
    room.press(" ")
    playing = "Object.values(overreadRoom.services.cineService.getState().cines).some(each => each.isPlaying)"
    room.until(lambda: not room.viewer.evaluate(playing), "the end of it")
    still = "cornerstone.getRenderingEngines()[0].getViewports()[0].getCurrentImageIdIndex()"
    room.page.wait_for_timeout(150)
    here = room.viewer.evaluate(still)
    room.page.wait_for_timeout(600)
    assert room.viewer.evaluate(still) == here
    room.viewer.evaluate("overreadRoom.services.cineService.setIsCineEnabled(false)")


# Grey values along a line across the middle of the axial reformat, as drawn.
AXIAL = """() => {
  const viewport = cornerstone.getRenderingEngines()[0].getViewport('overread-axial');
  const canvas = viewport.getCanvas();
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d');
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  const at = (dx, dy) => {
    const world = viewport.getCamera().focalPoint;
    const [x, y] = viewport.worldToCanvas([dx, dy, world[2]]).map(v => Math.round(v * window.devicePixelRatio));
    return data[(y * copy.width + x) * 4];
  };
  const values = [];
  for (let x = -50; x <= -26; x += 1) for (let y = -30; y <= 30; y += 2) values.push(at(x, y));
  return { z: viewport.getCamera().focalPoint[2], mm: viewport.getSlabThickness(), values };
}"""


def _spread(values: list[int]) -> float:
    return statistics.pstdev(values)


def test_a_slab_averages_what_lies_within_it(room: Room) -> None:
    """A slab of 10 mm and more in the reformats lessens the noise of the brain as averaging does, and off is off again."""
    room.open(world.READ_ONE)
    room.press("3", "x")
    room.until(lambda: room.viewer.evaluate("overreadRoom.hands.hanging") == "overread.mpr-prior", "the reformats")
    room.until_texts(lambda texts: all("215" in texts[n].split() for n in (0, 2, 3)), "the kept window")
    narrow = "overreadRoom.viewports.get('overread-axial').setProperties({voiRange: {lower: 20, upper: 48}})"
    room.viewer.evaluate(narrow)

    def look() -> dict[str, Any]:
        room.viewer.evaluate("overreadRoom.viewports.get('overread-axial').render()")
        room.page.wait_for_timeout(300)
        return dict(room.viewer.evaluate(AXIAL))

    thin = look()
    room.viewer.evaluate("overreadRoom.act('slab', 0)")
    slab = look()
    for _ in range(4):
        room.viewer.evaluate("overreadRoom.act('slab', 1)")
    thick = look()
    assert (slab["mm"], thick["mm"]) == (10, 30)
    middle = statistics.median(thin["values"])
    assert abs(statistics.median(thick["values"]) - middle) < 12, "the brain stays as grey as it is"
    assert _spread(slab["values"]) < 0.85 * _spread(thin["values"])
    assert _spread(thick["values"]) < 0.8 * _spread(slab["values"])
    room.viewer.evaluate("overreadRoom.act('slab', 0)")
    again = look()
    assert again["values"] == thin["values"]
    room.press("x")

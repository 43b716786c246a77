"""The viewer in a real browser, over generated head CT: what a reader sees, and what must never happen.

Software drawing only; no real CT, no GPU. The reading page of these tests only keeps what the viewer says to it.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.viewer import phantom, world
from tests.viewer.rooms import MARKS, Room, browser, living, room, served

__all__ = ["browser", "living", "room", "served"]
pytestmark = MARKS


def test_a_head_ct_is_hung_with_its_windows_and_its_prior(room: Room) -> None:
    """A head CT opens as brain, prior, subdural and bone, marked on all four sides; the prior says that it is one."""
    room.open(world.READ_ONE)
    room.until_texts(lambda texts: len(texts) == 4 and "P" in texts[3].split(), "four images")
    first, prior, subdural, bone = room.texts()
    assert first.split()[first.split().index("W:") :][:4] == ["W:", "80", "L:", "40"]
    assert "215" in subdural.split()
    assert "2800" in bone.split()
    assert "Prior 2 Mar 2024, CT head" in prior
    assert "linked by position, not registered" in prior
    for text in room.texts():
        assert {"R", "L", "A", "P"} <= set(text.split())
    room.until(lambda: room.greys()[-1] == 255, "white bone in a brain window")
    greys = room.greys()
    assert greys[0] == 0, "air is black"
    assert greys[len(greys) * 6 // 10] > 60 or len({g for g in greys if 40 < g < 215}) > 20, "brain is grey"
    assert room.place()["preset"] == "Brain"


def test_keys_on_the_image_change_the_window_and_scroll_both_studies(room: Room) -> None:
    """4 sets the stroke window; arrow keys scroll, and the prior follows by position."""
    room.open(world.READ_ONE)
    room.press("4")
    room.until(lambda: room.place()["voi"] == {"width": 40, "center": 40}, "the stroke window")
    assert room.place()["preset"] == "Stroke"
    before = room.texts()[1]
    room.press(*["ArrowDown"] * 6)
    room.until(lambda: room.texts()[1] != before, "the prior")
    here = room.until(lambda: room.heard("place")[-1], "the place")
    assert here["study"] == phantom.study_uid(1)


def test_a_key_image_names_its_instance_and_window_and_carries_a_picture(room: Room) -> None:
    """I makes a key image: SOP instance, frame, window, camera and a PNG; a reformat says that it is one."""
    room.open(world.READ_ONE)
    room.press("i")
    [made] = room.until(lambda: room.heard("key-image"), "a key image")
    assert made["sop"] == room.place()["sop"]
    assert (made["series"], made["frame"], made["reformatted"]) == (f"{phantom.study_uid(1)}.2", 1, False)
    assert made["voi"] == {"width": 80, "center": 40}
    picture = base64.b64decode(made["picture"].removeprefix("data:image/png;base64,"), validate=True)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5_000
    assert made["read"] == world.READ_ONE


def test_mpr_shows_three_planes_beside_the_prior(room: Room) -> None:
    """X turns the series into axial, coronal and sagittal with the window kept and the prior beside; X again goes back."""
    room.open(world.READ_ONE)
    room.press("3", "x")
    room.until(lambda: "H" in "".join(room.texts()[2:]).split(), "the reformats")
    room.until_texts(lambda texts: all("215" in texts[n].split() for n in (0, 2, 3)), "the kept window")
    assert "Prior" in room.texts()[1]
    assert room.greys(2)[-1] == 255
    room.press("x")
    room.until(lambda: room.place()["hanging"] == "overread.ct-head-prior", "the hanging before")


def test_the_prior_can_be_taken_away_and_brought_back(room: Room) -> None:
    """P hides the prior and shows it again; each viewport keeps the window it was hung with."""
    room.open(world.READ_ONE)
    room.press("p")
    room.until_texts(lambda texts: len(texts) == 3 and "Prior" not in "".join(texts), "three images")
    room.until_texts(lambda texts: "80" in texts[0].split() and "215" in texts[1].split(), "the windows")
    room.press("p")
    room.until_texts(lambda texts: len(texts) == 4 and "Prior" in texts[1], "the prior")


def test_the_page_learns_which_instances_were_displayed(room: Room) -> None:
    """Every instance that was drawn is told once; G goes from one unseen image to the next until all have been shown."""
    room.open(world.READ_TWO)
    seen = "overreadRoom.coverage.seen.size"
    room.until(lambda: room.press("g") or room.viewer.evaluate(seen) == 24, "every image")
    room.until(lambda: sum(len(each["instances"]) for each in room.told("displayed")) == 24, "24 displayed images")
    shown = [image["sop"] for message in room.told("displayed") for image in message["instances"]]
    assert len(set(shown)) == 24
    assert all(sop.startswith(f"{phantom.study_uid(3)}.2.") for sop in shown)


def test_keys_that_are_the_pages_are_passed_to_it(room: Room) -> None:
    """N, Ctrl Enter, Alt C, M, F6 and ? pressed over the images reach the reading page; 1 does not."""
    room.open(world.READ_ONE)
    room.forget()
    room.press("n", "Control+Enter", "Alt+c", "m", "F6", "?", "1")
    told = [(each["key"], each["ctrl"], each["alt"]) for each in room.heard("key")]
    wanted = [("n", 0, 0), ("Enter", 1, 0), ("c", 0, 1), ("m", 0, 0), ("F6", 0, 0), ("?", 0, 0)]
    assert told == [(key, bool(ctrl), bool(alt)) for key, ctrl, alt in wanted]


def test_the_next_case_of_the_same_client_opens_without_a_new_start(room: Room) -> None:
    """The living viewer goes to the next read; nothing of the one before is on screen, and messages name the new read."""
    room.open(world.READ_ONE)
    room.viewer.evaluate("window.still = true")
    room.forget()
    room.next(world.READ_TWO)
    room.until(lambda: room.heard("place"), "the next case")
    assert room.viewer.evaluate("window.still") is True
    nowhere = "told.filter(m => m.type === 'displayed' && m.read === null).length"
    assert room.page.evaluate(nowhere) == 0, "what was displayed is told of the read it belongs to"
    showing = room.heard("showing")
    assert [each["read"] for each in showing] == [None, world.READ_TWO]
    assert [study["uid"] for study in showing[-1]["studies"]] == [phantom.study_uid(3)]
    assert {each["study"] for each in room.heard("place")} == {phantom.study_uid(3)}


def test_the_viewer_is_emptied_when_the_client_changes(room: Room) -> None:
    """A case of another client replaces the whole document: nothing that the viewer held before is left in it (H06)."""
    room.open(world.READ_ONE)
    room.viewer.evaluate("window.still = true")
    room.forget()
    room.next(world.READ_OTHER)
    room.until(lambda: room.heard("place"), "the other client's case")
    assert room.viewer.evaluate("window.still") is None
    assert room.heard("cleared")
    assert {each["study"] for each in room.heard("place")} == {phantom.study_uid(4)}
    assert room.viewer.evaluate("window.cornerstone.cache.getCacheSize() < 24 * 128 * 128 * 4 + 1")


def test_the_page_is_told_when_another_read_is_on_screen(room: Room) -> None:
    """If the page belongs to another read than the images, the page hears of the mismatch at the next message (H20)."""
    room.open(world.READ_ONE)
    room.page.evaluate("read => { window.mismatches = []; window.readId = read; }", world.READ_TWO)
    room.focus()
    room.press("n")
    found = room.until(lambda: room.page.evaluate("window.mismatches"), "a mismatch")
    assert found[0] == [world.READ_ONE, world.READ_TWO]


def test_a_read_that_is_not_theirs_shows_nothing(room: Room) -> None:
    """Asked for a read that the person may not open, the viewer covers the images and says so."""
    room.open(world.READ_ONE)
    room.forget()
    missing = world.READ_ONE[:-1] + "9"
    room.page.evaluate("read => bridge.send('open', { wanted: read })", missing)
    room.until(lambda: room.heard("problem"), "the refusal")
    assert "cannot be shown" in room.viewer.locator("#overread-cover").inner_text()
    assert room.heard("showing")[-1]["studies"] == []
    room.faults[:] = [fault for fault in room.faults if "404" not in fault]


def test_the_access_book_knows_every_series_that_was_opened(room: Room) -> None:
    """Each series whose frames left the server has its entry in the access book."""
    room.open(world.READ_ONE)
    series = {each for _, _, each in room.world.calls if each}
    assert {f"{phantom.study_uid(1)}.2", f"{phantom.study_uid(1)}.3", f"{phantom.study_uid(2)}.2"} <= series


def test_frames_reach_the_browser_as_lossless_copies(room: Room) -> None:
    """Frames are sent as HTJ2K, and the viewer decodes them to exactly the stored values."""
    room.open(world.READ_TWO)
    assert room.sent
    assert all('type="image/jphc"' in each for each in room.sent)
    values = room.viewer.evaluate(
        """() => {
          const [engine] = window.cornerstone.getRenderingEngines();
          const image = engine.getViewports()[0].getCornerstoneImage();
          return [image.imageId, [...image.voxelManager.getScalarData().slice(8000, 8200)]];
        }"""
    )
    sop = values[0].split("/instances/")[1].split("/")[0]
    [path] = [Path(each.key) for each in room.world.files[phantom.study_uid(3)] if each.sop_uid == sop]
    assert values[1] == phantom.read(path).pixel_array.ravel()[8000:8200].tolist()

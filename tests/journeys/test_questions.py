"""A question back: asked beside the images, answered in the portal, seen in the office, and in the way of the signature."""

from uuid import UUID

import pytest

from overread.foundation.work.running import drain
from overread.journey.case import actions as case_actions
from overread.journey.case import queries as cases
from overread.journey.referral import actions as referrals
from overread.journey.referral import queries
from tests.journeys.house import House, house, text_of
from tests.journeys.test_kinds import CT, _fields, signed, write
from tests.kinds import agreed, ready
from tests.signing import SECTIONS
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
ASKED = {"subject": "Contrast", "text": "Was contrast given, and how much?", "reason": "question"}


def _claimed(house: House) -> tuple[UUID, str]:
    agreed(house.world)
    case_id, read_id = ready(house.world, CT)
    house.post("reader", f"/read/{read_id}/claim/")
    return case_id, f"/read/{read_id}/"


def test_a_question_goes_from_the_room_to_the_portal_and_back_and_the_clock_stands_meanwhile(house: House) -> None:
    """Asked by the reader for a coded reason, told by mail, answered by the client, on the office's list, closed (REQ-51)."""
    case_id, read = _claimed(house)
    assert "Nothing has been asked" in house.get("reader", f"{read}questions/")
    faulty = house.post("reader", f"/cases/{case_id}/questions/ask/", {**ASKED, "reason": "lunch"}, 422)
    assert "lunch" in text_of(faulty)
    house.post("reader", f"/cases/{case_id}/questions/ask/", ASKED)
    assert "Waits for the client, clock stands" in house.get("reader", f"{read}questions/")
    assert "A question waits for your answer" in house.get("north", "/portal/")
    drain()
    assert house.world.people["north"].email in {m.to for m in house.sent}
    with house.world.scope("NORTH"):
        assert [p.to_at for p in cases.pauses_of(case_id)] == [None]
        [thread] = queries.queries_of(case_id)
        referral_id = cases.case(case_id).referral_id  # type: ignore[union-attr]
    assert "Was contrast given" in house.get("north", f"/referrals/{referral_id}/")
    house.post("south", f"/portal/questions/{thread.id}/answer/", {"q1-text": "Yes, 80 ml."}, 404)
    house.post("north", f"/portal/questions/{thread.id}/answer/", {"q1-text": "Yes, 80 ml."})
    assert "Yes, 80 ml." in house.get("reader", f"{read}questions/")
    assert "The client wrote: answer, or close the question." in house.get("administrator", "/today/")
    with house.world.scope("NORTH"):
        assert [p.to_at is None for p in cases.pauses_of(case_id)] == [False]
    house.post("administrator", f"/questions/{thread.id}/close/")
    assert "The client wrote" not in house.get("administrator", "/today/")
    assert "Question 1 asked by the provider" in house.get("reader", f"/cases/{case_id}/")


def test_an_open_question_is_in_the_way_of_the_signature_until_it_is_answered_for(house: House) -> None:
    """A report with an open question is not signed without a word why; the word is kept with the report (REQ-51)."""
    case_id, read = _claimed(house)
    house.post("reader", f"/cases/{case_id}/questions/ask/", ASKED)
    write(house, read, SECTIONS)
    critical = {"category": "critical", "finding": "Subdural", "side": "left"}
    refused = text_of(house.post("reader", f"{read}sign/", {**_fields(house, read), **critical}, 422))
    assert "A question about this case is open." in refused
    write(house, read, SECTIONS, **{"question-open": "Contrast does not change this answer."})
    signed(house, read, **critical)


def test_the_client_asks_too_and_no_clock_stands_for_it(house: House) -> None:
    """A question of the client is the provider's to answer, on the office's list, and stops nothing (REQ-51)."""
    case_id, _ = _claimed(house)
    with house.world.scope("NORTH"):
        referral_id = cases.case(case_id).referral_id  # type: ignore[union-attr]
    house.post("north", f"/referrals/{referral_id}/questions/ask/", {"subject": "When", "text": "When is it ready?"})
    assert "When" in house.get("administrator", "/today/")
    with house.world.scope("NORTH"):
        assert cases.pauses_of(case_id) == []


def test_what_the_clock_does_while_a_match_is_undone_is_as_written(house: House) -> None:
    """Un-matched while it is read: the reader loses the case, nothing is paused, no time is given back (docs/explanation)."""
    case_id, read = _claimed(house)
    with house.world.scope("NORTH"):
        before = cases.case(case_id)
        assert before is not None
        assert before.referral_id is not None
        study_id = cases.studies_of(case_id)[0].study_id
        case_actions.detach_study(
            actor=house.world.actor("administrator"), case_id=case_id, study_id=study_id, reason="wrong patient"
        )
        after = cases.case(case_id)
        assert after is not None
        assert (after.state, after.due_at, after.received_at) == ("held", before.due_at, before.received_at)
        assert cases.pauses_of(case_id) == []
        assert not cases.read_cards(case_ids=[case_id])
    house.post("reader", f"{read}beat/", status=409)
    with house.world.scope("NORTH"):
        thread = referrals.ask(actor=house.world.actor("administrator"), case_id=case_id, **ASKED)
        assert queries.query(thread) is not None
        assert [p.to_at for p in cases.pauses_of(case_id)] == [None]

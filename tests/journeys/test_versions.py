"""Preliminary reports and corrections: marked, replaced, sent to everybody who got the one before, acknowledged again."""

import re
from typing import Any
from uuid import UUID

import pytest

from overread.foundation.work import channels
from overread.foundation.work.channels import Outcome, Outgoing
from overread.journey.agreement.rules import Peer
from overread.journey.case import queries as cases
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.reporting import queries as reports
from tests.journeys.house import House, house, text_of
from tests.journeys.test_kinds import CT, NO_ALERT, encapsulated, pdf_text, run, signed, write
from tests.kinds import agreed, ready
from tests.signing import SECTIONS
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
CRITICAL = {"category": "critical", "finding": "Acute subdural haematoma", "side": "left"}
RIGHT = {
    **SECTIONS,
    "findings": "Acute right subdural haematoma, 14 mm, with midline shift to the left of 6 mm.",
    "conclusion": "Acute right subdural haematoma.",
}


def _opened(house: House, **changes: Any) -> tuple[UUID, str]:
    """A CT of NORTH that the reader has claimed; case and address of the read."""
    agreed(house.world, **changes)
    case_id, read_id = ready(house.world, CT)
    house.post("reader", f"/read/{read_id}/claim/")
    return case_id, f"/read/{read_id}/"


def _acknowledged(house: House, case_id: UUID) -> None:
    with house.world.scope("NORTH"):
        for alert in alerts.alerts_of_case(case_id):
            if alert.is_open:
                escalation.acknowledge(
                    actor=house.world.actor("north"),
                    alert_id=alert.id,
                    name="Dr Linnet Farrow",
                    role="emergency consultant",
                    read_back="Subdural on the left, or the right, as you say",
                )


def _correction(house: House, report_id: UUID, sections: dict[str, str], **fields: str) -> dict[str, str]:
    """The fields of a correction after its difference was looked at on the page."""
    path = f"/reports/{report_id}/correct/"
    house.get("reader", path)
    with house.world.scope("NORTH"):
        based = reports.report(report_id).text_sha256  # type: ignore[union-attr]
    written = {f"s_{name}": text for name, text in sections.items()}
    said = {"based_on_sha256": based, "code": "side", "reason": "The side was dictated wrongly.", **written, **NO_ALERT}
    said |= fields
    looked = text_of(house.browser("reader").post(path, {**said, "look": "1"}))
    seen = re.search(r'name="seen_sha256" value="([0-9a-f]{64})"', looked)
    assert seen is not None
    return {**said, "seen_sha256": seen.group(1), "pin": "482913", "sign": "1"}


def test_a_preliminary_report_says_so_and_the_clock_runs_on_until_the_final_one(house: House) -> None:
    """Marked on each page and in its notice; its acceptance stops no clock; the final one takes its place (REQ-152)."""
    case_id, read = _opened(house, preliminary=True)
    write(house, read, SECTIONS)
    first = signed(house, read, preliminary="on", **CRITICAL)
    run(house)
    pages = pdf_text(house, "north", f"/portal/reports/{first}/report.pdf")
    assert all("PRELIMINARY: not the final report" in page for page in pages if page.strip())
    assert "A preliminary report waits for you" in {m.payload.get("subject") for m in house.sent}
    with house.world.scope("NORTH"):
        case = cases.case(case_id)
        assert case is not None
        assert (case.state, case.accepted_at) == ("claimed", None)
        assert [d.state for d in deliveries.deliveries_of_report(first)] == ["accepted"]
    house.get("reader", f"/reports/{first}/correct/", 404)
    _acknowledged(house, case_id)
    assert "Preliminary report opened" in house.get("north", "/portal/")
    write(house, read, {**SECTIONS, "recommendation": "Neurosurgical referral was made by telephone."})
    final = signed(house, read, **CRITICAL)
    run(house)
    text = pdf_text(house, "north", f"/portal/reports/{final}/report.pdf")[0]
    assert "takes the place of version 1 (preliminary)" in text
    assert "PRELIMINARY" not in text
    assert "This is not the newest version" in house.get("north", f"/portal/reports/{first}/")
    with house.world.scope("NORTH"):
        case = cases.case(case_id)
        assert case is not None
        assert case.accepted_at is not None
        assert len(alerts.alerts_of_case(case_id)) == 1


def test_a_preliminary_report_is_refused_where_none_is_agreed(house: House) -> None:
    """Without a word of it in the agreement only final reports are signed (REQ-152)."""
    _, read = _opened(house)
    write(house, read, SECTIONS)
    page = house.get("reader", f"{read}sign/")
    assert "Sign as preliminary" not in page
    hidden = dict(re.findall(r'name="(version|seen_sha256)" value="([^"]*)"', page))
    fields = {**hidden, **CRITICAL, "pin": "482913", "preliminary": "on"}
    assert "holds no preliminary reports" in text_of(house.post("reader", f"{read}sign/", fields, 422))


def test_a_correction_of_the_side_goes_to_everybody_and_is_acknowledged_again(house: House) -> None:
    """Reason and difference stand on page 1; portal and node get it as a correction; the alert is told again (REQ-39, H10)."""
    case_id, read = _opened(house, channels=("portal", "dicom"), dicom_peer=Peer("OLD_PACS", "127.0.0.1", 11113))
    write(house, read, SECTIONS)
    first = signed(house, read, **CRITICAL)
    run(house)
    _acknowledged(house, case_id)
    with house.world.scope("NORTH"):
        before = reports.report(first)
    agreed(house.world, channels=("portal",))
    path = f"/reports/{first}/correct/"
    fields = _correction(house, first, RIGHT, **{**CRITICAL, "side": "right"})
    bad = {**fields, "s_conclusion": "Acute right subdural haematoma, small."}
    assert "Look at it once more" in text_of(house.post("reader", path, bad, 422))
    assert "stands on page 1" in text_of(house.post("reader", path, {**fields, "reason": "", "code": ""}, 422))
    house.sent.clear()
    answer = house.post("reader", path, fields)
    corrected = UUID(answer.url.split("/")[2])
    run(house)
    text = pdf_text(house, "north", f"/portal/reports/{corrected}/report.pdf")[0]
    assert "Wrong side, tooth, level or place. The side was dictated wrongly." in text
    assert "[taken out: left ]" in text
    assert "[put in: right ]" in text
    assert "takes the place of version 1 (final)" in text
    portal = house.get("north", f"/portal/reports/{corrected}/")
    assert "Different from version 1, final" in portal
    assert "A corrected report waits for you" in {m.payload.get("subject") for m in house.sent}
    assert [m.to for m in house.sent if m.to == "OLD_PACS"], "the node that got version 1 gets its correction"
    assert encapsulated(house, "NORTH", corrected).DocumentTitle == "Radiology report: corrected, version 2"
    with house.world.scope("NORTH"):
        assert reports.report(first) == before
        found = [a for a in alerts.alerts_of_case(case_id) if a.is_open]
        assert [(a.category, a.side, a.report_id) for a in found] == [("critical", "right", corrected)]
        assert "alerted before as: Acute subdural haematoma" in found[0].finding
    stale = text_of(house.post("reader", path, fields, 422))
    assert "Another version was signed meanwhile" in stale
    assert "corrected, version 2, signed" in house.get("reader", f"/cases/{case_id}/")


def test_a_typing_error_put_right_wakes_nobody(house: House) -> None:
    """A correction that changes neither conclusion nor alert goes out and raises no second alert (H07)."""
    case_id, read = _opened(house)
    write(house, read, SECTIONS)
    first = signed(house, read, **CRITICAL)
    run(house)
    _acknowledged(house, case_id)
    fields = _correction(house, first, {**SECTIONS, "technique": "CT head, no contrast."}, **CRITICAL)
    house.post("reader", f"/reports/{first}/correct/", {**fields, "code": "dictation"})
    with house.world.scope("NORTH"):
        assert len(alerts.alerts_of_case(case_id)) == 1
        assert len(reports.reports_of(case_id)) == 2


def test_a_withdrawn_finding_is_acknowledged_too(house: House) -> None:
    """When the corrected report no longer alerts, whoever acted on the alert hears of it (H07)."""
    case_id, read = _opened(house)
    write(house, read, SECTIONS)
    first = signed(house, read, **CRITICAL)
    run(house)
    _acknowledged(house, case_id)
    calm = {**SECTIONS, "findings": "No bleed. Beam hardening.", "conclusion": "No haematoma. Artefact."}
    fields = _correction(house, first, calm)
    house.post("reader", f"/reports/{first}/correct/", {**fields, "code": "judged"})
    with house.world.scope("NORTH"):
        found = [a for a in alerts.alerts_of_case(case_id) if a.is_open]
    assert [a.category for a in found] == ["critical"]
    assert "read it again" in found[0].finding


def test_a_node_that_does_not_answer_leaves_the_correction_on_the_list(house: House) -> None:
    """A correction counts as delivered to a node only when each node that got the one before has taken it (H21)."""
    _, read = _opened(house, channels=("portal", "dicom"), dicom_peer=Peer("OLD_PACS", "127.0.0.1", 11113))
    write(house, read, SECTIONS)
    first = signed(house, read, **CRITICAL)
    run(house)
    agreed(house.world, channels=("portal", "dicom"), dicom_peer=Peer("NEW_PACS", "127.0.0.1", 11114))

    def answer(outgoing: Outgoing) -> Outcome:
        gone = outgoing.to == "OLD_PACS"
        return Outcome(state="refused" if gone else "accepted", detail="nobody there" if gone else "taken")

    channels.register("dicom", answer)
    fields = _correction(house, first, RIGHT, **{**CRITICAL, "side": "right"})
    corrected = UUID(house.post("reader", f"/reports/{first}/correct/", fields).url.split("/")[2])
    run(house)
    with house.world.scope("NORTH"):
        state = {d.channel: (d.state, d.last_error) for d in deliveries.deliveries_of_report(corrected)}
    assert state["portal"][0] == "accepted"
    assert state["dicom"] == ("failed", "OLD_PACS: nobody there")

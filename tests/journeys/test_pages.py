"""The pages of the journey with real rows: each person's own answer, the words, and nothing to anybody else."""

import hashlib
import io
import json
import re
import zipfile
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from overread.foundation.clock import sweeper
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.channels import Outcome
from overread.foundation.work.running import drain
from overread.governance.credentials import actions as credentials
from overread.governance.credentials.models import Registration
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Peer
from overread.journey.archive import queries as archive
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.reception import actions as reception
from overread.journey.reception.rules import Arrived
from overread.journey.referral import queries as referrals
from overread.journey.reporting import queries as reports
from overread.site.tests.test_indexing import ct_bytes
from tests.journeys.house import House, house, text_of
from tests.world import SEED, ReadyCase, world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
SECTIONS = {
    "indication": "Fall, GCS 14.",
    "technique": "CT head without contrast.",
    "comparison": "None.",
    "findings": "Acute left subdural haematoma, 14 mm.",
    "conclusion": "Acute left subdural haematoma.",
    "recommendation": "Urgent neurosurgical referral.",
    "limitations": "None.",
}
REFERRAL = {
    "question": "Fall down stairs. Bleed?",
    "modality": "CT",
    "procedure": "CT head without contrast",
    "priority": "urgent",
    "family": "Quillfeather",
    "given": "Osric",
    "birth_date": "1955-02-03",
    "sex": "M",
    "identifier": "H000001",
    "accession": "NG26-118204",
    "referrer_name": "Dr Pascoe Wren",
    "referrer_contact": "01632 960014",
}


def _refused_to(house: House, addresses: dict[str, dict[str, int]]) -> None:
    """Visit each address as each of the people named, and expect the status."""
    for path, expected in addresses.items():
        for name, status in expected.items():
            house.get(name, path, status)


def _saved(house: House, read: str, sections: dict[str, str]) -> dict[str, Any]:
    begun = house.get("reader", f"{read}report/")
    version = int(re.search(r'data-version="(\d+)"', begun).group(1))  # type: ignore[union-attr]
    body = json.dumps({"version": version, "sections": sections, "answers": {}})
    found: dict[str, Any] = house.post("reader", f"{read}report/save/", body, 200).json()
    return found


def _signing(house: House, read: str, **changes: str) -> dict[str, str]:
    """The fields of the signing form as the page gives them, filled in."""
    page = house.get("reader", f"{read}sign/")
    hidden = dict(re.findall(r'name="(version|seen_sha256)" value="([^"]*)"', page))
    return {**hidden, "category": "critical", "finding": "Subdural", "side": "left", "pin": "482913", **changes}


def _claim(house: House, **details: Any) -> tuple[ReadyCase, str]:
    """A case that the reader has claimed by the page, and the address of its read."""
    ready = house.world.ready_case("NORTH", priority="urgent", **details)
    read = f"/read/{ready.read_id}/"
    house.post("reader", f"{read}claim/")
    return ready, read


def _signed(house: House) -> tuple[ReadyCase, UUID]:
    """A case that was read and signed through the pages, with an alert."""
    ready, read = _claim(house)
    _saved(house, read, SECTIONS)
    answer = house.post("reader", f"{read}sign/", _signing(house, read))
    return ready, UUID(answer.url.split("/")[2])


def test_the_worklist_and_the_reading_room(house: House) -> None:
    """A reader sees the read and why, claims it, works in its room; others are told whose it is, or nothing."""
    ready = house.world.ready_case("NORTH", priority="urgent")
    read = f"/read/{ready.read_id}/"
    assert "Fall, on apixaban" in house.get("reader", "/worklist/")
    assert "No read is open here" in house.get("reader", "/worklist/?view=mine")
    assert "Quillfeather" in house.get("administrator", "/worklist/?view=all&modality=CT")
    assert "or-check" in house.get("reader", f"/worklist/{ready.read_id}/why/")
    assert "Nobody is reading this yet" in house.get("reader", read)
    house.post("reader", f"{read}claim/")
    assert f"{read}viewer/" in house.get("reader", read)
    assert "Dr Maren Oakhollow is reading this" in house.get("reader2", read)
    house.post("reader2", f"{read}claim/", status=409)
    assert "until" in house.post("reader", f"{read}beat/", status=200).json()
    house.post("reader2", f"{read}beat/", status=409)
    assert "0 of 3" in house.get("reader", f"{read}coverage/")
    with house.world.scope("NORTH"):
        uid = house.world.objects(_study_uid(ready))[0].sop_uid
    shown = house.post("reader", f"{read}displayed/", json.dumps({"instances": [{"sop": uid}]}), 200)
    assert "1 of 3" in text_of(shown)
    house.post("reader", f"{read}displayed/", "[1]", 422)
    kept = {"sop": uid, "frame": 1, "picture": "data:image/png;base64," + b64encode(PIXEL).decode()}
    assert "1 kept" in text_of(house.post("reader", f"{read}key-images/keep/", json.dumps(kept), 200))
    house.post("reader", f"{read}key-images/keep/", json.dumps({**kept, "frame": "first"}), 422)
    house.post("reader", f"{read}key-images/keep/", json.dumps({**kept, "picture": "data:;base64,xx"}), 422)
    assert house.browser("reader").get(f"{read}key-images/1.image").content == PIXEL
    house.get("reader2", f"{read}key-images/1.image", 404)
    house.get("reader2", f"{read}key-images/", 404)
    house.get("reader2", f"{read}coverage/", 404)
    assert "0 kept" in text_of(house.post("reader", f"{read}key-images/1/remove/", status=200))
    assert "No referral is attached" in house.get("reader", f"{read}referral/")
    house.post("reader2", f"{read}take-over/", {"reason": ""}, 422)
    house.post("reader2", f"{read}take-over/", {"reason": "Asked me to"})
    house.post("reader", f"{read}beat/", status=409)
    house.post("reader2", f"{read}hand-back/", {"reason": "Done"})
    absent = f"/read/{uuid4()}/"
    parts = ("", "report/", "alert/", "referral/", "coverage/", "key-images/", "key-images/1.image", "sign/")
    for part in parts:
        house.get("reader", absent + part, 404)
        _refused_to(house, {read + part: {"administrator": 403, "north": 403, "outsider": 403, "nobody": 302}})
    _refused_to(house, {f"/worklist/{uuid4()}/why/": {"reader": 404, "south": 403}, "/worklist/": {"north": 403}})


def _study_uid(ready: ReadyCase) -> str:
    """The UID of a case's study; a scope must be open."""
    study = archive.study(ready.study_id)
    assert study is not None
    return study.uid


def _form_refuses(house: House, read: str) -> None:
    """Each fault of the signing form comes back with its words and without the PIN."""
    for changes, words in (
        ({"pin": ""}, "Enter your signing PIN"),
        ({"finding": ""}, "Write what was found"),
        ({"category": ""}, "This must be filled in"),
        ({"pin": "000000"}, "PIN"),
    ):
        page = text_of(house.post("reader", f"{read}sign/", _signing(house, read, **changes), 422))
        assert words in page
        assert "482913" not in page


def test_a_report_is_written_signed_and_added_to(house: House) -> None:
    """Every refusal of the signature comes back as a form with its words; then it is signed, shown, recalled, added to."""
    ready, read = _claim(house)
    assert "data-version" in house.get("reader", f"{read}report/")
    assert not _saved(house, read, {**SECTIONS, "conclusion": ""})["ready"]
    house.post("reader", f"{read}report/save/", "{}", 422)
    house.post("reader", f"{read}report/save/", json.dumps({"version": 0, "sections": {}}), 409)
    assert "before you can sign" in house.get("reader", f"{read}sign/")
    house.post("reader", f"{read}sign/", _signing(house, read), 422)
    _saved(house, read, SECTIONS)
    _form_refuses(house, read)
    house.get("reader2", f"{read}sign/", 409)
    stale = _signing(house, read, seen_sha256=hashlib.sha256(b"old").hexdigest())
    house.post("reader", f"{read}sign/", stale, 409)
    signed = house.post("reader", f"{read}sign/", _signing(house, read))
    address = signed.url
    report_id = UUID(address.split("/")[2])
    page = house.get("reader", address)
    assert "A signed version never changes" in page
    assert "Recall before it leaves" in house.get("reader", f"{address}deliveries/")
    assert "Recall before it leaves" not in house.get("reader2", f"{address}deliveries/")
    assert "version 1" in house.get("reader", f"{read}report/")
    assert "Signed by you" in house.get("reader", read)
    with house.world.scope("NORTH"):
        report = reports.report(report_id)
    assert report is not None
    added = {"based_on_sha256": report.text_sha256, "text": "", "category": "none", "pin": "482913"}
    assert "This must be filled in" in text_of(house.post("reader", f"{address}addendum/", added, 422))
    added["text"] = "Compared with CT of 2024: no change."
    wrong = text_of(house.post("reader", f"{address}addendum/", {**added, "pin": "111119"}, 422))
    assert added["text"] in wrong
    house.post("reader2", f"{address}recall/", status=403)
    house.post("reader", f"{address}recall/")
    assert "addendum" in house.get("reader", house.post("reader", f"{address}addendum/", added).url)
    house.get("reader", f"{address}report.pdf", 404)
    drain()
    assert house.browser("reader").get(f"{address}report.pdf").content.startswith(b"%PDF")
    assert "version 1" in house.get("manager", f"/cases/{ready.case_id}/reports/")
    assert "Delivery" in house.get("manager", f"/cases/{ready.case_id}/deliveries/")
    for part in ("", "report.pdf", "deliveries/"):
        _refused_to(
            house,
            {
                address + part: {"north": 403, "south": 403, "outsider": 403, "nobody": 302},
                f"/reports/{uuid4()}/{part}": {"reader": 404},
            },
        )
    house.post("administrator", f"{address}addendum/", added, 403)


def test_alerts_from_the_room_to_the_acknowledgement(house: House) -> None:
    """An alert is raised beside the images, listed, climbed, called about and taken; only by those it concerns."""
    ready, read = _claim(house)
    assert "Raise" in house.get("reader", f"{read}alert/") or "Alt" in house.get("reader", f"{read}alert/")
    house.post("reader", f"{read}alert/", {"category": "lunch", "finding": "x"}, 422)
    house.post("reader", f"{read}alert/", {"category": "critical", "finding": "Subdural", "side": "left"})
    with house.world.scope("NORTH"):
        alert_id = alerts.alerts_of_case(ready.case_id)[0].id
    page = f"/alerts/{alert_id}/"
    for name in ("reader", "manager", "administrator"):
        assert "nobody has taken this yet" in house.get(name, page)
        assert "Subdural" in house.get(name, "/alerts/")
    assert "nobody has taken it yet" in house.get("manager", f"/cases/{ready.case_id}/alerts/")
    for _ in range(2):
        house.post("administrator", f"{page}climb/")
        sweeper.fire_due(timezone.now() + timedelta(seconds=1))
        drain()
    with house.world.scope("NORTH"):
        call = next(a for a in alerts.attempts_of(alert_id) if a.channel == "phone")
    assert "Call now" in house.get("administrator", page)
    house.post("administrator", f"{page}calls/{call.id}/", {"result": "perhaps"}, 422)
    house.post("administrator", f"{page}calls/{call.id}/", {"result": "no-answer"})
    house.post("administrator", f"{page}calls/{uuid4()}/", {"result": "answered"}, 404)
    assert "must be filled in" in text_of(house.post("reader", f"{page}told/", {"name": "Dr Farrow"}, 422))
    assert "must be filled in" in text_of(house.post("manager", f"{page}override/", {}, 422))
    house.post("north", f"{page}override/", {"reason": "Nothing"}, 403)
    portal = f"/portal/alerts/{alert_id}/"
    assert "who takes this?" in house.get("north", portal)
    taking = {"name": "Dr Linnet Farrow", "role": "Consultant", "read_back": ""}
    assert "must be filled in" in text_of(house.post("north", f"{page}acknowledge/", taking, 422))
    taking["read_back"] = "Left subdural, I call neurosurgery"
    for name in ("south", "outsider"):
        house.get(name, portal, 404 if name == "south" else 403)
        house.post(name, f"{page}acknowledge/", taking, 404 if name == "south" else 403)
        house.get(name, page, 403)
    assert house.post("north", f"{page}acknowledge/", taking).url == portal
    assert "taken by Dr Linnet Farrow" in house.get("north", portal)
    assert "taken by Dr Linnet Farrow" in house.get("manager", page)
    house.post("reader", f"{page}told/", taking, 409)
    house.get("manager", f"/alerts/{uuid4()}/", 404)
    assert "No alert waits for anybody" in house.get("manager", "/alerts/")


def test_an_alert_by_link_or_closed_with_a_reason(house: House) -> None:
    """The link shows nothing before its code; wrong codes are counted; an override is another person's, with a reason."""
    ready = house.world.ready_case("NORTH")
    with house.world.scope("NORTH"):
        raised = {"actor": house.world.actor("reader"), "case_id": ready.case_id, "category": "critical"}
        alert_id = escalation.raise_alert(**raised, finding="Subdural haematoma", side="left")
    drain()
    token = next(m.payload["text"] for m in house.sent).split("/a/")[1].split("/")[0]
    page = house.get("nobody", f"/a/{token}/")
    assert "somebody to act" in page
    for secret in ("Quillfeather", "QUILLFEATHER", "ubdural", "Osric"):
        assert secret not in page
    taking = {"code": "000000", "name": "Dr Farrow", "role": "Consultant", "read_back": "Left subdural, acting"}
    assert "That is not the code" in text_of(house.post("nobody", f"/a/{token}/", taking, 422))
    assert "must be filled in" in text_of(house.post("nobody", f"/a/{token}/", {"code": "1"}, 422))
    with house.world.scope("NORTH"):
        link = alerts.link_by_token(token)
        assert link is not None
        taking["code"] = alerts.code_of(alert_id, link.id)
    assert taking["code"] in house.get("manager", f"/alerts/{alert_id}/")
    assert taking["code"] not in house.get("north", f"/portal/alerts/{alert_id}/")
    assert "Nobody else will be told" in text_of(house.post("nobody", f"/a/{token}/", taking, 200))
    assert "Somebody has taken it" in house.get("nobody", f"/a/{token}/")
    house.get("nobody", "/a/unknown/", 404)
    with house.world.scope("NORTH"):
        second = escalation.raise_alert(**{**raised, "category": "urgent"}, finding="Fracture")
    house.post("reader", f"/alerts/{second}/override/", {"reason": "Mine"}, 403)
    house.post("manager", f"/alerts/{second}/override/", {"reason": "Patient died, told the ward"})
    assert "closed without an acknowledgement" in house.get("manager", f"/alerts/{second}/")


def _arrive(house: House, **details: Any) -> UUID:
    client_id = house.world.clients["NORTH"]
    with house.world.scope("NORTH"):
        objects = house.world.objects(f"1.2.826.0.1.3680043.9.7.{uuid4().int % 10**12}", **details)
        reception.take_batch(
            actor=SEED,
            client_id=client_id,
            batch=tuple(Arrived(o) for o in objects),
            segment="",
            from_offset=0,
            to_offset=0,
        )
        study = archive.study_by_uid(client_id, objects[0].study_uid)
        assert study is not None
        reception.complete_study(actor=SEED, study_id=study.id, reason="test")
    return study.id


def _referral_refused(house: House) -> None:
    """Each fault of the referral form comes back with its words, and with what was written."""
    page = text_of(house.post("north", "/referrals/new/", {**REFERRAL, "family": ""}, 422))
    assert "This must be filled in" in page
    assert "Fall down stairs" in page
    wrong = SimpleUploadedFile("letter.pdf", b"MZ not a letter", "application/pdf")
    answer = house.post("north", "/referrals/new/", {**REFERRAL, "documents": wrong}, 422)
    assert "does not fit its type" in text_of(answer)
    assert "NHS" in text_of(house.post("north", "/referrals/new/", {**REFERRAL, "nhs_number": "123"}, 422))


def test_a_referral_is_made_matched_and_unmatched(house: House) -> None:
    """The form says what is wrong, keeps what was written, takes documents; staff compare, match and undo."""
    assert "New referral" in house.get("north", "/referrals/new/")
    _referral_refused(house)
    letter = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 made up", "application/pdf")
    made = house.post("north", "/referrals/new/", {**REFERRAL, "documents": letter}).url
    shown = house.get("north", made)
    assert "waiting for its images" in shown
    assert "letter.pdf" in shown
    assert "QUILLFEATHER" in house.get("north", "/referrals/").upper()
    assert "NG26-118204" not in house.get("south", "/referrals/")
    document = re.search(r"/documents/[0-9a-f-]{36}/", shown).group(0)  # type: ignore[union-attr]
    file = house.browser("north").get(document)
    assert file.content == b"%PDF-1.7 made up"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert house.browser("reader").get(f"/read{document}").content == b"%PDF-1.7 made up"
    _refused_to(
        house,
        {
            made: {"south": 404, "outsider": 403, "nobody": 302, "reader": 403},
            document: {"south": 404, "outsider": 403},
            f"/read{document}": {"south": 403, "north": 403},
            "/matching/": {"north": 403, "outsider": 403, "reader": 403},
        },
    )
    house.post("administrator", "/referrals/new/", REFERRAL, 422)  # of which client?
    staff = {**REFERRAL, "client": str(house.world.clients["NORTH"]), "accession": "NG26-7"}
    assert house.get("administrator", house.post("administrator", "/referrals/new/", staff).url)
    study_id = _arrive(house, accession="NG26-118204", birth_date=date(1955, 2, 4))
    assert "Compare" in house.get("administrator", "/matching/")
    match = f"/matching/{study_id}/"
    assert "Match with" in house.get("administrator", match)
    referral_id = made.split("/")[2]
    house.get("administrator", f"{match}?referral={referral_id}")
    house.get("administrator", f"/matching/{uuid4()}/", 404)
    house.post("north", f"{match}{referral_id}/match/", status=403)
    house.post("administrator", f"{match}{referral_id}/match/")
    house.get("administrator", match, 404)
    assert "its images are here" in house.get("administrator", made)
    house.post("administrator", f"{made}unmatch/", {"reason": ""}, 422)
    house.post("administrator", f"{made}unmatch/", {"reason": "Another patient"})
    assert "waiting for its images" in house.get("north", made)
    house.post("administrator", f"{match}{referral_id}/not/")
    house.get("administrator", match)
    with house.world.scope("NORTH"):
        found = referrals.referral(UUID(referral_id))
    assert found is not None
    assert found.study_id is None


def test_the_portal_and_what_failed_on_the_way(house: House) -> None:
    """The client finds its report and opens it; the provider sees what could not be delivered and sends it again."""
    with house.world.scope("NORTH"):
        terms = replace(
            house.world.terms["NORTH"], channels=("portal", "dicom"), dicom_peer=Peer("NORTH_PACS", "127.0.0.1", 11113)
        )
        agreement.agree(actor=SEED, client_id=house.world.clients["NORTH"], terms=terms, valid_from=timezone.now())
    house.answer = Outcome(state="refused", detail="peer says 0xA700")
    house.post("north", "/referrals/new/", REFERRAL)
    assert "Where your studies are" in house.get("north", "/portal/")
    _, report_id = _signed(house)
    portal = f"/portal/reports/{report_id}/"
    house.get("north", portal, 404)  # has not left yet
    sweeper.fire_due()
    drain()
    assert "Signed by" in house.get("north", portal)
    assert house.browser("north").get(f"{portal}report.pdf").content.startswith(b"%PDF")
    with house.world.scope("NORTH"):
        view = deliveries.published_report(report_id)
        assert view is not None
        assert view.opened_at is not None
        assert view.opened_by == "Dr Linnet Farrow"
    _refused_to(
        house,
        {
            portal: {"south": 404, "outsider": 403, "manager": 403, "nobody": 302},
            f"{portal}report.pdf": {"south": 404, "outsider": 403},
            "/portal/": {"south": 200, "manager": 403, "outsider": 403},
            "/today/": {"administrator": 200, "manager": 200, "north": 403, "reader": 200},
            "/manager/": {"manager": 200, "administrator": 403, "north": 403},
            "/deliveries/failed/": {"administrator": 200, "north": 403, "reader": 403},
        },
    )
    assert "Quillfeather" not in house.get("south", "/portal/")
    assert "Delivery failed" in house.get("administrator", "/today/")
    assert "0xA700" in house.get("administrator", "/deliveries/failed/")
    with house.world.scope("NORTH"):
        failed = deliveries.failed()[0].id
    house.post("north", f"/deliveries/{failed}/again/", status=403)
    house.post("administrator", f"/deliveries/{uuid4()}/again/", status=404)
    house.answer = Outcome(state="accepted", detail="taken")
    house.post("administrator", f"/deliveries/{failed}/again/")
    drain()
    assert "Every report has found its way" in house.get("administrator", "/deliveries/failed/")
    assert "1 report signed in the last 7 days" in house.get("manager", "/manager/")
    house.post("reader", f"/reports/{report_id}/recall/", status=409)


def test_images_are_sent_by_the_browser_with_a_receipt(house: House) -> None:
    """Begin, files and a zip, finish: every file has a line; another client's upload is nowhere, also not to write to."""
    assert "Send images" in house.get("north", "/send/")
    house.post("administrator", "/send/begin/", {}, 422)
    begun = house.post("north", "/send/begin/", {"announced": "2"}, 200).json()
    study = "1.2.826.0.1.3680043.9.7.4711"

    def put(name: str, body: bytes, who: str = "north", status: int = 200) -> Any:
        path, kind = begun["file"], "application/octet-stream"
        answer = house.browser(who).post(path, body, content_type=kind, headers={"X-File-Name": name})
        assert answer.status_code == status
        return answer.json()["files"] if status == 200 else None

    assert put("..%2F..%2Fetc%2Fpasswd", ct_bytes(study, 1)) == [{"name": "passwd", "outcome": "stored", "reason": ""}]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../CT2", ct_bytes(study, 2))
        archive.writestr("readme.txt", "Look at these")
    assert [(f["name"], f["outcome"]) for f in put("cd.zip", packed.getvalue())] == [
        ("CT2", "stored"),
        ("readme.txt", "refused"),
    ]
    assert put("broken.zip", b"PK\x03\x04" + bytes(40))[0]["outcome"] == "refused"
    assert put("empty", b"")[0]["outcome"] == "refused"
    for who, status in (("south", 404), ("outsider", 403), ("reader", 403)):
        put("x", b"x", who, status)
        house.get(who, begun["receipt"], status)
        house.post(who, begun["finish"], status=status)
    receipt = text_of(house.post("north", begun["finish"], status=200, headers={"X-Part": "true"}))
    assert "2 stored, 0 there already, 3 refused" in receipt
    assert "passwd" in house.get("north", begun["receipt"])
    assert re.search(r"<td>2</td>\s*<td>3</td>", house.get("north", "/send/"))
    put("late", ct_bytes(study, 3), status=409)


def test_a_registration_that_ends_during_a_read_stops_the_signature(house: House) -> None:
    """A reader whose registration ended after the claim sees the images no more and cannot sign; the draft is kept (H12)."""
    _, read = _claim(house)
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    with open_scope(Scope.provider(), opened_by="test"):
        held = Registration.objects.get(person_id=house.world.people["reader"].id)
        credentials.end(actor=house.world.actor("manager"), what="registration", key=held.key)
    page = text_of(house.post("reader", f"{read}sign/", fields, 422))
    assert "You may not sign this report" in page
    house.get("reader", f"{read}coverage/", 404)
    house.get("reader", f"{read}viewer/", 404)
    assert SECTIONS["findings"] in house.get("reader", f"{read}report/")
    house.post("reader", f"/read/{house.world.ready_case('NORTH').read_id}/claim/", status=403)

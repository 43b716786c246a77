"""Every kind of work the whole way, in one process: claim, write, sign, PDF, DICOM object, portal; nobody judges their own.

Not covered here: network ports; `make demo CHECK=1` drives an MRI second opinion and a dental volume over those.
"""

import io
import json
import re
import shutil
from datetime import timedelta
from typing import Any
from uuid import UUID

import pydicom
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from overread.foundation.blobs.current import current
from overread.foundation.clock import sweeper
from overread.foundation.work.refusals import NotAllowed
from overread.foundation.work.running import drain
from overread.journey.agreement.rules import Peer
from overread.journey.allocation import actions as allocation
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.case.models import Case
from overread.journey.delivery import queries as deliveries
from overread.journey.reporting import actions as reporting
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import canonical_text, text_hash
from overread.site.demo.check import pdf_words
from tests.journeys.house import House, house, text_of
from tests.kinds import DENTAL, MRI, OUTSIDE, agreed, ready
from tests.signing import CBCT_SECTIONS, OPINION_SECTIONS, sign, written
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
PIN = {"reader": "482913", "reader2": "739201"}
CT = {**MRI, "modality": "CT", "procedure": "CT head", "question": "Fall. Bleed?"}
NO_ALERT = {"category": "none", "finding": "", "side": ""}


def write(house: House, read: str, sections: dict[str, str], who: str = "reader", **answers: str) -> None:
    """Write the sections in the editor."""
    version = int(re.search(r'data-version="(\d+)"', house.get(who, f"{read}report/")).group(1))  # type: ignore[union-attr]
    body = json.dumps({"version": version, "sections": sections, "answers": answers})
    house.post(who, f"{read}report/save/", body, 200)


def signed(house: House, read: str, who: str = "reader", **fields: str) -> UUID:
    """Sign what is written, on the page; returns the version."""
    page = house.get(who, f"{read}sign/")
    hidden = dict(re.findall(r'name="(version|seen_sha256)" value="([^"]*)"', page))
    answer = house.post(who, f"{read}sign/", {**hidden, **NO_ALERT, "pin": PIN[who], **fields})
    return UUID(answer.url.split("/")[2])


def run(house: House) -> None:
    """Let the recall window pass and all jobs run."""
    sweeper.fire_due(timezone.now() + timedelta(minutes=5))
    drain()


def pdf_text(house: House, who: str, path: str) -> list[str]:
    """The text of each page of a PDF that a person is given."""
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT RUN: pdftotext is not installed (poppler-utils)")
    answer = house.browser(who).get(path)
    assert answer.status_code == 200
    return [re.sub(r"\s+", " ", page) for page in pdf_words(answer.content).split("\f")]


def encapsulated(house: House, code: str, report_id: UUID) -> Any:
    """The DICOM object of a version."""
    with house.world.scope(code):
        made = reports.file_of(report_id, "encapsulated")
    assert made is not None
    return pydicom.dcmread(io.BytesIO(current().read_range(made.key, 0, made.length)))


def test_a_second_opinion_on_an_outside_mri_goes_the_whole_way(house: House) -> None:
    """Question and outside report stand in the room; the graded opinion is a document of its own everywhere (REQ-40)."""
    agreed(house.world, channels=("portal", "dicom"), dicom_peer=Peer("NORTH_PACS", "127.0.0.1", 11113))
    case_id, read_id = ready(house.world, MRI | OUTSIDE)
    read = f"/read/{read_id}/"
    house.post("reader", f"{read}claim/")
    assert "most likely a low-grade glioma" in house.get("reader", f"{read}original/")
    editor = house.get("reader", f"{read}report/")
    assert "Second opinion" in editor
    assert "Dr Peregrine Holt, Westmoor Hospital, 02 Mar 2026." in editor
    write(house, read, {**OPINION_SECTIONS, "grade": ""})
    refused = house.post("reader", f"{read}sign/", _fields(house, read), 422)
    assert "Say how far you agree with the report in question." in text_of(refused)
    write(house, read, OPINION_SECTIONS)
    report_id = signed(house, read)
    run(house)
    page = house.get("reader", f"/reports/{report_id}/")
    assert "Second opinion C-" in page
    text = pdf_text(house, "reader", f"/reports/{report_id}/report.pdf")[0]
    assert "Second opinion" in text
    assert "3 of 5: disagreement of debatable importance" in text
    made = encapsulated(house, "NORTH", report_id)
    assert made.DocumentTitle == "Second opinion, version 1"
    assert made.ConceptNameCodeSequence[0].CodeValue == "11488-4"
    portal = house.get("north", f"/portal/reports/{report_id}/")
    assert "Second opinion" in portal
    assert "Enlarged perivascular space" in portal
    with house.world.scope("NORTH"):
        state = {d.channel: d.state for d in deliveries.deliveries_of_report(report_id)}
    assert state == {"portal": "accepted", "dicom": "accepted"}
    assert "Second opinion signed" in house.get("reader", f"/cases/{case_id}/")


def _fields(house: House, read: str) -> dict[str, str]:
    page = house.get("reader", f"{read}sign/")
    return {**dict(re.findall(r'name="(version|seen_sha256)" value="([^"]*)"', page)), **NO_ALERT, "pin": PIN["reader"]}


def test_a_dental_volume_goes_the_whole_way(house: House) -> None:
    """A CBCT primary report has its teeth and its whole volume, and is refused without them (REQ-82, REQ-83)."""
    case_id, read_id = ready(house.world, DENTAL, "SOUTH")
    read = f"/read/{read_id}/"
    house.post("reader", f"{read}claim/")
    editor = house.get("reader", f"{read}report/")
    assert 'aria-label="Tooth 36, asked about, nothing written"' in editor
    write(house, read, {**CBCT_SECTIONS, "volume": "", "teeth": "46: missing."})
    refused = text_of(house.post("reader", f"{read}sign/", _fields(house, read), 422))
    assert "Not answered in the whole volume" in refused
    assert "The referral asks about 36" in refused
    write(house, read, CBCT_SECTIONS)
    report_id = signed(house, read)
    run(house)
    text = " ".join(pdf_text(house, "south", f"/portal/reports/{report_id}/report.pdf"))
    assert "The entire volume was reviewed." in text
    assert "36: missing, implant planned." in text
    with house.world.scope("SOUTH"):
        assert Case.objects.get(id=case_id).accepted_at is not None


@pytest.mark.parametrize("read_type", ["second_opinion", "clinical_review"])
def test_nobody_judges_the_report_that_they_wrote(house: House, read_type: str) -> None:
    """Its signer is refused an opinion or a review of a report of ours at claim and at signing; a colleague is not (REQ-71)."""
    agreed(house.world)
    first, first_read = ready(house.world, CT)
    with house.world.scope("NORTH"):
        allocation.claim(actor=house.world.actor("reader"), read_id=first_read)
        before = sign(house.world, first_read, written(house.world, first_read))
        original, number = reports.report(before), cases.case(first).number  # type: ignore[union-attr]
    fields = {**CT, "read_type": read_type, "original_case": number}
    fields |= {"review_purpose": "complaint"} if read_type == "clinical_review" else {}
    _, read_id = ready(house.world, fields)
    read = f"/read/{read_id}/"
    own = "You wrote the report in question, and nobody judges their own"
    assert own in text_of(house.post("reader", f"{read}claim/", status=403))
    assert own in house.get("reader", f"/worklist/{read_id}/why/")
    house.post("reader2", f"{read}claim/")
    assert "Acute left subdural haematoma" in house.get("reader2", f"{read}original/")
    write(house, read, OPINION_SECTIONS, "reader2")
    made = signed(house, read, "reader2")
    with house.world.scope("NORTH"):
        assert reports.report(before) == original
        assert [r.id for r in reports.reports_of(first)] == [before]
        assert {d.report_id for d in deliveries.deliveries_of_case(first)} == {before}
        assert reports.report(made).title in {"Second opinion", "Clinical review"}  # type: ignore[union-attr]


def test_who_became_the_author_meanwhile_is_refused_at_signing(house: House) -> None:
    """A reader who holds an opinion and then adds to the report in question cannot sign the opinion any more (REQ-71, H12)."""
    agreed(house.world)
    first, first_read = ready(house.world, CT)
    with house.world.scope("NORTH"):
        allocation.claim(actor=house.world.actor("reader"), read_id=first_read)
        before = reports.report(sign(house.world, first_read, written(house.world, first_read)))
        assert before is not None
        number = cases.case(first).number  # type: ignore[union-attr]
    _, read_id = ready(house.world, {**CT, "read_type": "second_opinion", "original_case": number})
    read = f"/read/{read_id}/"
    house.post("reader2", f"{read}claim/")
    write(house, read, OPINION_SECTIONS, "reader2")
    added = {"based_on_sha256": before.text_sha256, "text": "I agree with my colleague.", "pin": PIN["reader2"]}
    house.post("reader2", f"/reports/{before.id}/addendum/", {**added, **NO_ALERT})
    seen = text_hash(canonical_text(OPINION_SECTIONS))
    with house.world.scope("NORTH"):
        draft = reports.draft(read_id, house.world.people["reader2"].id)
        assert draft is not None
        actor = house.world.actor("reader2")
        with pytest.raises(NotAllowed, match="nobody judges their own"), transaction.atomic():
            reporting.sign(
                actor=actor,
                read_id=read_id,
                version=draft.version,
                seen_sha256=seen,
                presence_token="none",
            )
        assert not claims.holds(read_id, house.world.people["reader"].id)


def test_an_outside_author_of_the_readers_name_is_refused(house: House) -> None:
    """Who wrote the outside report elsewhere, by name, does not judge it here (REQ-71)."""
    agreed(house.world)
    _, read_id = ready(house.world, {**MRI, **OUTSIDE, "original_author": "Oakhollow, Maren (Consultant)"})
    answer = text_of(house.post("reader", f"/read/{read_id}/claim/", status=403))
    assert "The report in question names an author of your name" in answer
    house.post("reader2", f"/read/{read_id}/claim/")


def test_sql_cannot_turn_an_opinion_into_a_report(house: House) -> None:
    """Kind of work, reason and text of a signed version are refused to change by the database itself."""
    agreed(house.world)
    _, read_id = ready(house.world, MRI | OUTSIDE)
    read = f"/read/{read_id}/"
    house.post("reader", f"{read}claim/")
    write(house, read, OPINION_SECTIONS)
    signed(house, read)
    with house.world.scope("NORTH"):
        for change in ("read_type = 'primary'", "correction_reason = 'none'", "kind = 'corrected'"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE reporting_reportversion SET {change}")  # noqa: S608  fixed words

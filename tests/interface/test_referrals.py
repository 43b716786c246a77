"""Referrals over the interface: taken once, checked as the form checks them, with their documents; found again."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import current, use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.ledger import queries as ledger
from overread.foundation.thresholds import current as thresholds
from overread.journey.case import queries as cases
from overread.journey.referral import queries
from tests.interface.system import System, system
from tests.kinds import agreed
from tests.world import World, world

__all__ = ["world"]
HEAD: dict[str, Any] = {
    "read_type": "primary",
    "modality": "CT",
    "priority": "routine",
    "question": "Bleed after a fall?",
    "procedure": "CT head without contrast",
    "family": "Quillfeather",
    "given": "Osric",
    "birth_date": "1955-02-03",
    "sex": "M",
    "identifier": "H000777",
    "accession": "A2026-0815",
    "referrer_name": "Dr Pascoe Wren",
}
JAW: dict[str, Any] = HEAD | {
    "modality": "CBCT",
    "procedure": "CBCT lower jaw",
    "purpose": "implant",
    "region": "lower-jaw",
    "teeth": ["46", "47"],
    "field_diameter": "8",
    "field_height": "5",
    "referrer_number": "123456",
    "entitled": True,
}
PDF = b"%PDF-1.7 made up"


@pytest.fixture
def ris(world: World, tmp_path: Path) -> System:
    """The system of Northmere, which has agreed every kind of work, and a store for documents."""
    agreed(world, modalities=("CT", "MR", "CBCT"))
    use(LocalStore(tmp_path / "blobs", 0))
    return system(world, scopes="order")


def _refused(answer: Any, status: int = 422) -> dict[str, str]:
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {e.get("pointer", e.get("parameter", "")): e["detail"] for e in answer.json().get("errors", [])}


def test_a_referral_opens_its_case(world: World, ris: System) -> None:
    """201 with the numbers of referral and case; the referral is there as it was sent; the case waits for its images."""
    sent = ris.ask("POST", "referrals", HEAD, Idempotency_Key="first-key")
    assert sent.status_code == 201, sent.content.decode()
    taken = sent.json()
    assert sent.headers["Location"] == f"/api/v1/referrals/{taken['id']}"
    again = ris.get(f"referrals/{taken['id']}")
    assert {name: again[name] for name in HEAD} == HEAD
    assert (again["case_state"], again["case_state_words"]) == ("awaiting_images", "Waiting for images")
    assert ris.get(f"cases/{taken['case_id']}")["number"] == taken["case_number"]
    assert ris.post("referrals/find", {"accession": "A2026-0815"})["referrals"][0]["id"] == taken["id"]
    assert ris.post("referrals/find", {"number": taken["number"].lower()})["referrals"][0]["id"] == taken["id"]
    assert ris.post("referrals/find", {"identifier": "H000778"})["referrals"] == []


def test_the_timeline_says_which_system_sent_it(world: World, ris: System) -> None:
    """The case's story names the client and its machine, not a person who did nothing."""
    case_id = UUID(ris.post("referrals", HEAD, status=201)["case_id"])
    with world.scope("NORTH"):
        told = {line.verb: line.by for line in cases.story(case_id)}
    assert told["referral.make"] == "Northmere General, RIS (its system)"


def test_a_retry_gives_the_same_answer_and_doubles_nothing(world: World, ris: System) -> None:
    """The same key and body again: the same answer, marked as a repeat, and one referral; written otherwise, the same."""
    first = ris.ask("POST", "referrals", HEAD, Idempotency_Key="key-0001")
    second = ris.ask("POST", "referrals", dict(reversed(HEAD.items())), Idempotency_Key="key-0001")
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(ris.get("referrals")["referrals"]) == 1


def test_a_key_is_for_one_request(world: World, ris: System) -> None:
    """Another body under a used key is 409 and says so; another client's key is its own; a key that is none is 422."""
    ris.post("referrals", HEAD, key="key-0002", status=201)
    refused = ris.ask("POST", "referrals", HEAD | {"question": "Tumour?"}, Idempotency_Key="key-0002")
    assert refused.status_code == 409
    assert "new key" in refused.json()["detail"]
    assert len(ris.get("referrals")["referrals"]) == 1
    south = system(world, "SOUTH", "order")
    south.post("referrals", JAW, key="key-0002", status=201)
    assert len(south.get("referrals")["referrals"]) == 1
    assert "Idempotency-Key" in _refused(ris.ask("POST", "referrals", HEAD))
    assert "Idempotency-Key" in _refused(ris.ask("POST", "referrals", HEAD, Idempotency_Key="short"))


def test_what_was_refused_may_be_mended_under_the_same_key(world: World, ris: System) -> None:
    """A referral that was not taken used no key."""
    refused = ris.ask("POST", "referrals", HEAD | {"question": ""}, Idempotency_Key="key-0003")
    assert refused.status_code == 422
    ris.post("referrals", HEAD, key="key-0003", status=201)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": ""}, "question"),
        ({"family": " "}, "family"),
        ({"nhs_number": "9434765910"}, "nhs_number"),
        ({"nhs_number": "0000000000"}, "nhs_number"),
        ({"nhs_number": "9999999999"}, "nhs_number"),
        ({"birth_date": "2020-01-01"}, "birth_date"),
        ({"birth_date": ""}, "birth_date"),
        ({"laterality": "X"}, "laterality"),
        ({"priority": ""}, "priority"),
        ({"priority": "asap"}, "priority"),
        ({"modality": "PET"}, "modality"),
        ({"priority": "urgent"}, "referrer_contact"),
        ({"family": "a\u0000b"}, "family"),
        ({"question": "x" * 2001}, "question"),
    ],
)
def test_the_form_and_the_interface_say_the_same(world: World, ris: System, change: dict[str, Any], field: str) -> None:
    """What the form refuses, the interface refuses at the same field in the same words."""
    sent = HEAD | change
    said = _refused(ris.ask("POST", "referrals", sent, Idempotency_Key=uuid4().hex))
    assert f"/{field}" in said
    browser = Client()
    sign_in(browser, world.people["north"].id)
    page = browser.post("/referrals/new/", sent)
    assert page.status_code == 422
    shown = page.context["form"].errors
    assert {f"/{name}": " ".join(words) for name, words in shown.items()} == said


def test_a_day_is_written_in_one_way_only(ris: System) -> None:
    """03/02/1955 could be two days: a person may type it in a form, a system must say YYYY-MM-DD."""
    said = _refused(ris.ask("POST", "referrals", HEAD | {"birth_date": "03/02/1955"}, Idempotency_Key=uuid4().hex))
    assert said["/birth_date"] == "Give the day as YYYY-MM-DD."


def test_a_misspelt_field_is_told(ris: System) -> None:
    """A field that is not known is refused at its place, not left out: it could have been the laterality."""
    said = _refused(ris.ask("POST", "referrals", HEAD | {"lateralty": "L"}, Idempotency_Key=uuid4().hex))
    assert list(said) == ["/lateralty"]


def test_a_dental_referral_needs_what_the_dental_form_needs(world: World, ris: System) -> None:
    """A cone-beam volume with its field of view and teeth is taken; without the field of view it is refused there."""
    lacking = {k: v for k, v in JAW.items() if k not in {"field_diameter", "entitled"}}
    said = _refused(ris.ask("POST", "referrals", lacking, Idempotency_Key=uuid4().hex))
    assert set(said) == {"/field_diameter", "/entitled"}
    taken = ris.post("referrals", JAW, status=201)
    volume = ris.get(f"referrals/{taken['id']}")["volume"]
    assert (volume["teeth"], volume["purpose"]) == (["46", "47"], "implant")


def test_a_second_opinion_needs_the_report_in_question(world: World, ris: System) -> None:
    """Without it: refused at its place. With its words, author and date it is taken, and kept as it was given."""
    opinion = HEAD | {"read_type": "second_opinion"}
    assert "/outside_report" in _refused(ris.ask("POST", "referrals", opinion, Idempotency_Key=uuid4().hex))
    words = {"original_words": "No bleed.", "original_author": "Dr A", "original_date": "2026-02-01"}
    taken = ris.post("referrals", opinion | words, status=201)
    assert ris.get(f"referrals/{taken['id']}")["original"]["words"] == "No bleed."


def _multipart(ris: System, sent: Any, key: str = "", **files: Any) -> Any:

    headers = {"HTTP_AUTHORIZATION": f"Bearer {ris.token}", "HTTP_IDEMPOTENCY_KEY": key or uuid4().hex}
    data = {"referral": json.dumps(sent), **files}
    return Client().post("/api/v1/referrals/with-documents", data, **headers)


def test_documents_come_with_the_referral(world: World, ris: System) -> None:
    """Files are typed by content, stored as the form stores them, and listed with their hash; a retry adds none."""
    letter = SimpleUploadedFile("letter.bin", PDF, "application/octet-stream")
    report = SimpleUploadedFile("report.pdf", PDF + b" 2", "application/pdf")
    opinion = HEAD | {"read_type": "second_opinion", "original_author": "Dr A", "original_date": "2026-02-01"}
    first = _multipart(ris, opinion, "key-files", documents=[letter], outside_report=report)
    assert first.status_code == 201, first.content.decode()
    for upload in (letter, report):
        upload.seek(0)
    again = _multipart(ris, opinion, "key-files", documents=[letter], outside_report=report)
    assert (again.status_code, again.json()) == (201, first.json())
    listed = ris.get(f"referrals/{first.json()['id']}")["documents"]
    assert {(d["kind"], d["media_type"]) for d in listed} == {
        ("attachment", "application/pdf"),
        ("outside-report", "application/pdf"),
    }
    with world.scope("NORTH"):
        kept = queries.documents_of(UUID(first.json()["id"]))
    assert current().read_range(kept[0].key, 0, kept[0].length).startswith(b"%PDF")
    letter.seek(0)
    other = SimpleUploadedFile("report.pdf", PDF + b" 3", "application/pdf")
    assert _multipart(ris, opinion, "key-files", documents=[letter], outside_report=other).status_code == 409


def test_a_file_that_cannot_be_taken_stops_all(world: World, ris: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """415 for a file that is no PDF, JPEG or PNG whatever it says it is; 413 for one that is too large; nothing is taken."""
    script = SimpleUploadedFile("letter.pdf", b"MZ\x90\x00 not a letter", "application/pdf")
    said = _refused(_multipart(ris, HEAD, documents=[script]), 415)
    assert "/documents/0" in said
    monkeypatch.setattr(thresholds, "whole", lambda name: 1 if name == "referral.document" else 300)
    large = SimpleUploadedFile("scan.pdf", PDF + b"0" * 2**20, "application/pdf")
    assert "1 MB" in _refused(_multipart(ris, HEAD, documents=[large]), 413)["/documents/0"]
    assert ris.get("referrals")["referrals"] == []


def test_a_body_that_is_no_json_or_too_large_is_told(world: World, ris: System) -> None:
    """400, 413 and 415 as problems; half a character, a number without end and a deep nest too."""
    key = {"Idempotency_Key": "key-00000"}
    assert ris.ask("POST", "referrals", "{", **key).status_code == 400
    assert ris.ask("POST", "referrals", "[" * 100_000, **key).status_code == 400
    assert ris.ask("POST", "referrals", '{"family": "\\ud800"}', **key).status_code == 400
    assert ris.ask("POST", "referrals", '{"images_expected": NaN}', **key).status_code == 400
    assert ris.ask("POST", "referrals", b"\xff\xfe", **key).status_code == 400
    assert ris.ask("POST", "referrals", "family=Quillfeather", Content_Type="text/plain", **key).status_code == 415
    assert ris.ask("POST", "referrals", "x" * (3 * 2**20), **key).status_code == 413
    chunked = ris.ask("POST", "referrals", HEAD, Transfer_Encoding="chunked", **key)
    assert (chunked.status_code, chunked.json()["code"]) == (400, "no-length")
    form = ris.ask("POST", "referrals/with-documents", "a=b", Content_Type="application/x-www-form-urlencoded", **key)
    assert form.status_code == 415
    broken = ris.ask("POST", "referrals/with-documents", "x", Content_Type="multipart/form-data; boundary=", **key)
    assert broken.status_code == 400


def test_pages_do_not_shift_while_referrals_come(world: World, ris: System) -> None:
    """Every referral is met once, newest first, though one comes between two pages; a cursor of one's own making is 422."""
    sent = [ris.post("referrals", HEAD | {"accession": f"A{n}"}, status=201)["id"] for n in range(5)]
    first = ris.get("referrals?limit=2")
    ris.post("referrals", HEAD | {"accession": "A9"}, status=201)
    second = ris.get(f"referrals?limit=2&cursor={first['next']}")
    third = ris.get(f"referrals?limit=2&cursor={second['next']}")
    met = [r["id"] for page in (first, second, third) for r in page["referrals"]]
    assert met == list(reversed(sent))
    assert third["next"] == ""
    for cursor in ("nonsense", "1-2", first["next"] + "0"):
        assert "cursor" in _refused(ris.ask("GET", f"referrals?cursor={cursor}"))
    assert "limit" in _refused(ris.ask("GET", "referrals?limit=0"))


def test_only_what_was_touched_since(world: World, ris: System) -> None:
    """updated_since gives the referrals about whose cases something was done since; that somebody looked is nothing done."""
    ids = [ris.post("referrals", HEAD | {"accession": f"A{n}"}, status=201) for n in range(2)]
    with world.scope("NORTH"):
        newest = ledger.entries_for_case(UUID(ids[1]["case_id"]), world.clients["NORTH"])[0].at
    since = newest.isoformat().replace("+", "%2B")
    assert [r["id"] for r in ris.get(f"referrals?updated_since={since}")["referrals"]] == [ids[1]["id"]]
    assert [c["id"] for c in ris.get(f"cases?updated_since={since}")["cases"]] == [ids[1]["case_id"]]
    ris.get(f"referrals/{ids[0]['id']}")
    assert len(ris.get(f"referrals?updated_since={since}")["referrals"]) == 1
    assert "updated_since" in _refused(ris.ask("GET", "referrals?updated_since=2020-01-01T00:00:00Z"))
    assert "updated_since" in _refused(ris.ask("GET", "referrals?updated_since=2026-03-02T00:00:00"))


def test_a_list_asks_the_database_as_often_for_many_as_for_few(world: World, ris: System) -> None:
    """Queries of a page do not grow with its rows."""
    counted = []
    for number in (2, 12):
        while len(ris.get("referrals?limit=200")["referrals"]) < number:
            ris.post("referrals", HEAD | {"accession": uuid4().hex[:12]}, status=201)
        for path in ("referrals?limit=200", "cases?limit=200"):
            with CaptureQueriesContext(connections["default"]) as asked:
                ris.get(path)
            counted.append(len(asked))
    assert counted[:2] == counted[2:]
    assert max(counted) <= 12

"""Operations on referrals: send one, with its documents, follow it, find it by what names it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Form, Router, Schema, Status, UploadedFile
from ninja.params.functions import File, Header, Query
from pydantic import ConfigDict, ValidationError
from pydantic.config import JsonValue

from overread.foundation.blobs.current import current
from overread.foundation.interface.door import Token, actor_of, caller_of
from overread.foundation.interface.once import once
from overread.foundation.interface.paging import bad_parameter, before_of, page
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Fault
from overread.foundation.interface.values import HOW_MANY, LIMIT, MOST, Taken, problems
from overread.foundation.ledger import queries as ledger
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound
from overread.journey.agreement.rules import ReadType
from overread.journey.case import queries as cases
from overread.journey.case.rules import DENTAL_PURPOSES, REGIONS, STATE_WORDS, State
from overread.journey.referral import actions, queries
from overread.journey.referral.forms import form_for
from overread.journey.referral.rules import (
    ATTACHMENT,
    DOCUMENT_TYPES,
    OUTSIDE_REPORT,
    REVIEW_PURPOSES,
    NewDocument,
    document_fault,
    iso_date,
)

router = Router(tags=["Referrals"])
KEY = "A key of your own for this request, 8 to 100 characters. The same key and body again gives the same answer."
LONGEST_SINCE = timedelta(days=31)
NEEDED: JsonValue = ["modality", "priority", "question", "procedure", "family", "birth_date", "referrer_name"]
EXAMPLE: JsonValue = {
    "read_type": "primary",
    "modality": "CT",
    "priority": "routine",
    "procedure": "CT head without contrast",
    "question": "Bleed after a fall?",
    "family": "Marchbanks",
    "given": "Edwin",
    "birth_date": "1955-02-03",
    "identifier": "P20417",
    "accession": "A2026-0815",
    "referrer_name": "Dr Pascoe Wren",
}
DAY = "Give the day as YYYY-MM-DD."


def _text(words: str, most: int, example: str = "", **more: Any) -> Any:
    """A text field whose bounds the description says and the form checks, with the words that people get too."""
    extra = {"maxLength": most, **more}
    return Field("", description=words, examples=[example] if example else None, json_schema_extra=extra)


class ReferralIn(Taken):
    """A referral: the same fields, checks and messages as the form in the portal."""

    # Said in the description; the form checks it, so that what is missing is told in the words that people get.
    model_config = ConfigDict(extra="forbid", json_schema_extra={"required": NEEDED, "example": EXAMPLE})

    read_type: str = _text("What is asked for", 20, "primary", enum=[str(one) for one in ReadType])
    modality: str = _text("CBCT needs the fields of the volume", 8, "CT", enum=["CT", "MR", "CBCT"])
    priority: str = _text("How soon", 12, "routine", enum=["routine", "urgent", "emergency"])
    question: str = _text("The clinical question: what the report must answer", 2000, "Bleed after a fall?")
    history: str = _text("History", 4000)
    procedure: str = _text("Which examination was made", 200, "CT head without contrast")
    laterality: str = _text("L, R, B for both, or empty for none", 1, "", enum=["", "L", "R", "B"])
    body_part: str = _text("Body part", 64, "HEAD")
    family: str = _text("The patient's family name", 100, "Marchbanks")
    given: str = _text("Given names", 100, "Edwin")
    birth_date: str = _text("YYYY-MM-DD; adults only", 10, "1955-02-03")
    sex: str = _text("M, F, O, or empty", 1, "M", enum=["", "M", "F", "O"])
    nhs_number: str = _text("Ten digits, with or without blanks; check digit and range are checked", 16)
    identifier: str = _text("Your own number of the patient, as your scanner sends it", 64, "P20417")
    issuer: str = _text("Whose number that is; empty when you have only one kind", 64)
    accession: str = _text("Accession number: with it the images find this referral by themselves", 64, "A2026-0815")
    images_expected: int | None = Field(None, ge=1, le=100_000, description="How many images belong to it")
    referrer_name: str = _text("Who refers; urgent findings go to them", 200, "Dr Pascoe Wren")
    referrer_contact: str = _text("Telephone for urgent findings; needed for urgent work", 200, "020 7946 0001")
    purpose: str = _text("Dental: what the volume is for", 20, "", enum=["", *DENTAL_PURPOSES])
    region: str = _text("Dental: what the volume shows", 40, "", enum=["", *REGIONS])
    teeth: list[str] = Field(default_factory=list, max_length=52, description="Dental: FDI numbers")
    deciduous_retained: bool = Field(False, description="Dental: this adult has kept deciduous teeth")
    field_diameter: str = _text("Dental: diameter of the field of view in centimetres, such as 8.5", 8)
    field_height: str = _text("Dental: height of the field of view in centimetres", 8)
    voxel: str = _text("Dental: voxel size in millimetres", 8)
    scanner: str = _text("Dental: the scanner", 100)
    dose: str = _text("Dental: dose-area product in mGy cm\u00b2", 10)
    referrer_number: str = _text("Dental: the referrer's GDC or GMC number", 10)
    entitled: bool = Field(False, description="Dental: entitled to refer under your IR(ME)R procedures")
    review_purpose: str = _text("Clinical review: what for", 20, "", enum=["", *REVIEW_PURPOSES])
    original_words: str = _text("Second opinion, review: the words of the report in question", 20_000)
    original_author: str = _text("Who wrote the report in question", 200)
    original_organisation: str = _text("Where it was written", 200)
    original_date: str = _text("When it was written, YYYY-MM-DD", 10)
    original_case: str = _text("Our case number, if we wrote it", 16)


class ReferralTaken(Schema):
    """A referral was taken. The same key gives this again."""

    id: UUID
    number: str = Field(..., examples=["R-00042"])
    case_id: UUID
    case_number: str = Field(..., examples=["C-26-000042"])
    received_at: datetime


class ReferralLine(Schema):
    """A referral in a list: no name, no question; fetch it by its id."""

    id: UUID
    number: str
    accession: str
    read_type: str
    modality: str
    priority: str = Field(..., description="As it was asked; the case says what it is now")
    received_at: datetime
    matched_at: datetime | None = Field(None, description="When it got its images")
    case_id: UUID | None
    case_state: str = Field(..., description="State of its case, such as ready or delivered")
    case_state_words: str


class ReferralPage(Schema):
    """Referrals, newest first."""

    referrals: list[ReferralLine]
    next: str = Field(..., description="Send it as `cursor` for the next page; empty behind the last")


class DocumentOut(Schema):
    """A file that came with a referral."""

    id: UUID
    name: str
    kind: str = Field(..., description="attachment, or outside-report for the report in question")
    media_type: str
    length: int
    sha256: str


class VolumeOut(Schema):
    """What was asked of a dental volume."""

    purpose: str
    region: str
    teeth: list[str]
    deciduous_retained: bool
    field_of_view: str
    referrer_number: str


class OriginalOut(Schema):
    """The report in question."""

    review_purpose: str
    author: str
    organisation: str
    written_on: date | None
    words: str


class ReferralOut(ReferralLine):
    """A referral as it was sent."""

    family: str
    given: str
    birth_date: date
    sex: str
    nhs_number: str
    identifier: str
    issuer: str
    procedure: str
    body_part: str
    laterality: str
    question: str
    history: str
    referrer_name: str
    referrer_contact: str
    images_expected: int | None
    documents: list[DocumentOut]
    volume: VolumeOut | None
    original: OriginalOut | None


class FindReferral(Taken):
    """What names a referral; at least one. It is sent as a body, so that no number of a patient stands in an address."""

    number: str = Field("", max_length=20, description="Our number of the referral")
    accession: str = Field("", max_length=64)
    identifier: str = Field("", max_length=64, description="Your number of the patient")
    nhs_number: str = Field("", max_length=16)


# --- send one -----------------------------------------------------------------------------------------------------


def _form_data(sent: ReferralIn) -> dict[str, str]:
    """The fields as the form of the portal takes them."""
    given = sent.model_dump()
    data = {name: value for name, value in given.items() if isinstance(value, str)}
    data["teeth"] = ", ".join(sent.teeth)
    data["deciduous_retained"] = "yes" if sent.deciduous_retained else ""
    data["entitled"] = "yes" if sent.entitled else ""
    data["images_expected"] = "" if sent.images_expected is None else str(sent.images_expected)
    return data


def _checked(sent: ReferralIn) -> tuple[dict[str, str], date | None]:
    """What the form of this kind of work makes of it.

    Raises:
        Problem: 422 with what the form says at each field.
    """
    data = _form_data(sent)
    kinds = {str(one) for one in ReadType}
    faults = {n: DAY for n in ("birth_date", "original_date") if data[n].strip() and iso_date(data[n]) is None}
    if sent.read_type and sent.read_type not in kinds:
        faults["read_type"] = f"Send one of {', '.join(sorted(kinds))}."
    primary = sent.read_type in {"", ReadType.PRIMARY}
    form = form_for(dental=sent.modality == "CBCT", primary=primary)(data)
    if not form.is_valid() or faults:
        said = {name: " ".join(str(one) for one in words) for name, words in form.errors.items()} | faults
        places = tuple(Fault(words, pointer=f"/{name}" if name != "__all__" else "") for name, words in said.items())
        raise Problem(422, "referral", "The referral cannot be taken yet.", places)
    texts = {name: value for name, value in form.cleaned_data.items() if isinstance(value, str)}
    return texts | {"read_type": sent.read_type or ReadType.PRIMARY.value}, form.cleaned_data["birth_date"]


def _kept(upload: UploadedFile, kind: str, pointer: str) -> NewDocument:
    """One file, typed by its content and stored as the form stores it.

    Raises:
        Problem: 413 too large; 415 another kind of file.
    """
    data = upload.read()
    most = thresholds.whole("referral.document")
    media_type = next((one for one, start in DOCUMENT_TYPES.items() if data.startswith(start)), "")
    fault = document_fault(media_type, data[:16], len(data), most_megabytes=most)
    if fault:
        status = 413 if len(data) > most * 2**20 else 415
        raise Problem(
            status, "document", "A file was not taken, and neither was the referral.", (Fault(fault, pointer),)
        )
    ref = current().put(data)
    name = "".join(c for c in (upload.name or "document") if c.isprintable())[:200]
    return NewDocument(name, media_type, ref.key, ref.sha256, ref.length, kind)


def _take(request: HttpRequest, answer: HttpResponse, key: str, sent: ReferralIn, files: list[NewDocument]) -> Any:
    texts, born = _checked(sent)
    client_id = caller_of(request).client_id

    def do() -> dict[str, str]:
        made = actions.make_referral(
            actor=actor_of(request),
            client_id=client_id,
            fields=texts,
            birth_date=born,
            images_expected=sent.images_expected,
            documents=files,
        )
        return {"referral": str(made)}

    asked = {**sent.model_dump(), "files": [[f.kind, f.name, f.sha256] for f in files]}
    result, again = once(request, key, "referral.take", asked, do)
    found = queries.referral(UUID(result["referral"]))
    case = cases.case(found.case_id) if found and found.case_id else None
    if found is None or case is None:
        raise NotFound
    answer.headers["Location"] = f"/api/v1/referrals/{found.id}"
    if again:
        answer.headers["Idempotent-Replayed"] = "true"
    said = {
        "id": found.id,
        "number": found.number,
        "case_id": case.id,
        "case_number": case.number,
        "received_at": found.received_at,
    }
    return Status(201, said)


@router.post(
    "/referrals",
    auth=Token("order"),
    response={201: ReferralTaken, **problems(400, 409, 413, 415, 422, 503)},
    operation_id="sendReferral",
    url_name="referrals-send",
    summary="Send a referral",
)
def send(
    request: HttpRequest,
    response: HttpResponse,
    sent: ReferralIn,
    key: str = Header(..., alias="Idempotency-Key", description=KEY),
) -> Any:
    """Take a referral and open its case. It is checked as the form in the portal checks it, with the same messages.

    Send a new Idempotency-Key with each referral, and the same one when you send a referral again because no answer came.
    """
    return _take(request, response, key, sent, [])


@router.post(
    "/referrals/with-documents",
    auth=Token("order"),
    response={201: ReferralTaken, **problems(400, 409, 413, 415, 422, 503)},
    operation_id="sendReferralWithDocuments",
    url_name="referrals-send-documents",
    summary="Send a referral with its documents",
)
def send_with_documents(
    request: HttpRequest,
    response: HttpResponse,
    referral: Form[str],
    key: str = Header(..., alias="Idempotency-Key", description=KEY),
    documents: list[UploadedFile] = File([], description="Letters and earlier reports: PDF, JPEG or PNG"),
    outside_report: UploadedFile | None = File(None, description="The report in question, for an opinion or a review"),
) -> Any:
    """The same as multipart/form-data: the part `referral` is the JSON of a referral, the others are files.

    The kind of a file is told from its content, not from its name. All is taken or nothing.
    """
    try:
        sent = ReferralIn.model_validate_json(referral)
    except ValidationError as error:
        places = [("".join(f"/{part}" for part in one["loc"]), str(one["msg"])) for one in error.errors()]
        faults = tuple(Fault(words, pointer=where) for where, words in places)
        raise Problem(422, "bad-input", "The part `referral` cannot be taken.", faults) from error
    files = [_kept(one, ATTACHMENT, f"/documents/{n}") for n, one in enumerate(documents)]
    if outside_report is not None:
        files.append(_kept(outside_report, OUTSIDE_REPORT, "/outside_report"))
    return _take(request, response, key, sent, files)


# --- follow and find ----------------------------------------------------------------------------------------------


def _lines(found: list[queries.ReferralView]) -> list[dict[str, Any]]:
    known = cases.cases({r.case_id for r in found if r.case_id})
    return [_line(one, known.get(one.case_id) if one.case_id else None) for one in found]


def _line(one: queries.ReferralView, case: cases.CaseView | None) -> dict[str, Any]:
    names = [n for n in ReferralLine.model_fields if n not in {"case_state", "case_state_words"}]
    return {
        **{name: getattr(one, name) for name in names},
        "case_state": case.state if case else "",
        "case_state_words": STATE_WORDS[State(case.state)] if case else "",
    }


def _touched(request: HttpRequest, since: datetime | None) -> list[UUID] | None:
    if since is None:
        return None
    if since.tzinfo is None:
        raise bad_parameter("updated_since", "Give the time with its offset, such as 2026-03-02T09:00:00Z.")
    if since < timezone.now() - LONGEST_SINCE:
        raise bad_parameter("updated_since", "At most 31 days back; read /api/v1/changes for longer.")
    return ledger.cases_touched_since(caller_of(request).client_id, since)


@router.get(
    "/referrals",
    auth=Token("order"),
    response={200: ReferralPage, **problems(422)},
    operation_id="referrals",
    url_name="referrals",
    summary="Referrals, newest first",
)
def listing(
    request: HttpRequest,
    updated_since: datetime | None = Query(None, description="Only those about which something was done since then"),
    cursor: str = Query("", max_length=60, description="`next` of the page before"),
    limit: int = Query(LIMIT, ge=1, le=MOST, description=HOW_MANY),
) -> Any:
    """Every referral of the client, page by page; pages do not shift while new referrals come."""
    rows = queries.referral_page(before=before_of(cursor), limit=limit, case_ids=_touched(request, updated_since))
    shown, after = page(rows, limit, lambda r: (r.received_at, r.id))
    return {"referrals": _lines(list(shown)), "next": after}


@router.post(
    "/referrals/find",
    auth=Token("order"),
    response={200: ReferralPage, **problems(400, 413, 415, 422)},
    operation_id="findReferrals",
    url_name="referrals-find",
    summary="Find referrals by accession or number",
)
def find(request: HttpRequest, wanted: FindReferral) -> Any:
    """Referrals that fit all that is given, newest first, at most 50."""
    if not any(wanted.model_dump().values()):
        raise Problem(422, "bad-input", "Give at least one of number, accession, identifier and nhs_number.")
    found = queries.referrals_named(queries.Named(**wanted.model_dump()), LIMIT)
    return {"referrals": _lines(found), "next": ""}


@router.get(
    "/referrals/{uuid:referral_id}",
    auth=Token("order"),
    response={200: ReferralOut, **problems(404)},
    operation_id="referral",
    url_name="referral",
    summary="One referral as it was sent, and where it stands",
)
def one(request: HttpRequest, referral_id: UUID) -> Any:
    """The referral with the patient's details and the list of its documents. That it was read is recorded first."""
    found = queries.referral(referral_id)
    if found is None:
        raise NotFound
    opened(
        actor=actor_of(request),
        kind="referral",
        subject_id=referral_id,
        client_id=found.client_id,
        case_id=found.case_id,
    )
    dental, original = queries.dental_of(referral_id), queries.original_of(referral_id)
    plain = set(ReferralOut.model_fields) - set(ReferralLine.model_fields) - {"documents", "volume", "original"}
    return {
        **_lines([found])[0],
        **{name: getattr(found, name) for name in plain},
        "documents": queries.documents_of(referral_id),
        "volume": _volume(dental) if dental else None,
        "original": _original(original) if original else None,
    }


def _volume(dental: queries.DentalView) -> dict[str, Any]:
    copied = {n: getattr(dental, n) for n in VolumeOut.model_fields if n != "field_of_view"}
    return {**copied, "teeth": list(dental.teeth), "field_of_view": dental.field_words}


def _original(original: queries.OriginalView) -> dict[str, Any]:
    copied = {n: getattr(original, n) for n in OriginalOut.model_fields if n != "review_purpose"}
    return {**copied, "review_purpose": original.purpose}

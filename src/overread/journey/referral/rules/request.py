"""What a referral must hold: pure (REQ on NHS numbers)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from nhs_number import NhsNumber

from overread.journey.agreement.rules import ReadType
from overread.journey.case.rules import DENTAL_PURPOSES, REGIONS, field_mm, teeth_fault, teeth_of

SEXES: Final = {"M": "Male", "F": "Female", "O": "Other", "U": "Not known"}
DOCUMENT_TYPES: Final = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
OUTSIDE_REPORT: Final = "outside-report"
ATTACHMENT: Final = "attachment"
REVIEW_PURPOSES: Final = {
    "mdt": "Multidisciplinary meeting",
    "claim": "Claim or legal matter",
    "complaint": "Complaint",
}


def nhs_digits(text: str) -> str:
    """An NHS number as ten digits; blanks and dashes are left out."""
    return re.sub(r"[\s-]", "", text)


def nhs_fault(text: str, *, allow_test: bool) -> str:
    """What is wrong with an NHS number, or "" when it may be used; empty is allowed.

    The check digit alone is not enough: 0000000000 and 9999999999 pass it. The range must be one that is issued.

    Args:
        text: as typed.
        allow_test: whether the range 999 for tests may be used (demonstration installations only).
    """
    digits = nhs_digits(text)
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{10}", digits):
        return "An NHS number has ten digits. Check it against the letter or label."
    number = NhsNumber(digits)
    if not number.valid:
        return "This is not an NHS number: its check digit does not fit. A digit may be wrong or two changed places."
    synthetic = digits.startswith("999") and len(set(digits)) > 2
    if synthetic:
        return "" if allow_test else "Numbers that begin with 999 are for tests only."
    region = number.region
    if region is None or not any(word in region.label for word in ("England", "Scotland", "Northern Ireland")):
        return "No NHS number of this range is given out. Check it against the letter or label."
    return ""


def referral_faults(fields: Mapping[str, str], *, born: date | None, today: date, adult_age: int) -> dict[str, str]:
    """What is wrong with a referral, by field: words that say what would be right."""
    faults: dict[str, str] = {}
    for name, words in (
        ("family", "Give the family name."),
        ("question", "Write the clinical question: the reader answers it."),
        ("procedure", "Say which examination was made."),
        ("referrer_name", "Say who refers; urgent findings go to them."),
    ):
        if not fields.get(name, "").strip():
            faults[name] = words
    if born is None:
        faults["birth_date"] = "Give the date of birth: we read adults only, and it keeps patients apart."
    elif born > today:
        faults["birth_date"] = "This date of birth lies in the future."
    elif age_on(born, today) < adult_age:
        faults["birth_date"] = f"We read adults only: this patient is {age_on(born, today)} years old."
    if fields.get("priority") in {"urgent", "emergency"} and not fields.get("referrer_contact", "").strip():
        faults["referrer_contact"] = "For urgent work give a telephone number at which the referrer answers."
    return faults


def age_on(born: date, day: date) -> int:
    """Whole years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def document_fault(media_type: str, head: bytes, length: int, *, most_megabytes: int) -> str:
    """What is wrong with an attached file, or ""; its first bytes must fit its type.

    Args:
        media_type: as the browser says.
        head: the first 16 bytes.
        length: in bytes.
        most_megabytes: the largest file that is taken.
    """
    if length > most_megabytes * 2**20:
        return f"This file is larger than {most_megabytes} MB."
    start = DOCUMENT_TYPES.get(media_type)
    if start is None:
        return "Only PDF, JPEG and PNG files can be attached. Send images of the examination on the page Send images."
    return "" if head.startswith(start) else "The content of this file does not fit its type."


def decimal_of(text: str, *, least: float, most: float) -> float | None:
    """A positive decimal number within limits, as people write it; None when it is none."""
    if not re.fullmatch(r"[0-9]{1,5}(?:[.,][0-9]{1,3})?", text.strip(), re.ASCII):
        return None
    number = float(text.strip().replace(",", "."))
    return number if least <= number <= most else None


def dental_faults(fields: Mapping[str, str]) -> dict[str, str]:
    """What a dental cone-beam request still lacks, by field (REQ-80). The field of view decides who may read it."""
    faults: dict[str, str] = {}
    if fields.get("purpose", "") not in DENTAL_PURPOSES:
        faults["purpose"] = "Choose what the volume is for."
    if fields.get("region", "") not in REGIONS:
        faults["region"] = "Choose what the volume shows."
    for name, words in (("field_diameter", "diameter"), ("field_height", "height")):
        if field_mm(fields.get(name, "")) is None:
            faults[name] = f"Give the {words} of the field of view in centimetres, such as 8 or 8.5."
    wrong = teeth_fault(teeth_of(fields.get("teeth", "")), retained=fields.get("deciduous_retained", "") == "yes")
    if wrong:
        faults["teeth"] = wrong
    if fields.get("voxel", "").strip() and decimal_of(fields["voxel"], least=0.05, most=2) is None:
        faults["voxel"] = "Give the voxel size in millimetres, such as 0.2."
    if fields.get("dose", "").strip() and decimal_of(fields["dose"], least=0.1, most=20_000) is None:
        faults["dose"] = "Give the dose-area product in mGy cm\u00b2, such as 180."
    if not re.fullmatch(r"[0-9]{5,7}", fields.get("referrer_number", "").strip(), re.ASCII):
        faults["referrer_number"] = "Give the referrer's GDC or GMC number: five to seven digits."
    if fields.get("entitled", "") != "yes":
        faults["entitled"] = "Confirm that the referrer is entitled to refer under your IR(ME)R procedures."
    return faults


def original_faults(fields: Mapping[str, str], *, has_report: bool, today: date) -> dict[str, str]:
    """What a second opinion or a clinical review still lacks, by field (REQ-40).

    Args:
        fields: of the form.
        has_report: whether the report in question came with it as a file.
        today: it cannot have been written later.
    """
    faults: dict[str, str] = {}
    review = fields.get("read_type") == ReadType.CLINICAL_REVIEW
    if review and fields.get("review_purpose", "") not in REVIEW_PURPOSES:
        faults["review_purpose"] = "Choose what the review is for: a meeting, a claim or a complaint."
    ours = bool(fields.get("original_case", "").strip())
    given = has_report or bool(fields.get("original_words", "").strip())
    needed = not review or fields.get("review_purpose") in {"claim", "complaint"}
    if needed and not (ours or given):
        faults["outside_report"] = (
            "Attach the report in question, write its words, or give our case number if we wrote it."
        )
    if given and not ours and not fields.get("original_author", "").strip():
        faults["original_author"] = "Say who wrote the report in question."
    day = _date(fields.get("original_date", ""))
    if given and not ours and day is None:
        faults["original_date"] = "Give the date of the report in question."
    elif day is not None and day > today:
        faults["original_date"] = "This date lies in the future."
    return faults


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def iso_date(text: str) -> date | None:
    """A day written as YYYY-MM-DD and in no other way, so that no system's day is taken for its month; else None."""
    return _date(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip(), re.ASCII) else None


def kind_faults(fields: Mapping[str, str], *, has_report: bool, today: date) -> dict[str, str]:
    """What the kind of work asks for besides what every referral holds."""
    faults = dental_faults(fields) if fields.get("modality") == "CBCT" else {}
    if fields.get("read_type", ReadType.PRIMARY) != ReadType.PRIMARY:
        faults |= original_faults(fields, has_report=has_report, today=today)
    return faults


@dataclass(frozen=True)
class NewDocument:
    """A file to attach; its bytes are stored already. `kind` says whether it is the report that is in question."""

    name: str
    media_type: str
    key: str
    sha256: str
    length: int
    kind: str = ATTACHMENT

"""The PDF of a report, read by programs that did not make it."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from overread.journey.reporting.formats.pdf import Document, make_pdf
from overread.journey.reporting.rules import changes

page = pytest.importorskip("page", reason="NOT RUN: the validator page-validation is not installed")

DOCUMENT = Document(
    facts={
        "family": "Quillfeather",
        "given": "Osric",
        "born": "1 Feb 1950",
        "sex": "M",
        "nhs_number": "9434765919",
        "identifier": "H000001",
        "examination": "CT head",
        "side": "left",
        "client": "Northgate General",
        "case": "C-000001",
    },
    parts=(
        ("Indication", "Fall down stairs, GCS 14."),
        (
            "Findings",
            "Acute left subdural haematoma ≥ 14 mm — “hyperdense”, density 60–70 HU, T2* µm ± 1°.\nNo fracture.",
        ),
        ("Conclusion", "Acute left subdural haematoma. Zoë Łukasz Ørsted was told by telephone."),
    ),
    kind="final",
    number=1,
    provider="Overread Demo Reporting",
    signed_by="Dr Maren Oakhollow, GMC 7000001",
    signed_at=datetime(2026, 3, 5, 14, 20, tzinfo=UTC),
    text_sha256="a" * 64,
    image_set_sha256="b" * 64,
)


def _faults(made: bytes, profile: object) -> list[str]:
    report = page.validate_pdf_bytes(made, profile=profile)
    return [f"{fault.rule_id}: {fault.message}" for fault in report.failures]


@pytest.mark.parametrize("profile", ["PDF_A_2A", "PDF_UA_1"])
@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "final"},
        {"kind": "addendum", "title": "Radiology report: addendum", "adds_to": "This adds to version 1."},
        {"kind": "preliminary", "title": "Radiology report: preliminary", "mark": "PRELIMINARY: not the final report"},
        {
            "kind": "corrected",
            "title": "Second opinion: corrected",
            "reason": "Wrong side, tooth, level or place. The side was mistaken.",
            "changes": changes({"conclusion": "Left haematoma, acute."}, {"conclusion": "Right haematoma, acute."}),
        },
        {"kind": "final", "title": "Clinical review"},
    ],
    ids=lambda shape: shape.get("title", shape["kind"]),
)
def test_a_validator_that_we_did_not_write_finds_no_fault_in_the_pdf(profile: str, shape: dict[str, Any]) -> None:
    """A report's PDF conforms to PDF/A-2a for keeping and to PDF/UA-1 for people who hear it, by an outside validator."""
    document = replace(DOCUMENT, **shape, alert_words="Critical alert: acute subdural haematoma, left")
    assert _faults(make_pdf(document), getattr(page.ValidationProfile, profile)) == []


def test_the_validator_sees_a_fault_where_there_is_one() -> None:
    """The validator is not blind: the same PDF without its tags is found out."""
    broken = BytesIO()
    with pikepdf.open(BytesIO(make_pdf(DOCUMENT))) as pdf:
        del pdf.Root.StructTreeRoot
        pdf.save(broken)
    assert _faults(broken.getvalue(), page.ValidationProfile.PDF_A_2A)

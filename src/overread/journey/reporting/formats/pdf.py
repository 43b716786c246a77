"""The report as a tagged PDF/A that is PDF/UA too, made from nothing but the signed version."""

from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string

from overread.foundation.ui.printed import print_pdf
from overread.journey.reporting.rules import Piece


@dataclass(frozen=True)
class Document:
    """All that the PDF shows.

    Attributes:
        facts: whom the report names and where it belongs, as kept with the signature.
        parts: (label, text) of each section that is not empty, in order.
        gates: soft gates that were shut at the signature, each with its reason, in words.
        read_on: the workstation, its displays with their last test, and the look of the day.
        title: of the document; kind: as signed; number: which version of the case.
        mark: words that stand on every page, such as that it is preliminary.
        reason: why a correction was made, coded and in words; changes: what it changes, section by section.
    """

    facts: dict[str, str]
    parts: tuple[tuple[str, str], ...]
    kind: str
    number: int
    provider: str
    signed_by: str
    signed_at: datetime
    text_sha256: str
    image_set_sha256: str
    alert_words: str = ""
    adds_to: str = ""
    gates: tuple[str, ...] = ()
    read_on: str = ""
    title: str = "Radiology report"
    mark: str = ""
    reason: str = ""
    changes: tuple[tuple[str, tuple[Piece, ...]], ...] = ()


def make_pdf(document: Document) -> bytes:
    """The PDF of a signed version: tagged, PDF/A-2a and PDF/UA-1, language en-GB, all fonts embedded.

    Args:
        document: what the signature covers, and whom it names.
    """
    return print_pdf(render_to_string("reporting/pdf.html", {"d": document}))

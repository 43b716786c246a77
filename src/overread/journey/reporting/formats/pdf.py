"""The report as a tagged PDF/A, made from nothing but the signed version."""

from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string

VARIANT = "pdf/a-2a"


@dataclass(frozen=True)
class Document:
    """All that the PDF shows.

    Attributes:
        facts: whom the report names and where it belongs, as kept with the signature.
        parts: (label, text) of each section that is not empty, in order.
        kind: "final" or "addendum"; number: which version of the case.
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


def _no_network(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError("A report's PDF refers to nothing outside itself.")


def make_pdf(document: Document) -> bytes:
    """The PDF of a signed version: tagged, PDF/A-2a, language en-GB, all fonts embedded.

    Args:
        document: what the signature covers, and whom it names.
    """
    # Loaded here: it takes half a second, and only the worker makes documents.
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    html = render_to_string("reporting/pdf.html", {"d": document})
    page = HTML(string=html, url_fetcher=_no_network)
    made: bytes = page.write_pdf(pdf_variant=VARIANT, pdf_tags=True, font_config=FontConfiguration())
    return made

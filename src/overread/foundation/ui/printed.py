"""HTML as a document to keep: a tagged PDF/A that is PDF/UA too, with nothing fetched from outside."""

from typing import Any

VARIANT = "pdf/a-2a"

# PDF/A admits the mark of PDF/UA only where its schema is described in the same metadata (ISO 19005-2, 6.6.2.3).
_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal</pdfaProperty:category>'
    "<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>"
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType></rdf:li>"
)
_ACCESSIBLE = (
    '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>'
    '</rdf:Description><rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
    f"<pdfaSchema:property><rdf:Seq>{_PROPERTY}</rdf:Seq></pdfaSchema:property>"
    "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
).encode()


def _no_network(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError("A printed document refers to nothing outside itself.")


def _finish(_document: Any, pdf: Any) -> None:
    """Say that the file is PDF/UA-1 as well, and leave its metadata readable without a PDF program."""
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = next(thing for thing in pdf.objects if thing.number == number)
    metadata.compress = False
    metadata.stream = [part.replace(b"</rdf:RDF>", _ACCESSIBLE + b"</rdf:RDF>") for part in metadata.stream]
    pdf.catalog["ViewerPreferences"] = "<</DisplayDocTitle true>>"


def print_pdf(html: str) -> bytes:
    """A page of HTML as PDF/A-2a and PDF/UA-1: tagged, all fonts embedded.

    Args:
        html: a whole document with `lang` and `title`.

    Raises:
        ValueError: it refers to something outside itself.
    """
    # Loaded here: it takes half a second, and only the worker and commands make documents.
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    page = HTML(string=html, url_fetcher=_no_network)
    made: bytes = page.write_pdf(pdf_variant=VARIANT, pdf_tags=True, finisher=_finish, font_config=FontConfiguration())
    return made

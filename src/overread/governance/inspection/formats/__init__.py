"""A pack as files: canonical JSON, one CSV per fact, a PDF, and the index of their hashes."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.template.loader import render_to_string

from overread.foundation.ui.printed import print_pdf
from overread.foundation.ui.tables import Column, csv_lines

INDEX = "SHA256SUMS"
# The first moment that a zip can hold; packs carry no time of their own, so that the same files give the same archive.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Table:
    """A fact on paper. `shown` are the rows that the PDF prints; `count` is how many there are in the CSV."""

    name: str
    title: str
    headline: str
    gaps: tuple[str, ...]
    columns: tuple[str, ...]
    shown: tuple[tuple[object, ...], ...]
    count: int
    regulations: str


@dataclass(frozen=True)
class Line:
    """A statement on paper."""

    words: str
    standing: str
    count: int
    newest: datetime | None


@dataclass(frozen=True)
class Paper:
    """All that the PDF shows."""

    provider: str
    edition: str
    note: str
    from_at: datetime
    to_at: datetime
    as_at: datetime
    known_by: datetime
    content_sha256: str
    findings: tuple[Table, ...]
    questions: tuple[tuple[str, tuple[Line, ...]], ...]
    tables: tuple[Table, ...]


def pdf_of(paper: Paper) -> bytes:
    """The pack's PDF: what was done about the last findings first, then the five questions, then each fact."""
    return print_pdf(render_to_string("inspection/pdf.html", {"p": paper}))


def columns_of(heads: tuple[str, ...]) -> list[Column]:
    """The columns of a fact's rows for a list or a file."""
    return [Column(key=str(n), title=title, value=itemgetter(n)) for n, title in enumerate(heads)]


def csv_of(columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> bytes:
    """A fact's rows for a spreadsheet; no cell is a formula."""
    return "".join(csv_lines(rows, columns_of(columns))).encode()


def index_of(files: Mapping[str, bytes]) -> bytes:
    """The hash of every file, in the form that `sha256sum --check` reads."""
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())).encode()


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """All files in one zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

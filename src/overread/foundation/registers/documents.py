"""Documents of entries: certificates, letters and the like, kept in the store before the row that names them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from overread.foundation.blobs.current import current
from overread.foundation.registers.rows import DocumentRow
from overread.foundation.work.refusals import BadInput, NotFound

TYPES = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
MOST_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Document:
    """A file that is in the store."""

    key: str
    name: str
    media_type: str
    length: int

    @property
    def columns(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {
            "document_key": self.key,
            "document_name": self.name,
            "document_type": self.media_type,
            "document_length": self.length,
        }


def stored(upload: Any, field: str = "document") -> Document | None:
    """Check an uploaded file and make it durable; None when nothing was uploaded.

    Raises:
        BadInput: it is too large, or no PDF, JPEG or PNG file.
    """
    if upload is None:
        return None
    data = upload.read(MOST_BYTES + 1)
    media_type = next((kind for kind, start in TYPES.items() if data.startswith(start)), "")
    if len(data) > MOST_BYTES:
        raise BadInput("This file is too large.", errors={field: f"At most {MOST_BYTES // 2**20} MB."})
    if not media_type:
        said = "Only PDF, JPEG and PNG files can be kept."
        raise BadInput(said, errors={field: said})
    ref = current().put(data)
    return Document(ref.key, str(upload.name)[:200], media_type, ref.length)


def document_of(model: type[DocumentRow], key: UUID) -> Document | None:
    """The document of an entry as it stands in its last version."""
    row = model.objects.filter(key=key).order_by("-recorded_at", "-id").first()
    if row is None or not row.document_key:
        return None
    return Document(row.document_key, row.document_name, row.document_type, row.document_length)


def download(document: Document | None, name: str) -> HttpResponse:
    """A document, always as a download, never drawn by the browser as a page of ours.

    Raises:
        NotFound: there is none.
    """
    if document is None:
        raise NotFound
    data = current().read_range(document.key, 0, document.length)
    answer = HttpResponse(data, content_type=document.media_type)
    ending = ENDINGS.get(document.media_type, "bin")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer

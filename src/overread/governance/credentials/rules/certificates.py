"""Files that show what is on record about a reader: pure."""

from typing import Final

CERTIFICATES: Final[dict[str, str]] = {
    "registration": "Registration or specialist register",
    "indemnity": "Indemnity",
    "dbs": "DBS certificate",
    "appraisal": "Appraisal",
    "revalidation": "Revalidation",
    "training": "Training for cone-beam CT",
    "other": "Something else",
}
TYPES: Final = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


def certificate_fault(media_type: str, head: bytes, length: int, *, most_megabytes: int) -> str:
    """What is wrong with a file, or ""; its first bytes must fit its type.

    Args:
        media_type: as the browser says.
        head: the first 16 bytes.
        length: in bytes.
        most_megabytes: the largest file that is taken.
    """
    if length > most_megabytes * 2**20:
        return f"This file is larger than {most_megabytes} MB."
    start = TYPES.get(media_type)
    if start is None:
        return "Only PDF, JPEG and PNG files are taken."
    return "" if head.startswith(start) else "The content of this file does not fit its type."

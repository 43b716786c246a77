"""Pages of reporting: the editor beside the images, signing, a signed version, an addendum, a correction, the PDF."""

from overread.journey.reporting.pages.correcting import correct
from overread.journey.reporting.pages.editing import editor, original, save
from overread.journey.reporting.pages.reports import addend, case_panel, pdf, report, see_mark, under_override
from overread.journey.reporting.pages.signing import sign

__all__ = [
    "addend",
    "case_panel",
    "correct",
    "editor",
    "original",
    "pdf",
    "report",
    "save",
    "see_mark",
    "sign",
    "under_override",
]

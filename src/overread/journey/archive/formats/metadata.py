"""An object's header as DICOM JSON (PS3.18 annex F), pixels and other large values by reference."""

from __future__ import annotations

import io
import math
from typing import Any, Final

import pydicom
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from overread.journey.archive.formats.frames import FrameError, open_object
from overread.journey.archive.formats.part10 import Source
from overread.journey.archive.rules import Refusal, Unreadable

INLINE: Final = 4096
"""Binary values longer than this many bytes are given by reference; palettes and LUTs always stand in the text."""
_PIXELS: Final = ("7FE00008", "7FE00009", "7FE00010")


def dicom_json(source: Source, bulk_data: str = "bulkdata") -> dict[str, Any]:
    """The header as a DICOM JSON object, without pixels.

    Args:
        source: path or bytes of a DICOM file.
        bulk_data: start of the BulkDataURI of large values; `/` and the tag as eight hexadecimal digits follow.

    Raises:
        Unreadable: it is not a DICOM file. OSError.
    """
    with open_object(source) as found:
        native = {f"{tag:08X}": element.vr for tag, element in found.found.items()}
        ends = [element.start for tag, element in found.found.items() if f"{tag:08X}" in _PIXELS]
        dataset = _read(bytes(found.buffer[: min(ends, default=len(found.buffer))]))
    result: dict[str, Any] = {}
    for key in sorted(dataset.keys()):
        tag = f"{int(key):08X}"
        if int(key) >> 16 != 0x0002 and not tag.endswith("0000"):
            result[tag] = _one(dataset, key, f"{bulk_data}/{tag}", native.get(tag, "UN"))
    for tag in _PIXELS:
        if tag in native:
            result[tag] = {"vr": "OB" if native[tag] == "OB" else "OW", "BulkDataURI": f"{bulk_data}/{tag}"}
    return result


def _read(header: bytes) -> Dataset:
    try:
        return pydicom.dcmread(io.BytesIO(header), force=True)
    except Exception as fault:  # pydicom raises many kinds on odd headers
        raise Unreadable(Refusal.MALFORMED, "It cannot be expressed as DICOM JSON.") from fault


def _is_bulk(tag: str, value: object) -> bool:
    return isinstance(value, bytes) and len(value) > INLINE and not tag.startswith("0028")


def _one(dataset: Dataset, key: BaseTag, reference: str, vr: str) -> dict[str, Any]:
    """One element; a value that pydicom or JSON cannot express is left out, never guessed (PS3.18 F.2.5)."""
    try:
        element = dataset[key]
        vr = str(element.VR)
        if vr in {"OB", "OW", "OD", "OF", "OL", "OV", "UN"} and _is_bulk(f"{int(key):08X}", element.value):
            return {"vr": vr, "BulkDataURI": reference}
        return dict(_finite(element.to_json_dict(None, 1 << 40)))
    except Exception:  # pydicom raises many kinds on odd values; the others are still of use
        return {"vr": vr}


def _finite(value: Any) -> Any:
    """JSON has no NaN or infinity: such a number becomes null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def bulk_value(source: Source, tag: int) -> bytes:
    """The bytes of one top-level value that `dicom_json` gave by reference. Raises `FrameError` when it is not there."""
    with open_object(source) as found:
        element = found.found.get(tag)
        if element is None or element.undefined:
            raise FrameError("There is no such value.")
        return bytes(found.buffer[element.offset : element.end])

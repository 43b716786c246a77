"""An object's header as DICOM JSON (PS3.18 annex F), pixels and other large values by reference."""

from __future__ import annotations

import io
import math
from typing import Any, Final

import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from overread.journey.archive.formats.frames import FrameError, open_object
from overread.journey.archive.formats.part10 import Source

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
        pixel_tags = [f"{tag:08X}" for tag in found.found if f"{tag:08X}" in _PIXELS]
        native = {f"{tag:08X}": element.vr for tag, element in found.found.items()}
    dataset = _read(source)
    result: dict[str, Any] = {}
    for element in dataset:
        tag = f"{int(element.tag):08X}"
        if int(element.tag) >> 16 == 0x0002 or tag.endswith("0000"):
            continue
        if element.VR in {"OB", "OW", "OD", "OF", "OL", "OV", "UN"} and _is_bulk(tag, element.value):
            result[tag] = {"vr": element.VR, "BulkDataURI": f"{bulk_data}/{tag}"}
            continue
        result[tag] = _one(element)
    for tag in pixel_tags:
        result[tag] = {"vr": "OB" if native[tag] == "OB" else "OW", "BulkDataURI": f"{bulk_data}/{tag}"}
    return result


def _read(source: Source) -> Dataset:
    stream: Any = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
    return pydicom.dcmread(stream, stop_before_pixels=True, force=True)


def _is_bulk(tag: str, value: object) -> bool:
    return isinstance(value, bytes) and len(value) > INLINE and not tag.startswith("0028")


def _one(element: DataElement) -> dict[str, Any]:
    """One element; a value that JSON cannot express is left out, never guessed (PS3.18 F.2.5)."""
    try:
        return dict(_finite(element.to_json_dict(None, 1 << 40)))
    except (TypeError, ValueError, AttributeError, OverflowError, KeyError):
        return {"vr": str(element.VR)}


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

"""Reading a header at reception, beside pydicom's own reader on the same generated objects."""

import tempfile
import time
from datetime import date, datetime
from pathlib import Path

import pydicom

from overread.journey.archive.formats.headers import read_header
from overread.site.demo.phantoms.head import make_head_ct
from overread.site.demo.phantoms.study import StudyPlan, Subject

ROUNDS = 20


def _cpu(paths: list[Path], read: object) -> float:
    begun = time.process_time()
    for _ in range(ROUNDS):
        for path in paths:
            read(path)  # type: ignore[operator]
    return time.process_time() - begun


def measure() -> str:
    """Processor time of our reader as a share of pydicom's, both reading all attributes but pixels."""
    subject = Subject("SYNTHETIC^BENCH", "B1", "BENCH", date(1960, 1, 1), "F")
    plan = StudyPlan(at=datetime(2026, 1, 5, 9, 0), accession="B-1", institution="Bench")  # noqa: DTZ001  local time
    with tempfile.TemporaryDirectory() as folder:
        paths = make_head_ct(subject, plan, size=256, slices=12).write(Path(folder))

        def peer(path: Path) -> object:
            found = pydicom.dcmread(path, stop_before_pixels=True)
            return [element.value for element in found]

        for read in (read_header, peer):
            _cpu(paths[:1], read)
        ours, theirs = _cpu(paths, read_header), _cpu(paths, peer)
    count = ROUNDS * len(paths)
    return (
        f"headers: ours {1000 * ours / count:.2f} ms, pydicom {pydicom.__version__} {1000 * theirs / count:.2f} ms of "
        f"processor time an object; ratio {ours / theirs:.2f}. Ours also checks the length of the pixels."
    )

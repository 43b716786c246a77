"""Frames decoded and copied losslessly in processes apart, beside the same work done in this process."""

import resource
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from overread.edge.dicomweb.decoders import Decoders
from overread.journey.archive.formats import pixels
from overread.site.demo.phantoms.head import make_head_ct
from overread.site.demo.phantoms.study import StudyPlan, Subject

SLICES, ROUNDS = 30, 4


def _spent() -> float:
    """Processor seconds of this process and of those that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _cpu(paths: list[Path], copy: Callable[[Path, int], object]) -> float:
    begun = _spent()
    for _ in range(ROUNDS):
        for path in paths:
            copy(path, 1)
    return _spent() - begun


def measure() -> str:
    """Processor time of both ways for the frames that the viewer gets, processes started and ended included."""
    subject = Subject("SYNTHETIC^BENCH", "B1", "BENCH", date(1960, 1, 1), "F")
    plan = StudyPlan(at=datetime(2026, 1, 5, 9, 0), accession="B-4", institution="Bench")  # noqa: DTZ001  local time
    with tempfile.TemporaryDirectory() as folder:
        paths = make_head_ct(subject, plan, size=512, slices=SLICES).write(Path(folder))
        _cpu(paths[:2], pixels.htj2k)
        here = _cpu(paths, pixels.htj2k)
        begun = _spent()
        decoders = Decoders(count=1)
        decoders.htj2k(paths[0], 1)
        decoders.close()
        start = _spent() - begun
        begun = _spent()
        decoders = Decoders(count=1)
        _cpu(paths, decoders.htj2k)
        decoders.close()
        apart = _spent() - begun - start
    count = ROUNDS * len(paths)
    return (
        f"decoding: {count} frames of 512 x 512 to lossless HTJ2K; here {1000 * here / count:.1f} ms, in a limited process "
        f"{1000 * apart / count:.1f} ms of processor time a frame; ratio {apart / here:.2f}, and {start:.2f} s to start one"
    )

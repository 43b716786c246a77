"""2,000 due deadlines and four processes that fire them at the same time: none twice, none lost (F42)."""

from collections import Counter
from pathlib import Path

import pytest

from overread.foundation.work.tests.processes import ground

pytestmark = [pytest.mark.slow, pytest.mark.fault]
DEADLINES, PROCESSES = 2000, 4


def test_every_deadline_fires_once_among_four_processes(tmp_path: Path) -> None:
    """Four processes begin at the same moment on 2,000 due deadlines: each fires exactly once, one process is killed."""
    with ground(tmp_path) as stage:
        stage.ask("set-deadlines", DEADLINES)
        sweepers = [stage.start("sweep") for _ in range(PROCESSES)]
        for child in sweepers:
            assert child.line() == ["ready"]
        for child in sweepers:
            child.send()
        assert sweepers[0].line()[0] == "begun"
        sweepers[0].kill()
        fired = [int(child.rest().split()[-1]) for child in sweepers[1:]]
        effects = Counter(row["payload"]["n"] for row in stage.report("fired"))
    assert len(effects) == DEADLINES, "none is lost"
    assert set(effects.values()) == {1}, "none fires twice"
    assert sum(fired) <= DEADLINES

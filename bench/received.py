"""Sending and receiving by C-STORE until each object is durable, in processor time of both ends together."""

import tempfile
import time
from datetime import date, datetime
from pathlib import Path

from overread.edge.dimse.node import Node
from overread.edge.dimse.sender import Peer, SendState, store_to
from overread.site.demo.phantoms.head import make_head_ct
from overread.site.demo.phantoms.study import StudyPlan, Subject


def measure() -> str:
    """Processor time of one association of 120 objects, sender and receiver in one process: a bound for either."""
    subject = Subject("SYNTHETIC^BENCH", "B1", "BENCH", date(1960, 1, 1), "F")
    plan = StudyPlan(at=datetime(2026, 1, 5, 9, 0), accession="B-2", institution="Bench")  # noqa: DTZ001  local time
    with tempfile.TemporaryDirectory() as folder:
        paths = make_head_ct(subject, plan, size=256, slices=120).write(Path(folder) / "out")
        node = Node(Path(folder) / "in", "BENCH")
        node.start()
        peer = Peer(host="127.0.0.1", port=node.port, aet="BENCH", our_aet="SENDER")
        begun = time.process_time()
        results = store_to(peer, paths)
        spent = time.process_time() - begun
        node.stop()
    good = sum(result.state is SendState.ACCEPTED for result in results)
    each = 1000 * spent / max(good, 1)
    return f"received: {good} of {len(paths)} objects durable; sender and receiver together {each:.1f} ms each"

"""How much typing is lost when browser, web process or both are killed while somebody writes a report (H19).

Ten kills of each kind, at moments that differ, on an installation of its own: `python -m bench.drafts [COUNT]`.
"""

import random
import sys
import tempfile
from pathlib import Path

from tests.room.service import Service
from tests.room.typist import PROMISE_S, Typist, kill_both_round, kill_browser_round, kill_server_round

COUNT = 10


def _words(kind: str, lost: list[float]) -> str:
    ordered = sorted(lost)
    return f"{kind}: {len(lost)} kills, lost at most {ordered[-1]:.1f} s, median {ordered[len(ordered) // 2]:.1f} s"


def run(count: int) -> str:
    """Kill, and say what was lost.

    Raises:
        RuntimeError: more was lost than is promised.
    """
    from playwright.sync_api import sync_playwright

    moments = random.Random(19)  # noqa: S311  moments, not secrets
    with tempfile.TemporaryDirectory(prefix="overread-bench-") as place, sync_playwright() as playwright:
        service = Service(Path(place) / "data")
        service.start()
        try:
            case = service.case()
            Typist(playwright, service, case, claim=True).kill()
            browser, server, both, back = [], [], [], []
            for _ in range(count):
                browser.append(kill_browser_round(playwright, service, case, moments.uniform(2.0, 9.0)))
                lost, again = kill_server_round(playwright, service, case, moments.uniform(2.0, 6.0))
                server.append(lost)
                back.append(again)
                both.append(kill_both_round(playwright, service, case, moments.uniform(2.0, 9.0)))
        finally:
            service.stop()
    parts = [_words("browser", browser), _words("web process", server), _words("both", both)]
    words = f"drafts: {'; '.join(parts)}; saved again {max(back):.1f} s after the start at the latest; promised {PROMISE_S:.0f} s"
    if max(*browser, *both) > PROMISE_S or max(server) > 0:
        raise RuntimeError(words)
    return words


if __name__ == "__main__":
    try:
        print(run(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
    except RuntimeError as fault:
        sys.exit(str(fault))

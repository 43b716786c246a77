"""A sender in a process of its own, so that it takes no time of the process that measures: `python -m bench.sending`."""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")

OUR_AET = "NORTH_CT2"  # the sender that tests/world.py knows


def send(folder: Path, port: int) -> "subprocess.Popen[str]":
    """Start sending every file of a folder to the listener on this machine; it prints how many were accepted."""
    command = [sys.executable, "-m", "bench.sending", str(folder), str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _main(folder: str, port: str) -> None:
    from overread.edge.dimse.sender import Peer, SendState, store_to

    peer = Peer(host="127.0.0.1", port=int(port), aet="OVERREAD", our_aet=OUR_AET)
    results = store_to(peer, sorted(Path(folder).iterdir()))
    print(sum(result.state is SendState.ACCEPTED for result in results))


if __name__ == "__main__":
    _main(*sys.argv[1:])

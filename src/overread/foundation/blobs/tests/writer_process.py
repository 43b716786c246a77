"""A receiver in miniature for the kill tests: stores blobs, journals them, then prints the acknowledgement.

Run as `python -m overread.foundation.blobs.tests.writer_process FOLDER SEED COUNT [--without-sync]`; the last is the
control of the power-cut test and takes the syncs out of this process by force, since no setting can.
"""

import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.journal import Journal, Received
from overread.foundation.blobs.store import LocalStore


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if sys.argv[4:] == ["--without-sync"]:
        os.fsync = lambda _: None
    store, journal = LocalStore(folder / "blobs", reserve_bytes=0), Journal(folder / "journal")
    store.sweep()
    chance = random.Random(seed)  # noqa: S311 - test data
    print("ready", flush=True)
    for number in range(count):
        data = chance.randbytes(chance.randrange(1, 60_000))
        with store.writer(len(data)) as writer:
            writer.write(data)
            ref = writer.commit()
        journal.append(
            Received(
                client_id="c",
                source="dimse",
                receipt_id=str(seed),
                sha256=ref.sha256,
                length=ref.length,
                key=ref.key,
                sop_class="1.2",
                sop_instance=f"1.2.{seed}.{number}",
                study="1.2",
                series="1.2",
                transfer_syntax="1.2.840.10008.1.2.1",
                received_at=datetime(2026, 11, 24, tzinfo=UTC),
            )
        )
        crash_point("answer.ready")
        print(ref.key, flush=True)


if __name__ == "__main__":
    main()

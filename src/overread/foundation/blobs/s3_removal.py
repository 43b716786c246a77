"""Removing a blob from a bucket while other machines may store the same bytes again.

S3 offers no "delete unless changed" everywhere, so writer and remover meet at a mark. The remover puts a mark beside the
key, then looks how old the blob is, then deletes it, then takes its mark away. A writer puts the blob, then looks for
marks; where one stands it does not acknowledge, and the sender sends again. Whichever comes first, a blob that was
acknowledged after the decision to remove it stays (H02):

- the writer saw no mark: the mark came after the writer's put, so the remover finds a blob that is new, and leaves it;
- the writer saw a mark: nothing was acknowledged.

A remover that dies, or whose delete was not answered, leaves its mark. It counts for MARK_LIFE, longer than any
delete can be on its way, and is swept away later.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import obstore

from overread.foundation.blobs.blob import StoreUnavailable, sha256_of

FOLDER = "removing"
MARK_LIFE = timedelta(minutes=15)
KEPT = timedelta(days=1)  # so long that no host's clock is that wrong
LONGEST_SECONDS = 300.0  # a remover that was held up longer begins again


def _marks(bucket: Any, prefix: str) -> Iterator[tuple[str, datetime]]:
    for batch in obstore.list(bucket, prefix=prefix):
        for entry in batch:
            yield entry["path"], entry["last_modified"]


def is_being_removed(bucket: Any, key: str) -> bool:
    """Whether somebody removes the blob that was just put under this key; times are the server's own."""
    marks = list(_marks(bucket, f"{FOLDER}/{sha256_of(key)}"))
    if not marks:
        return False
    written = obstore.head(bucket, key)["last_modified"]
    return any(made >= written - MARK_LIFE for _, made in marks)


def remove(bucket: Any, key: str, unless_newer_than: float) -> bool:
    """As `BlobStore.remove`. The two clocks are compared first, as the blob's age is told by the server's."""
    mark = f"{FOLDER}/{sha256_of(key)}/{secrets.token_hex(8)}"
    begun = time.monotonic()
    obstore.put(bucket, mark, b"")
    ahead = obstore.head(bucket, mark)["last_modified"].timestamp() - time.time()  # if wrong, then too little: it stays
    gone = True
    try:
        found = obstore.head(bucket, key)
    except FileNotFoundError:
        pass
    else:
        gone = found["last_modified"].timestamp() <= unless_newer_than + ahead
        if gone and time.monotonic() - begun > LONGEST_SECONDS:
            raise StoreUnavailable("the object store was too slow for a removal; it is tried again")
        if gone:
            obstore.delete(bucket, key)
    obstore.delete(bucket, mark)
    return gone


def sweep_marks(bucket: Any, now: datetime) -> int:
    """Take away marks that removers left which are long dead; returns how many."""
    old = [path for path, made in _marks(bucket, FOLDER) if made < now - KEPT]
    if old:
        obstore.delete(bucket, old)
    return len(old)

"""The store of this installation: site joins it at start, everybody else asks here."""

from overread.foundation.blobs.blob import BlobStore

_current: list[BlobStore] = []


def use(store: BlobStore) -> None:
    """Make a store the one of this process (called by site/wiring.py, and by tests)."""
    _current[:] = [store]


def current() -> BlobStore:
    """The store of this process.

    Raises:
        RuntimeError: none was joined.
    """
    if not _current:
        raise RuntimeError("No object store is joined; site/wiring.py does it for an installation.")
    return _current[0]

"""Where this installation keeps its objects, journals and anchors."""

from functools import cache
from pathlib import Path

from overread.foundation.blobs.store import BlobStore, open_store
from overread.site import config


def folder() -> Path:
    """The installation's folder.

    Raises:
        RuntimeError: no --data was given.
    """
    found = config.data_dir()
    if found is None:
        raise RuntimeError("No installation: give --data DIR.")
    return found


@cache
def store() -> BlobStore:
    """The object store of this installation."""
    return open_store(config.value("BLOBS_URL"), folder())


def journal() -> Path:
    """Folder of the journals of received objects."""
    return folder() / "journal"


def anchors() -> Path:
    """Folder of the ledger's anchor files."""
    return folder() / "anchors"

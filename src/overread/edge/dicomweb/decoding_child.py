"""The process that decodes pixels: no database, no secrets, bounded memory and processor time (RELIABILITY 0.6, F41).

`decoders.py` starts it as `python -m overread.edge.dicomweb.decoding_child` with an empty environment and speaks to it
over two pipes. A message is a length (4 bytes), that many bytes of JSON, and then as many bytes as its "length" says.
Nothing is unpickled on either side, so that an object which breaks a decoder gets no further than this process.
The limits are set anew for each frame: a frame may use so many seconds and bytes more than there were before it.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from overread.journey.archive.formats import pixels
from overread.journey.archive.rules import Unreadable

HEAD: Final = struct.Struct(">I")
MOST_HEAD: Final = 65_536
_SPARE_DESCRIPTORS: Final = 16

Asked = dict[str, Any]
Source = str | bytes
Made = tuple[bytes, str]

WORKS: Final[dict[str, Callable[[Source, Asked], Made]]] = {
    "htj2k": lambda source, asked: pixels.htj2k(source, asked["number"]),
    "native": lambda source, asked: pixels.native(source, asked["number"]),
    "thumbnail": lambda source, asked: (
        pixels.thumbnail(source, side=asked["side"], number=asked["number"]),
        "",
    ),
}


def outcome(asked: Asked, source: Source) -> tuple[str, bytes, str]:
    """One frame: (state, bytes, transfer syntax). States other than `done` are the reasons for which there is none."""
    try:
        made, syntax = WORKS[asked["work"]](source, asked)
    except (pixels.TooLarge, MemoryError):
        return "large", b"", ""
    except pixels.DecodeError:
        return "undecodable", b"", ""
    except (pixels.FrameError, Unreadable):
        return "no-frame", b"", ""
    except OSError:
        return "unread", b"", ""
    return "done", made, syntax


def _soft(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _limit(asked: Asked, length: int) -> None:
    """Memory and processor time for one frame; a file that is mapped counts as address space, so it comes on top."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + asked["cpu_seconds"])
    _soft(resource.RLIMIT_AS, asked["memory_bytes"] + length)


def _read(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        sys.exit(0)  # the other side has gone
    return content


def _closed_in() -> None:
    """Nothing can be written to a file, dumped, or started from here."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_SPARE_DESCRIPTORS, _SPARE_DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def main() -> None:
    """Decode until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints must not stand among the answers
    _closed_in()
    answers.write(HEAD.pack(0))  # ready
    answers.flush()
    while True:
        (size,) = HEAD.unpack(_read(requests, HEAD.size))
        asked = json.loads(_read(requests, size))
        path, length = asked.get("path"), asked["length"]
        try:
            _limit(asked, length)
            state, content, syntax = outcome(asked, path if path is not None else _read(requests, length))
        except MemoryError:
            sys.exit(1)
        head = json.dumps({"state": state, "syntax": syntax, "length": len(content)}).encode()
        answers.write(HEAD.pack(len(head)) + head)
        answers.write(content)
        answers.flush()


if __name__ == "__main__":
    main()

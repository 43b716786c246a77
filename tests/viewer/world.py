"""A small world for the viewer: generated studies, a resolver that knows them, and one web application in front."""

from __future__ import annotations

import asyncio
import mimetypes
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn

from overread.edge.dicomweb.access import Access, InstanceRef, NotSignedIn, Query, StudyRef
from overread.edge.dicomweb.objects import Objects
from overread.edge.dicomweb.read import ReadSide
from overread.edge.viewer import document
from tests.viewer import phantom

HERE = Path(__file__).parent
SOURCE = Path(document.__file__).parents[2]
STATIC = {
    "ohif": SOURCE / "edge/viewer/static/ohif",
    "viewer": SOURCE / "edge/viewer/static/viewer",
    "ui": SOURCE / "foundation/ui/static/ui",
    "test": HERE / "page",
}
CLIENT_A, CLIENT_B = UUID(int=0xA), UUID(int=0xB)
READ_ONE, READ_TWO, READ_OTHER, READ_DETECTOR, READ_BARE = (
    f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 6)
)
PAGE_POLICY = "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'self'"


@dataclass
class World:
    """Reads with their studies; `calls` holds what the access book was told, `signed_in` may be taken away."""

    folder: Path
    signed_in: bool = True
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    sums: list[tuple[str, str, datetime, int]] = field(default_factory=list)
    files: dict[str, list[InstanceRef]] = field(default_factory=dict)
    reads: dict[str, tuple[UUID, tuple[StudyRef, ...]]] = field(default_factory=dict)

    def add(self, client: UUID, series: phantom.Series) -> None:
        """Generate a series and index it."""
        for path in phantom.make(self.folder, series):
            ds = phantom.read(path)
            self.files.setdefault(ds.StudyInstanceUID, []).append(
                InstanceRef(
                    client_id=client,
                    study_uid=ds.StudyInstanceUID,
                    series_uid=ds.SeriesInstanceUID,
                    sop_uid=ds.SOPInstanceUID,
                    key=str(path),
                    number=ds.InstanceNumber,
                    transfer_syntax=ds.file_meta.TransferSyntaxUID,
                )
            )

    # The resolver

    async def enter(self, place: str, headers: Mapping[str, str]) -> Access | None:
        if not self.signed_in:
            raise NotSignedIn
        client, studies = self.reads.get(place, (None, ()))
        return Access(caller="person:1", client_id=client, studies=studies, lossless_copies=True) if client else None

    async def studies(self, access: Access, query: Query) -> Sequence[StudyRef]:
        return access.studies or ()

    async def instances(self, access: Access, study: StudyRef) -> Sequence[InstanceRef]:
        return [each for each in self.files[study.uid] if each.client_id == access.client_id]

    async def source(self, access: Access, instance: InstanceRef) -> Path:
        return Path(instance.key)

    async def opened(self, access: Access, study: StudyRef, series_uid: str, *, since: datetime | None = None) -> None:
        self.calls.append((access.caller, study.uid, series_uid))

    async def frames(self, access: Access, study: StudyRef, series_uid: str, minute: datetime, count: int) -> None:
        self.sums.append((study.uid, series_uid, minute, count))

    def viewer_read(self, read_id: str) -> document.ViewerRead | None:
        """The read as the viewer's page is told of it."""
        client, studies = self.reads.get(read_id, (None, ()))
        shown = tuple(
            document.ViewerStudy(each.uid, each.role, ("CT",), "CT head", "2 Mar 2024, CT head") for each in studies
        )
        return document.ViewerRead(read_id, str(client), shown) if client else None


def build(folder: Path) -> World:
    """The world of the tests: two reads of client A, the first with a prior, and one of client B."""
    world = World(folder)
    world.add(CLIENT_A, phantom.Series(1, 2, "Axial 3 mm", "H31s", 40, 3.0, "20261117"))
    world.add(CLIENT_A, phantom.Series(1, 3, "Axial bone", "H60s", 24, 5.0, "20261117"))
    world.add(CLIENT_A, phantom.Series(2, 2, "Axial 5 mm", "H31s", 24, 5.0, "20240302", collection=False))
    world.add(CLIENT_A, phantom.Series(3, 2, "Axial 5 mm", "H31s", 24, 5.0, "20261118"))
    world.add(CLIENT_B, phantom.Series(4, 2, "Axial 5 mm", "H31s", 24, 5.0, "20261118"))
    world.add(CLIENT_A, phantom.Series(5, 2, "Skull", "", 6, 5.0, "20261118", modality="DX", spacing="detector"))
    world.add(CLIENT_A, phantom.Series(6, 2, "Copy", "", 6, 5.0, "20261118", modality="OT", spacing="none"))
    study = phantom.study_uid
    world.reads[READ_ONE] = (CLIENT_A, (StudyRef(CLIENT_A, study(1)), StudyRef(CLIENT_A, study(2), "prior")))
    world.reads[READ_TWO] = (CLIENT_A, (StudyRef(CLIENT_A, study(3)),))
    world.reads[READ_OTHER] = (CLIENT_B, (StudyRef(CLIENT_B, study(4)),))
    world.reads[READ_DETECTOR] = (CLIENT_A, (StudyRef(CLIENT_A, study(5)),))
    world.reads[READ_BARE] = (CLIENT_A, (StudyRef(CLIENT_A, study(6)),))
    return world


class Site:
    """The ASGI application of the tests: the product's read side and viewer page, and a reading page of ours."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.objects = Objects()
        self.read_side = ReadSide(world, self.objects)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the product's routes would."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if "/dicomweb/" in path:
            await self.read_side(scope, receive, send)
            return
        status, media_type, content, headers = self.answer(path)
        pairs = [(b"content-type", media_type.encode()), *((k.encode(), v.encode()) for k, v in headers.items())]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    def answer(self, path: str) -> tuple[int, str, bytes, dict[str, str]]:
        """Pages and files."""
        if found := re.fullmatch(r"/static/(\w+)/(.+)", path):
            file = STATIC[found[1]] / found[2]
            if file.is_file():
                media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                return 200, media_type, file.read_bytes(), {}
        if found := re.fullmatch(r"/read/([0-9a-f-]{36})/(viewer/(?:read|app-config\.js|config\.json)?)?", path):
            read = self.world.viewer_read(found[1])
            if read is not None:
                return self.page(read, found[2])
        if path == "/favicon.ico":
            return 204, "image/x-icon", b"", {}
        return 404, "text/plain", b"not here", {}

    def page(self, read: document.ViewerRead, name: str | None) -> tuple[int, str, bytes, dict[str, str]]:
        """The pages of a read."""
        import json

        if name is None:
            content = (HERE / "page/reading.html").read_bytes()
            return 200, "text/html; charset=utf-8", content, {"content-security-policy": PAGE_POLICY}
        if name.endswith("app-config.js"):
            return 200, "text/javascript; charset=utf-8", document.config_script(read).encode(), {}
        if name.endswith("config.json"):
            return 200, "application/json", json.dumps(document.config(read)).encode(), {}
        return 200, "text/html; charset=utf-8", document.page(read.read_id).encode(), document.headers()


class Running:
    """The application on a free port of loopback, in a thread; a context manager that gives its address."""

    def __init__(self, world: World) -> None:
        self.site = Site(world)
        config = uvicorn.Config(self.site, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        ready = threading.Event()
        while not self.server.started:
            ready.wait(0.02)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.site.objects.close()

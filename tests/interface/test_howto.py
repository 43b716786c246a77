"""The commands of docs/howto/connect-a-system.md, run as they stand against a served interface."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from tests.generated import DOCS
from tests.interface.system import system
from tests.isolation.test_routes import _objects
from tests.world import build

HOWTO = DOCS / "howto" / "connect-a-system.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT RUN: curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_howto_work_as_they_stand(live_server: Any, tmp_path: Path) -> None:
    """Every shell block of the page is run in order: each request is answered with success and JSON, the PDF is one."""
    use(LocalStore(tmp_path / "blobs", 0))
    here = build()
    objects = _objects(here)
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7 made up")
    blocks = re.findall(r"```sh\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.replace("\\\n", " ").split("\ncurl ") if line.strip()]
    names = {"CASE_ID": "case_id", "REPORT_ID": "report_id", "QUESTION_ID": "question_id"}
    told = {name: str(objects[key]) for name, key in names.items()}
    environment = {**os.environ, **told, "URL": live_server.url, "TOKEN": system(here, scopes="order,report").token}
    for command in commands:
        line = command if command.startswith("curl ") else f"curl {command}"
        done = subprocess.run(
            ["bash", "-ec", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "-o report.pdf" not in line:
            json.loads(done.stdout)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert len(commands) == 13

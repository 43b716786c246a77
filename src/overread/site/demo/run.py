"""`overread demo`: make, start, fill and show a whole provider; or drive it through every step and prove it."""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

from overread.site.command_error import CommandError
from overread.site.commands.daemons import address
from overread.site.commands.install import make_secrets
from overread.site.commands.prepared import set_up
from overread.site.supervisor import dies_with, read_status

STOP_SECONDS = 30
UNFINISHED = "unfinished"  # stands in the folder from the first step to the last image sent
_claims: list[IO[str]] = []  # open as long as the process lives


def _say(words: str) -> None:
    print(words, flush=True)


def _claim(folder: Path) -> None:
    """Let nobody else make this demonstration as long as this process lives.

    Raises:
        CommandError: somebody does.
    """
    mark = (folder / UNFINISHED).open("a")
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"a demonstration is being made in {folder}; wait for it, or stop it first") from None
    _claims.append(mark)


def _prepare(folder: Path, base: str) -> bool:
    """Secrets and tables; whether the installation is new."""
    if (folder / "secrets").exists() and not (folder / "demo").exists():
        raise CommandError(f"{folder} holds a real installation; name another folder with --data")
    if (folder / UNFINISHED).exists():
        _claim(folder)
        _say("The first start was stopped before it was done; beginning again")
        shutil.rmtree(folder)
    new = not (folder / "secrets").exists()
    if new:
        _say("1 of 5  Making the installation")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _claim(folder)
        (folder / "demo").touch()
        make_secrets(folder)
    os.environ.update(OVERREAD_DATA=str(folder.resolve()), OVERREAD_DEMO="1", OVERREAD_URL=base)
    os.environ["OVERREAD_PROVIDER_NAME"] = "Larkfield Reporting Ltd"
    os.environ.setdefault("OVERREAD_MAIL_FROM", "overread@larkfield.example")
    if new:
        set_up(str(folder))
        from overread.site.installation import migrate

        migrate()
    return new


def _seed(folder: Path, node_port: int, *, check: bool) -> None:
    from overread.site.demo import equipment, governance, past, people, provider

    _say("2 of 5  People, clients, agreements")
    ids = provider.seed_clients()
    persons = people.seed_people(folder, ids)
    quiet, recall = (2, 2) if check else (5, 90)
    provider.agree(ids, persons, node_port=node_port, quiet=quiet, recall=recall)
    provider.credential(persons)
    equipment.equip(persons)
    governance.seed_governance(persons)
    past.seed_past(persons)
    (folder / "demo").write_text(json.dumps({"node": node_port}), encoding="utf-8")


def _start(options: argparse.Namespace, folder: Path, smtp_port: int, base: str) -> "subprocess.Popen[bytes]":
    _say("3 of 5  Starting web, listener and worker")
    log = (folder / "demo.log").open("ab")
    command = [sys.executable, "-m", "overread.site.cli", "up", "--data", str(folder), "--http", options.http]
    command += ["--dicom", options.dicom, "--smtp", f"127.0.0.1:{smtp_port}", "--url", base]
    follow = dies_with(os.getpid())  # a demonstration that was killed leaves nothing running
    return subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ}, preexec_fn=follow)  # noqa: S603


def _last_words(folder: Path) -> str:
    """What the service itself said to people when it ended; its log is for machines."""
    lines = (folder / "demo.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.partition(": ")[2] for line in reversed(lines) if line.startswith("overread ")), "")


def _wait_until_up(base: str, dicom: tuple[str, int], folder: Path, process: "subprocess.Popen[bytes]") -> None:
    from overread.edge.dimse.sender import Peer, SendState, echo
    from overread.site.demo.check import wait_for
    from overread.site.demo.visitor import Visitor

    def answers() -> bool | None:
        if process.poll() is not None:
            raise CommandError(_last_words(folder) or "the service did not start; look into demo.log in its folder")
        try:
            alive = Visitor(base).get("/healthz").status == 200
        except OSError:
            return None
        peer = Peer(host=dicom[0], port=dicom[1], aet="OVERREAD", our_aet="NORTH_CT2")
        return True if alive and echo(peer).state is SendState.ACCEPTED else None

    wait_for("the service to start", answers)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _fill(options: argparse.Namespace, folder: Path, base: str, driver: Any, *, check: bool) -> Any:
    """Referrals by the clients' users, images over the DICOM port, and files that go wrong on purpose."""
    from django.utils import timezone

    from overread.site.demo import studies

    _say("4 of 5  Referrals, and images over the DICOM port")
    sent = studies.Sent()
    _, port = address(options.dicom)
    at = timezone.localtime().replace(microsecond=0)
    with tempfile.TemporaryDirectory() as scratch:
        for example in studies.EXAMPLES:
            driver.refer(example)
            studies.send(example, Path(scratch), port, at, small=check, sent=sent)
            _say(f"        {example.kind}: sent")
    studies.send_odd(port, sent)
    _say(f"        {sent.accepted} of {sent.sent} objects accepted, some of them real files to be held")
    return sent


def _show(base: str, folder: Path) -> None:
    from overread.site.demo import people

    _say(f"5 of 5  Ready: {base}")
    _say("")
    _say("Sign in with one of these, the password, and a one-time code:")
    for one in people.PEOPLE:
        roles = ", ".join(str(role).replace("_", " ") for role in one.roles)
        pin = f", signing PIN {one.pin}" if one.pin else ""
        _say(f"  {one.email:30} {roles}{pin}")
    _say(f"  password: {people.password(folder)}")
    _say(f"  code:     .venv/bin/overread demo code NAME --data {folder}")
    _say("All patients are generated, all people invented. Stop with Ctrl C; nothing is lost.")


def _check(driver: Any, sent: Any, folder: Path, started: float) -> int:
    from overread.site.demo import studies

    cases = [driver.drive(example, started) for example in studies.EXAMPLES]
    instances = {"sent": sent.sent, **_counts(folder)}
    whole = all(c["signed"] and c["delivered"] and c["accepted"] and c["opened"] for c in cases)
    alerted = all(c["alert_acknowledged"] is not False for c in cases)
    kept = instances["stored"] >= sent.accepted and sent.accepted == sent.sent and instances["held"] > 0
    ledger = _command("ledger", "verify", "--data", str(folder), "--json")
    ok = whole and alerted and kept and bool(ledger.get("ok"))
    duration = round(time.monotonic() - started, 1)
    _say(json.dumps({"ok": ok, "cases": cases, "instances": instances, "duration_s": duration}))
    return 0 if ok else 1


def _counts(folder: Path) -> dict[str, int]:
    from overread.foundation.tenancy.scope import Scope, open_scope
    from overread.journey.reception import queries as reception

    stored = _command("store", "verify", "--data", str(folder), "--json")
    with open_scope(Scope.everything(), opened_by="command"):
        held = reception.held_count() + len(reception.quarantined())
    return {"stored": int(stored.get("checked", 0)), "held": held}


def _command(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "overread.site.cli", *words]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ})  # noqa: S603
    try:
        found: dict[str, Any] = json.loads(done.stdout or b"{}")
    except ValueError:
        return {"ok": False}
    return found


def run(options: argparse.Namespace) -> int:
    """Run the demonstration until Ctrl C, or once through with --check; 0 when all went as it should."""
    started = time.monotonic()
    folder = Path(options.data)
    if options.check:
        folder = Path(tempfile.mkdtemp(prefix="overread-check-")) / "data"
    host, port = address(options.http)
    base = f"http://{'localhost' if host in {'127.0.0.1', '::1'} else host}:{port}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager stops it as Ctrl C does
    try:
        return _run(options, folder, base, started)
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    finally:
        if options.check:
            shutil.rmtree(folder.parent, ignore_errors=True)


def _run(options: argparse.Namespace, folder: Path, base: str, started: float) -> int:
    status = read_status(folder)
    if status is not None and status.alive:
        raise CommandError(f"the demonstration in {folder} is running already: {base}")
    new = _prepare(folder, base)
    from overread.edge.notify.mailbox import Mailbox

    mailbox = Mailbox(folder / "mailbox")
    mailbox.start()
    process = None
    if not new:  # a second start: the service first, all else beside it
        process = _start(options, folder, mailbox.port, base)
        set_up(str(folder), join=False)
    from overread.edge.dimse.node import Node
    from overread.site.demo.check import Driver

    node = Node(folder / "client-node", "NORTH_PACS")
    try:
        node.start(0 if new else int(json.loads((folder / "demo").read_text() or "{}").get("node", 0)))
        if process is None:
            _seed(folder, node.port, check=options.check)
            process = _start(options, folder, mailbox.port, base)
        _wait_until_up(base, address(options.dicom), folder, process)
        driver = Driver(base, folder, folder / "mailbox", node)
        sent = _fill(options, folder, base, driver, check=options.check) if new else None
        (folder / UNFINISHED).unlink(missing_ok=True)
        if options.check:
            return _check(driver, sent, folder, started)
        _show(base, folder)
        threading.Event().wait()
    finally:
        if process is not None:
            _stop(process)
        node.stop()
    return 0

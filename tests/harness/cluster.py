"""A PostgreSQL cluster of the tests' own: a temporary folder, a free loopback port, gone when the tests end.

The application's role may create databases but is neither superuser nor exempt from row-level security, so that the
second wall of tenancy is tested as it stands in production.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import LiteralString

import psycopg

START_SECONDS = 60


class ClusterError(Exception):
    """PostgreSQL is installed but did not start; the message holds the end of its log."""


def _account() -> str | None:
    """The account that may run the server: PostgreSQL refuses root, so root lends it to `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """Ask Linux to stop the server at once if the tests are killed, so that none is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


class Cluster:
    """One running server. `url` is what DATABASE_URL should say; `stop()` may be called twice."""

    def __init__(self, binaries: Path) -> None:
        """Make and start the cluster. Raises ClusterError when it does not answer within START_SECONDS."""
        self._binaries = binaries
        self._account = _account()
        self._folder = Path(tempfile.mkdtemp(prefix="overread-postgres-"))
        self._server: subprocess.Popen[bytes] | None = None
        if self._account:
            shutil.chown(self._folder, self._account)
        self.port = _free_port()
        self.url = f"postgres://overread@127.0.0.1:{self.port}/postgres"
        try:
            self._make()
            self._start()
            self._sql("CREATE ROLE overread LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB")
        except BaseException:
            self.stop()
            raise

    def _as_account(self) -> dict[str, object]:
        if self._account is None:
            return {}
        entry = pwd.getpwnam(self._account)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, **self._as_account())  # type: ignore[call-overload]
        if done.returncode:
            raise ClusterError(f"{program}: {done.stderr.decode(errors='replace')[-2000:]}")

    def _make(self) -> None:
        options = ["--auth=trust", "--username=admin", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", f"--pgdata={self._folder / 'data'}", *options)

    def _start(self) -> None:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 200,
            "shared_buffers": "64MB",
            "log_min_messages": "warning",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(  # type: ignore[call-overload]
                [self._binaries / "postgres", "-D", self._folder / "data", *flags],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **self._as_account(),
            )
        if not self._answers():
            log_end = (self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise ClusterError(f"PostgreSQL did not start: {log_end}")

    def _answers(self) -> bool:
        """Whether the server takes connections; asks until it does, has ended, or START_SECONDS have passed."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._server is not None and self._server.poll() is None:
            try:
                self._sql("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _sql(self, statement: LiteralString) -> None:
        """Run one statement as the cluster's administrator."""
        where = f"host=127.0.0.1 port={self.port} user=admin dbname=postgres connect_timeout=5"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop the server at once and remove its folder."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)

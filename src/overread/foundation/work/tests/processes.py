"""Starting and asking the child processes of fault tests, on a database of their own on the kind the run uses."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

MODULE = "overread.foundation.work.tests.child"
SOURCE = Path(__file__).resolve().parents[4]


class Child:
    """One running child; lines in, lines out."""

    def __init__(self, environment: dict[str, str], *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE, *map(str, arguments)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def line(self) -> list[str]:
        """The next line it says, in words; empty when it has ended."""
        return self._out.readline().split()

    def send(self) -> None:
        """Let it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def freeze(self) -> None:
        """SIGSTOP, and wait until every thread of it stands; let it go on with SIGCONT."""
        self.process.send_signal(signal.SIGSTOP)
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it could be stopped"

    def rest(self) -> str:
        """All that it still says until it ends by itself, which must be in time and with exit code 0."""
        text, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, text
        return text


class Ground:
    """A migrated database, a file for effects, and the children on them."""

    def __init__(self, database: dict[str, Any], folder: Path) -> None:
        self.database = database
        self.file = folder / "effects"
        paths = [str(SOURCE), os.environ.get("PYTHONPATH", "")]
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE,
            "OVERREAD_CHILD_DATABASE": json.dumps(database),
            "OVERREAD_CHILD_FILE": str(self.file),
        }
        self._children: list[Child] = []

    def start(self, *arguments: object) -> Child:
        """Start a child and leave it running."""
        child = Child(self._environment, *arguments)
        self._children.append(child)
        return child

    def ask(self, *arguments: object) -> str:
        """Run a child to its end; what it said."""
        return self.start(*arguments).rest()

    def report(self, name: str) -> list[dict[str, Any]]:
        """The job rows of a name."""
        rows: list[dict[str, Any]] = json.loads(self.ask("report", name))
        return rows

    def effects(self) -> list[str]:
        """What ran, by payload number, one entry per run."""
        return [line.split()[0] for line in self.file.read_text(encoding="utf-8").splitlines()]

    @contextmanager
    def locked_for_writing(self) -> Iterator[None]:
        """Somebody else holds the database's write lock, or on PostgreSQL locks that keep writers off the tables."""
        if _on_postgres():
            import psycopg

            with psycopg.connect(**_postgres_address(), dbname=self.database["NAME"]) as connection:
                connection.execute("LOCK TABLE work_job, clock_deadline, ledger_seal, ledger_entry IN EXCLUSIVE MODE")
                yield
            return
        lock = sqlite3.connect(self.database["NAME"], isolation_level=None)
        with closing(lock):
            lock.execute("BEGIN IMMEDIATE")
            yield

    def cut_connections(self) -> int:
        """PostgreSQL ends every connection to this database, as its restart would; how many there were."""
        import psycopg

        with psycopg.connect(**_postgres_address(), dbname="postgres", autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.database["NAME"]]
            ).fetchall()
        return len(ended)

    def close(self) -> None:
        """Leave no child behind."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGCONT)
                child.kill()
            for pipe in (child.process.stdin, child.process.stdout):
                if pipe is not None and not pipe.closed:
                    pipe.close()


def _on_postgres() -> bool:
    return "postgresql" in str(settings.DATABASES["default"]["ENGINE"])


def _postgres_address() -> dict[str, Any]:
    given = settings.DATABASES["default"]
    return {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}


@contextmanager
def _postgres_database() -> Iterator[dict[str, Any]]:
    import psycopg

    name = f"fault_{uuid.uuid4().hex}"
    with psycopg.connect(**_postgres_address(), dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield {"NAME": name}
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A fresh database with all tables, of the kind that this run tests, gone afterwards."""
    if _on_postgres():
        with _postgres_database() as database:
            yield from _prepared(database, folder)
    else:
        yield from _prepared({"NAME": str(folder / "fault.sqlite3")}, folder)


def _prepared(database: dict[str, Any], folder: Path) -> Iterator[Ground]:
    made = Ground(database, folder)
    try:
        made.ask("migrate")
        yield made
    finally:
        made.close()

"""`overread up`, and the processes that it starts: `web`, `listen`, `work`."""

import argparse
import threading
from pathlib import Path

from overread.site.command_error import CommandError
from overread.site.commands.prepared import data_option, set_up
from overread.site.listen_address import address

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    for name, run, words in (
        ("up", _up, "start everything: web, listener and worker, restarted when they fail"),
        ("web", _web, "start only the pages and the HTTP interfaces"),
        ("listen", _listen, "start only the DICOM listener"),
        ("work", _work, "start only a worker for jobs, deadlines and the ledger's seal"),
    ):
        command = commands.add_parser(name, help=words)
        data_option(command)
        command.add_argument("--url", metavar="URL", help="address that people type (default http://localhost:8000)")
        command.add_argument("--smtp", metavar="HOST:PORT", help="mail server")
        command.add_argument("--http", metavar="HOST:PORT", default="127.0.0.1:8000", help="where pages are served")
        command.add_argument("--dicom", metavar="HOST:PORT", default="127.0.0.1:11112", help="where DICOM is received")
        command.add_argument("--dicom-tls", metavar="HOST:PORT", help="where DICOM over TLS is received")
        for part in ("cert", "key", "ca"):
            command.add_argument(f"--tls-{part}", metavar="F", help=f"TLS {part} file (PEM) for --dicom-tls")
        command.add_argument(
            "--i-accept-plaintext", metavar="CIDR", default="", help="allow unencrypted ports beyond loopback"
        )
        command.set_defaults(run=run)


def _check_binds(options: argparse.Namespace) -> None:
    for text in (options.http, options.dicom):
        host, _ = address(text)
        if host not in LOOPBACK and not options.i_accept_plaintext:
            raise CommandError(
                f"{text} would be reachable without encryption. Put a TLS proxy before a loopback address, use "
                "--dicom-tls, or accept the risk for one network with --i-accept-plaintext CIDR."
            )
    if options.dicom_tls and not (options.tls_cert and options.tls_key and options.tls_ca):
        raise CommandError("--dicom-tls needs --tls-cert, --tls-key and --tls-ca")


def _up(options: argparse.Namespace) -> int:
    _check_binds(options)
    set_up(options.data, join=False)
    from overread.site import thresholds
    from overread.site.installation import migrate
    from overread.site.supervisor import up

    thresholds.on_disk(Path(options.data))  # else each child would refuse it again and again, with nobody looking
    migrate()
    return up(Path(options.data), children(options))


def children(options: argparse.Namespace) -> dict[str, list[str]]:
    """The command line of each child process, by role."""
    shared = ["--data", options.data]
    for name in ("url", "smtp", "i_accept_plaintext"):
        if getattr(options, name):
            shared += [f"--{name.replace('_', '-')}", getattr(options, name)]
    listen = ["listen", *shared, "--dicom", options.dicom]
    if options.dicom_tls:
        tls = [(f"--tls-{part}", getattr(options, f"tls_{part}")) for part in ("cert", "key", "ca")]
        listen += ["--dicom-tls", options.dicom_tls, *(word for pair in tls for word in pair)]
    return {"web": ["web", *shared, "--http", options.http], "listen": listen, "work": ["work", *shared]}


def _web(options: argparse.Namespace) -> int:
    _check_binds(options)
    set_up(options.data)
    from overread.site.silence import watch_in_background
    from overread.site.web import serve

    host, port = address(options.http)
    stop = threading.Event()
    watch = watch_in_background(Path(options.data), stop)
    try:
        return serve(host, port)
    finally:
        stop.set()
        watch.join(5.0)


def _listen(options: argparse.Namespace) -> int:
    _check_binds(options)
    set_up(options.data)
    from overread.site.listening import listen

    return listen(options)


def _work(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.site.working import work

    return work()

"""`overread init` and `overread doctor`: make an installation, and say whether it is well."""

import argparse
import os
import secrets
from pathlib import Path

from overread.site.command_error import CommandError
from overread.site.commands.prepared import data_option, json_option, say, set_up

SECRETS = ("django", "factors", "installation")


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    init = commands.add_parser("init", help="make an installation and print a one-time enrolment link")
    data_option(init)
    init.add_argument("--manager", metavar="EMAIL", help="e-mail of the registered manager (asked for when absent)")
    init.add_argument("--name", metavar="NAME", default="Registered manager", help="name of the registered manager")
    init.add_argument("--demo", action="store_true", help="mark it as an installation with generated patients only")
    init.add_argument("--url", metavar="URL", help="address that people will type (default http://localhost:8000)")
    init.set_defaults(run=_init)
    link = commands.add_parser("enrol", help="print a new one-time enrolment link for a person")
    data_option(link)
    link.add_argument("email", help="who is to enrol")
    link.set_defaults(run=_enrol)
    doctor = commands.add_parser("doctor", help="check an installation and say what is wrong and what to do")
    data_option(doctor)
    json_option(doctor)
    doctor.set_defaults(run=_doctor)


def make_secrets(folder: Path) -> None:
    """Make all secrets of a new installation, readable by their owner only.

    Raises:
        CommandError: the folder holds an installation already.
    """
    place = folder / "secrets"
    if place.exists():
        raise CommandError(f"{folder} holds an installation already; nothing was changed")
    folder.mkdir(parents=True, exist_ok=True)
    place.mkdir(mode=0o700)
    for name in SECRETS:
        handle = os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())


def _init(options: argparse.Namespace) -> int:
    email = options.manager or (input("E-mail of the registered manager: ") if os.isatty(0) else "")
    if not email or "@" not in email:
        raise CommandError("say who the registered manager is: --manager EMAIL")
    folder = Path(options.data)
    make_secrets(folder)
    if options.demo:
        (folder / "demo").touch()
        os.environ["OVERREAD_DEMO"] = "1"
    set_up(options.data)
    from overread.site.installation import enrolment_address, migrate, register_manager

    migrate()
    person_id = register_manager(email=email, full_name=options.name)
    print(f"Installation made in {folder}.")
    print(f"Enrol within 15 minutes, once: {enrolment_address(person_id)}")
    print(f"Start it with: overread up --data {folder}")
    return 0


def _enrol(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.site.installation import enrolment_address, person_called

    print(enrolment_address(person_called(options.email)))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.site.doctor import examine

    findings = examine(Path(options.data))
    well = all(f.well for f in findings)
    lines = [f"{'ok  ' if f.well else 'BAD '} {f.what}" + ("" if f.well else f" - {f.do}") for f in findings]
    say(options, lines, {"ok": well, "findings": [vars(f) for f in findings]})
    return 0 if well else 1

"""`overread pack`: the evidence of a period as files, for an inspector."""

import argparse
from pathlib import Path

from overread.site.command_error import CommandError
from overread.site.commands.prepared import data_option, json_option, say, set_up


def add(commands: argparse._SubParsersAction) -> None:
    """Add this command to the command line."""
    pack = commands.add_parser("pack", help="write the inspection pack of a period")
    data_option(pack)
    json_option(pack)
    pack.add_argument("--from", dest="from_day", metavar="DATE", required=True, help="first day, as 2026-03-01")
    pack.add_argument("--to", metavar="DATE", required=True, help="last day")
    pack.add_argument("--out", metavar="DIR", required=True, help="an empty or new folder for the files")
    pack.add_argument("--as-at", metavar="DATE", default="", help="judged as at this day or moment (default: now)")
    pack.add_argument(
        "--known-by", metavar="DATE", default="", help="what was recorded later is left out (default: now)"
    )
    pack.add_argument("--framework", metavar="KEY", default="saf-34", help="edition of the framework (default: saf-34)")
    pack.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    folder = Path(options.out)
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty; name a new folder, so that no file of another pack stays in it.")
    set_up(options.data)
    from django.utils import timezone

    from overread.foundation.tenancy.scope import Scope, open_scope
    from overread.foundation.work.actor import Actor
    from overread.foundation.work.refusals import Refused
    from overread.governance.inspection import actions
    from overread.governance.inspection.rules import period_of, plain
    from overread.site import packing

    asked = {"from": options.from_day, "to": options.to, "as_at": options.as_at, "known_by": options.known_by}
    period = period_of(asked, timezone.now())
    with open_scope(Scope.provider(), opened_by="command"):
        try:
            pack_id = actions.ask_pack(
                actor=Actor.system("command"),
                period=period,
                edition=options.framework,
                build=False,
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        content_sha256, gaps = packing.write(pack_id, folder)
    again = f"--as-at {plain(period.as_at)} --known-by {plain(period.known_by)}"
    lines = [
        f"{folder}: pack.json, pack.pdf, csv/ and SHA256SUMS; {gaps} gaps are in it, as gaps.",
        f"SHA-256 of the content: {content_sha256}",
        f"The same content again, at any time: the same command with {again}",
    ]
    data = {"out": str(folder), "content_sha256": content_sha256, "gaps": gaps}
    say(options, lines, {**data, "as_at": plain(period.as_at), "known_by": plain(period.known_by)})
    return 0

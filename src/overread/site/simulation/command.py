"""`overread simulate`: a quarter of the model provider's work, played in a minute, to look at and to prove the clocks by."""

import argparse
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from overread.site.command_error import CommandError
from overread.site.commands.install import make_secrets
from overread.site.commands.prepared import json_option, say, set_up


def add(commands: argparse._SubParsersAction) -> None:
    """Add this command to the command line."""
    simulate = commands.add_parser(
        "simulate", help="make an installation in which a quarter of invented work has passed"
    )
    simulate.add_argument("--data", metavar="DIR", required=True, help="a new folder for the installation")
    simulate.add_argument(
        "--seed", metavar="N", type=int, default=1, help="which quarter; the same number, the same quarter"
    )
    simulate.add_argument("--start", metavar="DATE", default="", help="its first day (default: a Monday 13 weeks ago)")
    simulate.add_argument("--per-day", metavar="N", type=int, default=3, help="most cases on a weekday (default 3)")
    json_option(simulate)
    simulate.set_defaults(run=_run)


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"{text} is no day: write it as 2026-08-17") from error


def _run(options: argparse.Namespace) -> int:
    first = _first_day(options.start)
    if options.per_day < 1:
        raise CommandError("at least one case must come on a day: --per-day 1")
    folder = Path(options.data)
    make_secrets(folder)
    (folder / "demo").touch()
    os.environ["OVERREAD_DEMO"] = "1"
    set_up(options.data)
    from django.utils import timezone

    from overread.site.installation import migrate
    from overread.site.simulation.plan import plan_of, start_before
    from overread.site.simulation.quarter import play

    migrate()
    plan = plan_of(options.seed, start=first or start_before(timezone.localdate()), per_day=options.per_day)
    quarter = play(plan, folder)
    data = told(quarter)
    lines = [f"{plan.first:%d %b %Y} to {plan.last:%d %b %Y}, seed {plan.seed}:"]
    lines += [f"  {number:5} {what}" for what, number in data["happened"].items()]
    lines += [f"  {number:5} mails to {to}" for to, number in data["mails"].items()]
    lines += [
        f"Look at it: overread up --data {folder}; sign in as in a demonstration: overread demo code NAME --data {folder}",
        f"Its evidence: overread pack --data {folder} --from {plan.first} --to {plan.last} --out NEW_FOLDER",
    ]
    say(options, lines, data)
    return 0


def told(quarter: Any) -> dict[str, Any]:
    """What happened in a quarter, counted."""
    return {
        "first": quarter.plan.first,
        "last": quarter.plan.last,
        "seed": quarter.plan.seed,
        "happened": dict(sorted(Counter(line.what for line in quarter.journal.lines).items())),
        "mails": dict(sorted(Counter(mail.to for mail in quarter.journal.mails).items())),
    }

"""What every command shares: the --data option, Django set up and wired, and one clear error."""

import argparse
import json
from pathlib import Path
from typing import Any

from overread.site.command_error import CommandError
from overread.site.logs import take_over


def data_option(parser: argparse.ArgumentParser) -> None:
    """Add --data DIR, the folder of the installation."""
    parser.add_argument("--data", metavar="DIR", required=True, help="folder of the installation")


def json_option(parser: argparse.ArgumentParser) -> None:
    """Add --json for scripts."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")


def say(options: argparse.Namespace, lines: list[str], data: dict[str, Any]) -> None:
    """Print lines for people, or the same as JSON for scripts."""
    print(json.dumps(data, default=str) if getattr(options, "json", False) else "\n".join(lines))


def set_up(data: str | None, *, join: bool = True) -> None:
    """Load Django for an installation that exists, and join the house.

    Args:
        data: folder of the installation.
        join: False for a command that only looks after tables and processes, and should start quickly.

    Raises:
        CommandError: there is no installation in the folder.
    """
    if data and not (Path(data) / "secrets" / "django").exists():
        raise CommandError(f"there is no installation in {data}; make one with: overread init --data {data}")
    import django

    django.setup()
    take_over()
    if not join:
        from overread.foundation.tenancy.scope import allow_openers

        allow_openers(["command"])
        return
    from overread.site.wiring import wire

    wire()

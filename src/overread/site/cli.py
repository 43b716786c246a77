"""The command line: `overread COMMAND`. Every command has --help, and fails with one clear line."""

import argparse
import os
import sys
from collections.abc import Sequence

from overread.site import logs
from overread.site.command_error import CommandError
from overread.site.commands import clients, daemons, install, ledger, pack, store
from overread.site.demo import command as demo
from overread.site.simulation import command as simulate

GROUPS = (install, daemons, clients, store, ledger, pack, simulate, demo)


def parser() -> argparse.ArgumentParser:
    """The whole command line; the reference page is made from it."""
    top = argparse.ArgumentParser(prog="overread", description="Teleradiology reporting for a small provider.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add(commands)
    return top


def _prepare(options: argparse.Namespace) -> None:
    """Tell the settings where the installation is, before Django reads them."""
    folder = getattr(options, "data", None)
    if folder:
        os.environ["OVERREAD_DATA"] = os.path.abspath(folder)
        if os.path.exists(os.path.join(folder, "demo")):
            os.environ["OVERREAD_DEMO"] = "1"
    for name, variable in (("smtp", "OVERREAD_SMTP"), ("url", "OVERREAD_URL")):
        if getattr(options, name, None):
            os.environ[variable] = getattr(options, name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 the command found something wrong, 2 it was asked wrongly.
    """
    options = parser().parse_args(arguments)
    _prepare(options)
    logs.name_process(options.command)
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except (CommandError, FileNotFoundError, PermissionError, ValueError) as error:
        print(f"overread {options.command}: {error}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        print(f"overread {options.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

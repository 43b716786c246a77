"""`overread demo`: a whole provider with generated patients, running."""

import argparse

from overread.site.commands.prepared import CommandError, set_up


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    demo = commands.add_parser("demo", help="make and run an installation with generated patients")
    demo.add_argument("--data", metavar="DIR", default="var/demo", help="folder of the demo (default var/demo)")
    demo.add_argument("--check", action="store_true", help="drive cases through the whole journey, then stop")
    demo.add_argument("--http", metavar="HOST:PORT", default="127.0.0.1:8000", help="where pages are served")
    demo.add_argument("--dicom", metavar="HOST:PORT", default="127.0.0.1:11112", help="where DICOM is received")
    demo.set_defaults(run=_demo)
    verbs = demo.add_subparsers(dest="verb", metavar="VERB")
    code = verbs.add_parser("code", help="print a one-time sign-in code (demo installations on loopback only)")
    code.add_argument("name", metavar="NAME", help="e-mail, or its part before the @")
    code.add_argument("--data", metavar="DIR", default="var/demo", help="folder of the demo (default var/demo)")
    code.set_defaults(run=_code)


def _demo(options: argparse.Namespace) -> int:
    from overread.site.demo.run import run

    return run(options)


def _code(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.foundation.accounts.demo import demo_code
    from overread.foundation.work.refusals import Refused

    try:
        print(demo_code(options.name))
    except Refused as refused:
        raise CommandError(refused.message) from refused
    return 0

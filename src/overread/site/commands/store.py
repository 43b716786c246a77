"""`overread store`: read every stored object again and compare its bytes with what was recorded."""

import argparse
from itertools import chain

from overread.site.commands.prepared import data_option, json_option, say, set_up


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    group = commands.add_parser("store", help="the stored images and documents")
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    verify = verbs.add_parser("verify", help="re-hash every object; name those that are missing or changed")
    data_option(verify)
    json_option(verify)
    verify.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.foundation.blobs.store import verify_all
    from overread.foundation.tenancy.scope import Scope, open_scope
    from overread.journey.archive import queries
    from overread.site.places import store

    blobs = store()
    with open_scope(Scope.everything(), opened_by="command"):
        # Everything that is there, held and quarantined objects too, and what the index names but is not there.
        absent = (key for key in queries.every_key() if not blobs.exists(key))
        report = verify_all(blobs, chain(blobs.list(), absent))
    well = not report.bad and not report.missing
    lines = [f"{report.checked} objects read again, {len(report.bad)} changed, {len(report.missing)} missing."]
    lines += [f"changed {key}" for key in report.bad] + [f"missing {key}" for key in report.missing]
    say(options, lines, {"ok": well, "checked": report.checked, "bad": report.bad, "missing": report.missing})
    return 0 if well else 1

"""`overread ledger`: verify the chains, and publish their heads."""

import argparse
from datetime import timedelta
from pathlib import Path

from overread.site.commands.prepared import data_option, json_option, say, set_up


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    group = commands.add_parser("ledger", help="the record of what was done by whom")
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    verify = verbs.add_parser("verify", help="check every link; name the first bad or unsealed row")
    data_option(verify)
    json_option(verify)
    verify.add_argument("--anchors", metavar="DIR", help="folder of anchor files kept elsewhere (default: DIR/anchors)")
    verify.set_defaults(run=_verify)
    anchor = verbs.add_parser("anchor", help="write the chains' heads to a file to keep elsewhere")
    data_option(anchor)
    anchor.add_argument("--out", metavar="DIR", help="where to write it (default: DIR/anchors)")
    anchor.set_defaults(run=_anchor)


def _verify(options: argparse.Namespace) -> int:
    set_up(options.data)
    from django.utils import timezone

    from overread.foundation.ledger import queries, sealer

    folder = Path(options.anchors or Path(options.data) / "anchors")
    report = queries.verify(sealed_by=timezone.now() - timedelta(seconds=5), outside=sealer.read_anchors(folder))
    lines = [f"{report.chains} chains, {report.links} links hold." if report.ok else "The ledger does NOT hold:"]
    lines += [
        f"chain {f.chain or '-'} link {f.number or '-'} entry {f.entry_id or '-'}: {f.what}" for f in report.faults
    ]
    data = {"ok": report.ok, "chains": report.chains, "links": report.links}
    say(options, lines, {**data, "faults": [vars(f) for f in report.faults]})
    return 0 if report.ok else 1


def _anchor(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.foundation.ledger import sealer

    print(sealer.write_anchor(Path(options.out or Path(options.data) / "anchors")))
    return 0

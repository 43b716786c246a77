"""`overread client`: add a client, its AE titles and its tokens."""

import argparse
from datetime import timedelta

from overread.site.command_error import CommandError
from overread.site.commands.prepared import data_option, json_option, say, set_up

SCOPES = (
    "store (send images), read (query and fetch its own images), order (send referrals and follow them, answer "
    "questions), report (fetch signed reports, see alerts)"
)


def add(commands: argparse._SubParsersAction) -> None:
    """Add this group to the command line."""
    group = commands.add_parser("client", help="organisations that send work")
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    new = verbs.add_parser("add", help="add a client")
    new.add_argument("code", metavar="CODE", help="short code, letters and digits, such as NORTH")
    new.add_argument("name", metavar="NAME", help="name of the organisation")
    new.set_defaults(run=_add)
    token = verbs.add_parser("token", help="print a new API token for a client's machine, once")
    token.add_argument("code", metavar="CODE", help="code of the client")
    token.add_argument("--scope", default="store", help="what it may do, with commas: " + SCOPES + " (default store)")
    token.add_argument("--name", default="", help="which machine of the client holds it, such as RIS")
    token.add_argument("--days", type=int, help="how long it lives; without it, until it is revoked")
    token.set_defaults(run=_token)
    ae = verbs.add_parser("ae", help="allow a DICOM sender of a client")
    ae.add_argument("code", metavar="CODE", help="code of the client")
    ae.add_argument("aet", metavar="AET", help="its calling AE title")
    ae.add_argument("--from", dest="cidr", metavar="CIDR", required=True, help="network it may call from")
    ae.set_defaults(run=_ae)
    for command in (new, token, ae):
        data_option(command)
        json_option(command)


def _client_id(code: str):
    from overread.foundation.clients import queries

    found = queries.client_by_code(code)
    if found is None:
        raise CommandError(f"there is no client {code}; add it with: overread client add {code} NAME --data DIR")
    return found.id


def _scoped():
    from overread.foundation.tenancy.scope import Scope, open_scope

    return open_scope(Scope.everything(), opened_by="command")


def _add(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.foundation.clients import actions
    from overread.foundation.work.actor import Actor
    from overread.foundation.work.refusals import Refused

    with _scoped():
        try:
            client_id = actions.add_client(actor=Actor.system("command"), code=options.code, name=options.name)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
    say(options, [f"Client {options.code} added."], {"ok": True, "client": client_id})
    return 0


def _token(options: argparse.Namespace) -> int:
    set_up(options.data)
    from django.utils import timezone

    from overread.foundation.clients import actions
    from overread.foundation.work.actor import Actor
    from overread.foundation.work.refusals import Refused

    if options.days is not None and options.days < 1:
        raise CommandError("--days must be 1 or more")
    scopes = tuple(word.strip() for word in options.scope.split(","))
    ends = timezone.now() + timedelta(days=options.days) if options.days else None
    with _scoped():
        try:
            token = actions.make_token(
                actor=Actor.system("command"),
                client_id=_client_id(options.code),
                scopes=scopes,
                name=options.name,
                expires_at=ends,
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
    say(options, [token], {"ok": True, "token": token})
    return 0


def _ae(options: argparse.Namespace) -> int:
    set_up(options.data)
    from overread.foundation.clients import actions
    from overread.foundation.work.actor import Actor
    from overread.foundation.work.refusals import Refused

    with _scoped():
        try:
            actions.add_ae(
                actor=Actor.system("command"),
                client_id=_client_id(options.code),
                aet=options.aet,
                cidr=options.cidr,
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
    say(options, [f"{options.aet} from {options.cidr} may send for {options.code}."], {"ok": True})
    return 0

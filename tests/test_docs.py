"""Reference pages are made from the code they describe, and the hazard log from the file that names its proofs."""

import argparse
import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import Any

from pydicom.uid import UID

from overread.edge.dicomweb import read
from overread.edge.dimse import command, negotiation
from overread.edge.dimse.limits import Limits
from overread.foundation.thresholds.current import packaged
from overread.journey.archive.formats import syntaxes
from overread.site import cli, config, interface, listening, metrics, policy, ways_out
from tests.generated import DOCS, SOURCE, compare, table
from tests.interface import reference

HERE = SOURCE.format(test="tests/test_docs.py")
ROOT = DOCS.parent
HAZARDS = DOCS / "safety" / "hazards.toml"
# Read by the fault campaign in its own processes only; nobody sets it in an installation.
FOR_TESTS = {"OVERREAD_CRASH_AT"}
KNOWN = {f"H{number:02d}" for number in range(1, 41)}


# --- the command line -----------------------------------------------------------------------------------------------


def _commands(parser: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Every parser that runs something, with its one line of help."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield parser, words
    for group in groups:
        helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for name, inner in group.choices.items():
            yield from _commands(inner, helps.get(name, ""))


def _arguments(parser: argparse.ArgumentParser) -> list[tuple[str, ...]]:
    rows = []
    for one in parser._actions:
        if isinstance(one, argparse._HelpAction):
            continue
        shown = str(one.metavar or "")
        name = ", ".join(
            f"`{option}{' ' + shown if one.nargs != 0 and shown else ''}`" for option in one.option_strings
        )
        rows.append((name or f"`{shown or one.dest}`", _help(one)))
    return rows


def _help(one: argparse.Action) -> str:
    return (
        (one.help or "") % {"default": one.default, "prog": "overread"} if "%(" in (one.help or "") else one.help or ""
    )


def _command_line() -> str:
    parts = [f"# Command line\n\n{HERE}\n\nExit codes: 0 done, 1 something is wrong, 2 asked wrongly.\n"]
    for parser, words in _commands(cli.parser()):
        parts.append(f"## {parser.prog}\n\n{words[:1].upper()}{words[1:]}.\n")
        rows = _arguments(parser)
        if rows:
            parts.append(table(("Argument", "Meaning"), rows))
    return "\n".join(parts)


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    """docs/reference/command-line.md lists every command and every argument of the parser."""
    compare("reference/command-line.md", _command_line())


def test_every_command_and_argument_has_help() -> None:
    """Nobody has to guess what a command or an argument does."""
    found = list(_commands(cli.parser()))
    assert [parser.prog for parser, words in found if not words] == []
    bare = [f"{parser.prog} {name}" for parser, _ in found for name, words in _arguments(parser) if not words]
    assert bare == []


# --- settings -------------------------------------------------------------------------------------------------------


def _settings() -> str:
    rows = [(f"`{s.name}`", f"`{s.default}`" if s.default else "empty", s.meaning) for s in config.SETTINGS]
    text = "Settings are environment variables; arguments of the command line go before them."
    return f"# Settings\n\n{HERE}\n\n{text}\n\n{table(('Variable', 'Default', 'Meaning'), rows)}"


def test_the_page_of_settings_is_up_to_date() -> None:
    """docs/reference/settings.md lists every setting with its default and meaning."""
    compare("reference/settings.md", _settings())


def test_every_variable_that_is_read_is_a_setting() -> None:
    """No module of the product reads an OVERREAD_ variable that the table of settings does not hold."""
    known = {s.name for s in config.SETTINGS} | FOR_TESTS
    read_somewhere: dict[str, str] = {}
    for path in (ROOT / "src").rglob("*.py"):
        if "tests" not in path.parts:
            for name in _variables(ast.parse(path.read_text(encoding="utf-8"))):
                read_somewhere[name] = path.name
    assert {name: place for name, place in read_somewhere.items() if name not in known} == {}


def _variables(tree: ast.AST) -> Iterator[str]:
    """Names that are given to os.environ or to the table of settings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.search(
            r"environ\.get$|^getenv$|\.getenv$|config\.value$", ast.unparse(node.func)
        ):
            names = node.args[:1]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            names = [node.slice]
        else:
            continue
        yield from (str(n.value) for n in names if isinstance(n, ast.Constant) and str(n.value).startswith("OVERREAD_"))


# --- DICOM conformance ----------------------------------------------------------------------------------------------


def _uids(uids: Any) -> str:
    return table(("Name", "UID"), [(UID(uid).name, f"`{uid}`") for uid in sorted(uids, key=lambda u: UID(u).name)])


def _limits() -> str:
    rows = [(one.name.replace("_", " "), str(getattr(Limits(), one.name))) for one in fields(Limits)]
    return table(("Limit (bytes, seconds, or a number)", "Value"), rows)


def _statuses() -> str:
    names = ("SUCCESS", "NOT_AUTHORISED", "UNRECOGNISED_OPERATION", "OUT_OF_RESOURCES", "MISMATCH", "CANNOT_UNDERSTAND")
    rows = [(f"{getattr(command, name):04X}H", name.replace("_", " ").lower()) for name in names]
    return table(("Status", "Meaning"), rows)


def _web() -> str:
    rows = []
    for pattern, handler in read.ROUTES:
        address = re.sub(r"\(\?P<(\w+)>.*?\)+(?=/|$)", r"{\1}", pattern.pattern)
        service = "QIDO-RS" if handler.__name__.startswith("search") else "WADO-RS"
        rows.append((service, f"`GET …/{address}`", handler.__name__.replace("_", " ")))
    rows.append(("STOW-RS", "`POST /dicomweb/{client}/studies`", "store instances"))
    return table(("Service", "Address", "Does"), rows)


def _entities() -> str:
    out = "Storage: signed reports to a client's peer, one context for each kind of object and syntax"
    rows = [
        (listening.CALLED_AET, "acceptor (SCP)", "Verification, Storage"),
        (ways_out.OUR_AET, "initiator (SCU)", out),
    ]
    return table(("AE title", "Role", "Services"), rows)


def _conformance() -> str:
    return f"""# DICOM conformance statement

{HERE}

It says what the program negotiates. It is not a claim of certification; see [limits](../explanation/limits.md).

## Application entities

{_entities()}
The acceptor takes associations called `{
        listening.CALLED_AET
    }` from callers that a client has registered by AE title and network. It
offers no Query/Retrieve, Worklist, MPPS or Storage Commitment. TLS is offered on a port of its own.

Success is answered after the object's bytes and its journal record have reached the disk.

## Verification (SCP)

SOP class `{negotiation.VERIFICATION}` with these transfer syntaxes:

{_uids(syntaxes.NATIVE)}
## Storage (SCP)

Of the syntaxes that the sender proposes for a context, the first that is kept is chosen; nothing is converted.

{_uids(syntaxes.SUPPORTED)}
SOP classes: those below, and any other under the storage root `{negotiation._STORAGE_ROOT}`.

{_uids(negotiation._STORAGE)}
### Answers to C-STORE

{_statuses()}
### Limits of the acceptor

{_limits()}
## DICOMweb

For a reader at `/read/{{read}}/dicomweb/` by session, for a client's systems at `/dicomweb/{{client}}/` by token.

{_web()}"""


def test_the_conformance_statement_is_up_to_date() -> None:
    """docs/conformance/dicom.md says what the negotiation really takes, and which DICOMweb addresses answer."""
    compare("conformance/dicom.md", _conformance())


# --- metrics --------------------------------------------------------------------------------------------------------


def _metrics() -> str:
    rows = [(f"`{name}`", kind, words) for name, (kind, words) in metrics.METRICS.items()]
    return f"""# Metrics

{HERE}

`GET /metrics` answers in Prometheus' text format 0.0.4. It may be asked from the machine itself, or from anywhere with
`Authorization: Bearer` and the token in OVERREAD_METRICS_TOKEN_FILE; anybody else gets 404, and so does a request without a
token that came through a proxy. The page holds numbers only: no patient, no person, no client. Rows are counted over all
clients when it is asked; HTTP times are those of the web process that answers.

{table(("Name", "Kind", "Meaning"), rows)}"""


def test_the_page_of_metrics_is_up_to_date() -> None:
    """docs/reference/metrics.md names every metric with its meaning."""
    compare("reference/metrics.md", _metrics())


# --- the JSON interface ---------------------------------------------------------------------------------------------


def test_the_description_of_the_interface_is_up_to_date() -> None:
    """docs/reference/openapi.json is what /api/v1/openapi.json answers."""
    compare("reference/openapi.json", interface.text())


def test_the_page_of_the_interface_is_up_to_date() -> None:
    """docs/reference/api.md tells people every operation, field and kind of change of the description."""
    compare("reference/api.md", reference.page(HERE))


# --- thresholds -----------------------------------------------------------------------------------------------------


def _thresholds() -> str:
    found = packaged().thresholds.values()
    head = ("Name", "What", "Default", "May be", "Acts in", "Source", "Owner, review by")
    parts = [
        f"# Thresholds\n\n{HERE.replace('the code', '`thresholds.toml` and the code')}\n",
        "Every number that is a choice of policy. The program reads them while it works; a provider decides otherwise in a",
        "`thresholds.toml` of their own in the data folder (value, why, owner, review_by and decided_on for each name), within",
        "what each may be. The page Thresholds shows what acts. A source in *italics* is not confirmed.\n",
        f"{len(found)} thresholds, {sum(one.enforced for one in found)} of which the program acts on.\n",
    ]
    for area, ones in groupby(found, key=lambda one: one.area):
        rows = [
            (
                f"`{one.name}`",
                one.words,
                one.value_words,
                one.range_words,
                ", ".join(policy.places()[one.name]) if one.enforced else "people only",
                one.source if one.verified else f"*{one.source}*",
                f"{one.owner_words}, {one.review_by}",
            )
            for one in ones
        ]
        parts.append(f"## {policy.area_words(area)}\n\n{table(head, rows)}")
    return "\n".join(parts)


def test_the_page_of_thresholds_is_up_to_date() -> None:
    """docs/reference/thresholds.md lists every threshold with default, range, source, owner and where it acts (REQ-151)."""
    compare("reference/thresholds.md", _thresholds())


# --- hazards --------------------------------------------------------------------------------------------------------


def _hazards() -> list[dict[str, Any]]:
    return list(tomllib.loads(HAZARDS.read_text(encoding="utf-8"))["hazard"])


def _state(hazard: dict[str, Any]) -> str:
    if not hazard["tests"]:
        return "open"
    return "controlled in part" if hazard["open"] else "controlled"


def _log() -> str:
    hazards = _hazards()
    counts = {state: sum(_state(h) == state for h in hazards) for state in ("controlled", "controlled in part", "open")}
    parts = [
        f"# Hazard log\n\n{HERE.replace('the code', '`hazards.toml`')}\n",
        "A hazard counts as controlled only where a test of the whole suite shows the control at work. The log was",
        "written by the makers; no clinical safety officer has reviewed it yet, and no risk has been accepted by anybody.\n",
        f"{len(hazards)} hazards: " + ", ".join(f"{number} {state}" for state, number in counts.items()) + ".\n",
        table(("Hazard", "State", "Cause"), [(h["id"], _state(h), h["cause"]) for h in hazards]),
    ]
    for one in hazards:
        parts.append(f"## {one['id']}: {one['cause']}\n")
        parts.append(f"- Effect: {one['effect']}\n- Severity: {one['severity']}\n- State: {_state(one)}")
        parts.append(f"- Control: {one['control'] or 'none built yet'}")
        if one["open"]:
            parts.append(f"- Still open: {one['open']}")
        parts += [f"- Shown by `{test}`" for test in one["tests"]]
        parts.append("")
    return "\n".join(parts)


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_hazard_is_told_once_and_whole() -> None:
    """All hazards are in the file, each with cause, effect and severity, and with a control or the word that it is open."""
    hazards = _hazards()
    assert [h["id"] for h in hazards] == sorted(KNOWN)
    for one in hazards:
        assert set(one) == {"id", "cause", "effect", "severity", "control", "open", "tests"}, one["id"]
        assert all(one[name] for name in ("cause", "effect")), one["id"]
        assert one["severity"] in {"catastrophic", "major", "considerable", "significant"}
        assert bool(one["control"]) >= bool(one["tests"]), f"{one['id']} names tests of no control"
        assert one["tests"] or one["open"], f"{one['id']} has no test, so it must say what is open"


def test_every_test_that_a_hazard_names_exists() -> None:
    """A control whose proof was renamed or removed fails here."""
    gone = []
    for one in _hazards():
        for name in one["tests"]:
            path, _, test = name.partition("::")
            if not (ROOT / path).exists() or test not in _tests_of(ROOT / path):
                gone.append(f"{one['id']}: {name}")
    assert gone == []


def test_the_hazard_log_is_up_to_date() -> None:
    """docs/safety/hazard-log.md is printed from the file of hazards."""
    compare("safety/hazard-log.md", _log())

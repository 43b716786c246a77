"""What follows from each fact, drawn from the registry of reactions; and what a reaction inside a transaction may not do."""

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from overread.foundation.work.reactions import Registered, registered
from tests.generated import SOURCE, compare, table
from tests.world import join_house

# What a reaction inside a transaction must not reach: whatever leaves the house cannot be undone with it.
OUTWARD = ("overread.edge", "socket", "http", "urllib", "smtplib", "asyncio", "requests")
SENDING = "channels.send"


def _ours() -> list[Registered]:
    join_house()
    return [
        r
        for r in registered()
        if ".tests." not in r.function.__module__ and r.function.__module__.startswith("overread.")
    ]


def _words(reaction: Registered) -> str:
    return (inspect.getdoc(reaction.function) or "").split("\n")[0]


def _event(reaction: Registered) -> str:
    only = ", ".join(f"{name} = {value}" for name, value in reaction.only)
    return reaction.event.event_name() + (f" ({only})" if only else "")


def _page(reactions: list[Registered]) -> str:
    rows = [
        (_event(r), "after it, by a job" if r.event.later else "in its transaction", r.name, _words(r))
        for r in sorted(reactions, key=lambda r: (_event(r), r.name))
    ]
    edges = sorted(
        f'    {r.event.event_name().replace(".", "_")}["{r.event.event_name()}"] '
        f"{'-.->' if r.event.later else '-->'} {_area(r)}"
        for r in reactions
    )
    graph = "\n".join(["```mermaid", "graph LR", *dict.fromkeys(edges), "```"])
    return f"""# Events and what follows from them

{SOURCE.format(test="tests/architecture/test_reactions_graph.py")}

A fact is published inside an action. A reaction in its transaction is done or undone with it; one after it is a job that
is tried again until it is done. Whole lines are the former, dotted lines the latter.

{graph}

{table(("Event", "When", "Reaction", "What it does"), rows)}"""


def _area(reaction: Registered) -> str:
    parts = reaction.name.split(".")
    return parts[1] if parts[0] in {"journey", "governance", "foundation", "edge"} else parts[0]


def _imported(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _is_outward(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in OUTWARD)


def _calls_sending(reaction: Registered) -> bool:
    tree = ast.parse(inspect.getsource(reaction.function).lstrip())
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(ast.unparse(call) == SENDING for call in calls)


def test_the_page_of_events_is_up_to_date() -> None:
    """docs/reference/events.md shows every event, each reaction to it, and when it runs."""
    compare("reference/events.md", _page(_ours()))


def test_every_reaction_says_what_it_does() -> None:
    """Each reaction has a sentence of its own for the page."""
    assert [r.name for r in _ours() if not _words(r)] == []


def test_no_reaction_inside_a_transaction_reaches_outside() -> None:
    """A module with reactions that run inside a transaction imports nothing that opens a connection."""
    faults = [
        f"{r.name} imports {name}"
        for r in _ours()
        if not r.event.later
        for name in _imported(sys.modules[r.function.__module__])
        if _is_outward(name)
    ]
    assert faults == []


def test_only_reactions_after_the_transaction_send() -> None:
    """What leaves by a channel is sent by a job after the commit: a sending that is undone would still have gone out."""
    assert [r.name for r in _ours() if not r.event.later and _calls_sending(r)] == []
    assert [r.name for r in _ours() if r.event.later and _calls_sending(r)] != []

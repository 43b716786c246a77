"""What thresholds.toml says of itself is so: a threshold counts as enforced exactly where the program reads it.

Not covered here: whether numbers of policy still stand in the code instead of the file; review covers it so far.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import overread
from overread.foundation.thresholds import current

SOURCE = Path(overread.__file__).parent
TOLD = {"action", "opened", "on", "register_kind", "register_duty"}


def _modules() -> Iterator[ast.Module]:
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).parts
        if not {"tests", "migrations"} & set(parts) and parts[:2] != ("foundation", "thresholds"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def _other_meaning(node: ast.AST) -> bool:
    """Names of actions, duties and kinds of deadlines look like names of thresholds and are none."""
    if isinstance(node, ast.Call):
        return str(getattr(node.func, "attr", getattr(node.func, "id", ""))) in TOLD
    return isinstance(node, ast.Assign) and str(getattr(node.targets[0], "id", "")).endswith("_KIND")


def _texts(node: ast.AST) -> Iterator[str]:
    if _other_meaning(node):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def test_a_threshold_counts_as_enforced_exactly_where_the_program_reads_it() -> None:
    """`enforced = false` in thresholds.toml means that no module names the threshold, and its absence that one does."""
    named = {text for module in _modules() for text in _texts(module)}
    found = current.packaged().thresholds.values()
    wrong = [
        f"[{one.name}] {'is not read by any module: add' if one.enforced else 'is read: remove'} enforced = false"
        for one in found
        if one.enforced != (one.name in named)
    ]
    assert wrong == []

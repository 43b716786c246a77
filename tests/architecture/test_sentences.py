"""Tests are read by inspectors: each says in one sentence what it proves."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src/overread", "tests")


def _test_functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def test_every_test_says_what_it_proves() -> None:
    """The first paragraph of every test's docstring is a whole sentence: several words and a full stop."""
    offences = []
    for where, function in _test_functions():
        first = " ".join((ast.get_docstring(function) or "").partition("\n\n")[0].split())
        if len(first.split()) < 3 or first[-1] not in ".?!":
            offences.append(f"{where}: {first!r}")
    assert not offences, "\n  ".join(["", *offences, "fix: say in one sentence what is proven"])

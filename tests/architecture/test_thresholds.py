"""What thresholds.toml says of itself is so, and no number of policy hides in the rules instead.

Not covered here: numbers inside an expression of a rule, such as a length compared with a literal; review covers them.
"""

import ast
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import overread
from overread.foundation.thresholds import current

SOURCE = Path(overread.__file__).parent
PLACES = SOURCE / "foundation" / "thresholds" / "places.json"
TOLD = {"action", "opened", "on", "register_kind", "register_duty"}


@cache
def _named() -> dict[str, frozenset[str]]:
    """Every text in the program that may name a threshold -> the areas where it stands, such as "journey.escalation"."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if not {"tests", "migrations"} & set(parts) and parts[:2] != ("foundation", "thresholds"):
            for text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(text, set()).add("site" if parts[0] == "site" else ".".join(parts[:2]))
    return {text: frozenset(areas) for text, areas in found.items()}


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
    named = _named()
    found = current.packaged().thresholds.values()
    wrong = [
        f"[{one.name}] {'is not read by any module: add' if one.enforced else 'is read: remove'} enforced = false"
        for one in found
        if one.enforced != (one.name in named)
    ]
    assert wrong == []


def test_the_places_that_the_page_names_are_those_that_read_a_threshold() -> None:
    """What the page Thresholds calls "acted on by" is taken from the code: places.json lists the areas of each."""
    found = {
        name: sorted(_named()[name]) for name, one in sorted(current.packaged().thresholds.items()) if one.enforced
    }
    text = json.dumps(found, indent=1) + "\n"
    if os.environ.get("OVERREAD_WRITE_DOCS") == "1":
        PLACES.write_text(text, encoding="utf-8")
    assert PLACES.read_text(encoding="utf-8") == text, "run this test with OVERREAD_WRITE_DOCS=1"


# Where a rules room holds a number that is not a choice of policy, and why. A name without a reason fails.
OTHER_NUMBERS: Final[dict[str, str]] = {
    "foundation.clock.rules TRIES": "machinery: tries to fire a deadline before a person sees it (DESIGN 3: three)",
    "foundation.clock.rules TRY_AGAIN_SECONDS": "machinery: pauses between those tries",
    "foundation.clock.rules DAY_MINUTES": "arithmetic: minutes of a day",
    "foundation.clock.rules LONGEST_SEARCH_DAYS": "arithmetic: where a search for working time gives up",
    "foundation.clock.rules _first_instant_at_or_after: timedelta(hours=3)": "arithmetic: wider than any change of summer time",
    "foundation.clock.rules (MORNING, EVENING)": "when people are told of duties: never at night (REQ-05)",
    "foundation.clock.rules end_of_day: time(23, 59)": "arithmetic: the last minute of a day",
    "foundation.registers.rules (SHORT, LONG)": "width of a column: characters",
    "foundation.ui.rules (MINUTE, HOUR, DAY)": "arithmetic: units in words",
    "foundation.work.rules FIRST_WAIT_SECONDS": "machinery: back-off of jobs",
    "foundation.work.rules LONGEST_WAIT_SECONDS": "machinery: back-off of jobs",
    "foundation.work.rules MAX_DEATHS": "machinery: a job that kills workers",
    "foundation.work.rules LEASE_SECONDS": "machinery: lease of a job",
    "foundation.work.rules RUN_LIMIT_SECONDS": "machinery: a handler that hangs",
    "governance.training.rules LEVELS": "order of the levels of safeguarding, 1 to 4",
    "governance.training.rules schedule(months)": "display: the year ahead",
    "governance.inspection.rules.period YEAR": "arithmetic: the usual period of a pack",
    "governance.inspection.rules.standing OLD_DAYS": "display: from when evidence is marked as old; nothing is decided by it",
    "journey.agreement.rules.terms DEFAULT_MINUTES": "what a stored agreement means that does not say it; may never move",
    "journey.agreement.rules.terms adult_age": "likewise",
    "journey.agreement.rules.terms recall_seconds": "likewise",
    "journey.agreement.rules.terms quiet_seconds": "likewise",
    "journey.agreement.rules.terms retention_years": "likewise",
    "journey.archive.rules UID_LENGTH": "standard: PS3.5 section 9",
    "journey.archive.rules LARGEST_MM": "plausibility of a measured field, not a limit of care",
    "journey.case.rules.dental TELLING_MM": "rounding: differences of measured fields that are said",
    "journey.escalation.rules WORKING_DAY": "arithmetic: nine to five",
    "journey.reading.rules LARGEST_PICTURE": "protection of the server: bytes of a picture",
    "journey.reception.rules OLDEST": "plausibility of an age",
    "journey.reporting.rules.changes KEPT": "display: words around a difference that are printed",
    "journey.reporting.rules.opinion SERIOUS": "scale: grades one and two of the UK scale are the serious ones (REQ-73)",
    "journey.review.rules.grades AGREES": "scale: five of the five points is agreement",
    "journey.review.rules.grades SERIOUS_FROM": "scale: two and one are serious (REQ-73)",
    "journey.review.rules.grades Z": "arithmetic: 95 % of a normal distribution",
    "journey.review.rules.redact SHORTEST": "a name of one letter would take every such letter out",
    "journey.review.rules.sample PERCENT": "arithmetic: a hundred",
    "journey.review.rules.steps ENOUGH": "arithmetic: one writes, one reviews, one arbitrates",
    "journey.reporting.rules.passing SHORTEST": "a form's check: fewer characters say nothing",
}


def _is_number(node: ast.AST | None) -> bool:
    """Whether an expression is made of numbers alone: 7, 24 * 60, -1, 0.5; nothing and one are no choice."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value not in (0, 1)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.BinOp) and _is_number(node.left) and _is_number(node.right)


def _holds_number(node: ast.AST | None) -> bool:
    """The same for what is made of numbers: a tuple or a dict of them, or a length of time."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) and all(_holds_number(one) for one in node.elts)
    if isinstance(node, ast.Dict):
        return bool(node.values) and all(_holds_number(one) for one in node.values)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {"timedelta", "time", "Limit"}:
        return any(_holds_number(one) for one in [*node.args, *(k.value for k in node.keywords)])
    return _is_number(node)


def _numbers(tree: ast.Module) -> Iterator[str]:
    """Names of constants, fields and arguments of a rules room that are set to a number, and lengths of time in functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _holds_number(node.value):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield ast.unparse(target)
        elif isinstance(node, ast.FunctionDef):
            plain = node.args.posonlyargs + node.args.args
            pairs = [
                *zip(reversed(plain), reversed(node.args.defaults), strict=False),
                *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
            ]
            yield from (f"{node.name}({name.arg})" for name, value in pairs if _holds_number(value))
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
            yield from (f"{node.name}: {ast.unparse(one)}" for one in calls if _holds_number(one))


def test_no_number_of_policy_stands_in_the_rules() -> None:
    """Every duration or limit that is set in a rules room is read from thresholds.toml, or has a reason here (REQ-151)."""
    found = set()
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if "tests" in parts or "rules" not in parts or parts[:2] == ("foundation", "thresholds"):
            continue
        found |= {f"{'.'.join(parts)} {name}" for name in _numbers(ast.parse(path.read_text(encoding="utf-8")))}
    assert sorted(found - set(OTHER_NUMBERS)) == []
    assert sorted(set(OTHER_NUMBERS) - found) == [], "these are gone; take them off the list"

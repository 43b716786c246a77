"""Whatever is sent to any operation: never a failure, and every answer is one that the description names.

Generated from the description itself: bodies that nearly fit and bodies that do not, addresses, headers. The shapes of
answers are checked by a small reader of the JSON Schema that the description uses.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.interface import door
from overread.site.interface import openapi
from tests.interface.system import System, system
from tests.interface.test_walls import BODIES, OPERATIONS, Operation
from tests.isolation.test_routes import _objects
from tests.world import World, world

__all__ = ["world"]
DESCRIBED = openapi()
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


# --- does an answer fit the description? ----------------------------------------------------------------------------


def _unfit(value: Any, schema: dict[str, Any], where: str = "$") -> Iterator[str]:
    """What of a value does not fit its schema."""
    if "$ref" in schema:
        yield from _unfit(value, DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]], where)
    elif "anyOf" in schema:
        if all(list(_unfit(value, one, where)) for one in schema["anyOf"]):
            yield f"{where}: fits none of the alternatives"
    elif not _is_of(value, schema):
        yield f"{where}: {value!r} does not fit {schema}"
    elif isinstance(value, dict):
        yield from _unfit_object(value, schema, where)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _unfit(one, schema["items"], f"{where}[{number}]")


def _is_of(value: Any, schema: dict[str, Any]) -> bool:
    known = set(schema) - {"type", "properties", "required", "items", "enum", "format", "minimum", "maximum"}
    assert known <= {"title", "description", "examples", "example", "default", "additionalProperties"}, known
    kind = schema.get("type", "object")
    if not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return False
    number = value if kind == "integer" else schema.get("minimum", 0)
    fits = schema.get("minimum", number) <= number <= schema.get("maximum", number)
    return fits and ("enum" not in schema or value in schema["enum"])


def _unfit_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[str]:
    shapes = schema.get("properties", {})
    yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
    yield from (f"{where}: {name} is not described" for name in value if name not in shapes)
    for name in shapes.keys() & value.keys():
        yield from _unfit(value[name], shapes[name], f"{where}.{name}")


def _wrong(operation: Operation, answer: HttpResponse) -> str:
    """Why an answer is none that the description of the operation names, or ""."""
    described = DESCRIBED["paths"][f"/api/v1/{operation.path}"][operation.method.lower()]["responses"]
    shape = described.get(str(answer.status_code))
    if answer.status_code >= 500 or shape is None:
        return f"{answer.status_code}: {answer.content[:300]!r}"
    kinds = shape.get("content", {})
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind not in kinds:
        return f"{kind} is not among {list(kinds)}"
    if not kind.endswith("json"):
        return ""
    return "; ".join(_unfit(answer.json(), kinds[kind]["schema"]))


@pytest.fixture
def scene(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[System, dict[str, Any]]:
    """A system with every scope that nobody slows down, and objects of its client."""
    use(LocalStore(tmp_path / "blobs", 0))
    monkeypatch.setattr(door._Rate, "wait", lambda *_: 0)
    return system(world), _objects(world)


def test_what_is_asked_rightly_is_answered_as_described(scene: tuple[System, dict[str, Any]]) -> None:
    """Every operation with good input: its answer has the shape that the description says."""
    machine, objects = scene
    for operation in OPERATIONS:
        path = re.sub(r"\{(\w+)\}", lambda found: str(objects[found[1]]), operation.path)
        if operation.name == "sendReferralWithDocuments":
            continue
        answer = machine.ask(operation.method, path, BODIES.get(operation.name), Idempotency_Key=uuid4().hex)
        assert answer.status_code // 100 == 2, (operation.name, answer.content)
        assert _wrong(operation, answer) == "", operation.name


# --- what may be sent -----------------------------------------------------------------------------------------------

ODD = [
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e",
    "'; --",
    "../../etc",
    "%",
    "\u0661",
    "9" * 400,
    "\U0001f9b7",
    "\r\nX: y",
]
TEXT = st.one_of(st.sampled_from(ODD), st.text(max_size=60))
LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=True, allow_infinity=True), TEXT
)
JSON = st.recursive(
    LEAF, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4))
)


def _fields(operation: Operation) -> list[str]:
    """The fields of an operation's JSON body."""
    said = DESCRIBED["paths"][f"/api/v1/{operation.path}"][operation.method.lower()].get("requestBody", {})
    schema = said.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return sorted(DESCRIBED["components"]["schemas"][name]["properties"]) if name else []


@st.composite
def _bodies(draw: st.DrawFn, good: Any, fields: list[str]) -> str | bytes:
    """A body near a good one with some fields replaced, or something else altogether."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace"))))
    if not isinstance(good, dict) or draw(st.integers(0, 5)) == 0:
        return json.dumps(draw(JSON))
    names = st.sampled_from([*fields, "other"])
    changes = draw(st.dictionaries(names, st.one_of(TEXT, JSON), max_size=4))
    left_out = draw(st.lists(st.sampled_from(sorted(good)), max_size=2))
    return json.dumps({name: value for name, value in {**good, **changes}.items() if name not in left_out})


PARAMETERS = st.dictionaries(
    st.sampled_from(["cursor", "limit", "after", "state", "waits_for", "updated_since", "other"]),
    st.one_of(TEXT, st.integers().map(str), st.datetimes().map(lambda d: d.isoformat())),
    max_size=3,
)
KEYS = st.one_of(st.just(""), st.just("good-key-1"), st.text("ab:\u00e9 -", max_size=120))
KINDS = st.sampled_from(
    ["application/json"] * 8 + ["text/plain", "", "multipart/form-data", "application/json; charset=x"]
)


def test_every_text_may_be_odd(scene: tuple[System, dict[str, Any]]) -> None:
    """Each field of each body and each parameter takes each odd text: half characters, nothing, far too long, other digits."""
    machine, objects = scene
    faults, asked = [], 0
    for operation in OPERATIONS:
        path = re.sub(r"\{(\w+)\}", lambda found: str(objects[found[1]]), operation.path)
        described = DESCRIBED["paths"][f"/api/v1/{operation.path}"][operation.method.lower()]
        names = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
        bodies = [(path, {**BODIES.get(operation.name, {}), n: odd}) for n in _fields(operation) for odd in ODD]
        plain = BODIES.get(operation.name)
        asks = bodies + [
            (f"{path}?{urlencode({n: odd.encode('utf-8', 'replace')})}", plain) for n in names for odd in ODD
        ]
        for address, body in asks:
            with transaction.atomic():
                answer = machine.ask(operation.method, address, body, Idempotency_Key=uuid4().hex)
                transaction.set_rollback(True)
            asked += 1
            if wrong := _wrong(operation, answer):
                faults.append(f"{operation.name} {address} {body}: {wrong}")
    assert faults == []
    assert asked > 500


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(operation=st.sampled_from(OPERATIONS), data=st.data())
def test_nothing_that_is_sent_makes_it_fail(
    scene: tuple[System, dict[str, Any]], operation: Operation, data: st.DataObject
) -> None:
    """Generated bodies, parameters, keys, kinds of content and ids: no answer is a failure, and each is a described one."""
    machine, objects = scene
    ids = st.sampled_from([0, 0, 0, 1, 2])

    def put(found: re.Match[str]) -> str:
        which = data.draw(ids)
        return str((objects[found[1]], uuid4(), quote(data.draw(TEXT).encode("utf-8", "replace"), safe=""))[which])

    path = re.sub(r"\{(\w+)\}", put, operation.path)
    given = {n: v.encode("utf-8", "replace") for n, v in data.draw(PARAMETERS).items()}
    body = data.draw(_bodies(BODIES.get(operation.name), _fields(operation))) if operation.method == "POST" else None
    headers = {"Idempotency_Key": data.draw(KEYS), "Content_Type": data.draw(KINDS)}
    with transaction.atomic():
        answer = machine.ask(operation.method, f"{path}?{urlencode(given)}", body, **headers)
        transaction.set_rollback(True)
    if answer.status_code in {404, 405} and "{" in operation.path:
        assert answer.headers["Content-Type"] == "application/problem+json"
        return
    assert _wrong(operation, answer) == ""


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_with_files_makes_it_fail(scene: tuple[System, dict[str, Any]], data: st.DataObject) -> None:
    """Generated multipart bodies, whole and broken: no answer is a failure, and each is a described one."""
    machine, _ = scene
    operation = next(o for o in OPERATIONS if o.name == "sendReferralWithDocuments")
    parts, fields = b"", _fields(next(o for o in OPERATIONS if o.name == "sendReferral"))
    for name in data.draw(st.lists(st.sampled_from(["referral", "documents", "outside_report", "other"]), max_size=4)):
        file = b'; filename="a.pdf"' if data.draw(st.booleans()) else b""
        inside = (
            data.draw(_bodies(BODIES["sendReferral"], fields))
            if name == "referral"
            else data.draw(st.binary(max_size=40))
        )
        start = data.draw(st.sampled_from([b"", b"", b"%PDF-1.7 "])) if name != "referral" else b""
        content = inside.encode("utf-8", "replace") if isinstance(inside, str) else inside
        parts += b'--xyz\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + file + b"\r\n\r\n"
        parts += start + content + b"\r\n"
    parts += data.draw(st.sampled_from([b"--xyz--\r\n", b"--xyz--\r\n", b"", b"--xy"]))
    kind = data.draw(
        st.sampled_from(["multipart/form-data; boundary=xyz"] * 5 + ["multipart/form-data", "multipart/mixed"])
    )
    with transaction.atomic():
        answer = machine.ask("POST", operation.path, parts, Content_Type=kind, Idempotency_Key=uuid4().hex)
        transaction.set_rollback(True)
    assert _wrong(operation, answer) == ""


def test_the_reader_of_schemas_sees_what_does_not_fit() -> None:
    """The check of shapes above finds a missing field, one too many, another type, and a value that is out of range."""
    fit = {"title": "t", "type": "urn:x", "status": 404, "code": "c", "detail": "d"}
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    assert list(_unfit(fit, schema)) == []
    for wrong in (
        {k: v for k, v in fit.items() if k != "code"},
        {**fit, "more": 1},
        {**fit, "status": "404"},
        {**fit, "status": 200},
        {**fit, "errors": [{"pointer": "/a"}]},
        [],
    ):
        assert list(_unfit(wrong, schema)), wrong

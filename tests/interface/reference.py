"""The reference of the interface as a page for people, made from its description."""

from typing import Any

from overread.foundation.interface import changes
from overread.site.interface import openapi
from tests.generated import table

HEAD = """# The JSON interface /api/v1

{here}

For the systems of clients; [how to connect one](../howto/connect-a-system.md). The same for programs: `/api/v1/openapi.json`,
of which [openapi.json](openapi.json) is a copy. Staff and users of the portal do not use it: a session opens nothing here.
Refusals are `application/problem+json` (RFC 9457). Times carry their offset; ids are UUIDs. Nothing may be cached.
"""


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema).lower()})"
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " or ".join("empty" if one == "null" else one for one in kinds)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", ""))


def _said(schema: dict[str, Any]) -> str:
    values = ", ".join(f"`{one}`" for one in schema.get("enum", ()) if one != "")
    bound = f"At most {schema['maxLength']} characters." if "maxLength" in schema else ""
    words = str(schema.get("description", "")).rstrip(".")
    return " ".join(
        part for part in (f"{words}." if words else "", f"One of {values}." if values else "", bound) if part
    )


def _fields(schema: dict[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    rows = [
        (f"`{name}`", _kind(one), "yes" if name in needed else "", _said(one))
        for name, one in schema.get("properties", {}).items()
    ]
    return table(("Field", "Kind", "Always", "Meaning"), rows) if rows else f"{_kind(schema)}\n"


def _operation(method: str, path: str, said: dict[str, Any]) -> str:
    scopes = " or ".join(f"`{scope}`" for one in said["security"] for scope in one["Token"]) or "any"
    parts = [f"### {said['summary']}\n", f"`{method.upper()} {path}`, scope {scopes}\n", f"{said['description']}\n"]
    rows = [
        (f"`{one['name']}`", one["in"], _kind(one["schema"]), str(one.get("description", "")))
        for one in said.get("parameters", ())
        if one["in"] != "path"
    ]
    if rows:
        parts.append(table(("Parameter", "In", "Kind", "Meaning"), rows))
    for kind, content in said.get("requestBody", {}).get("content", {}).items():
        shape = content["schema"]
        parts.append(f"Send `{kind}`: {_kind(shape)}\n" if "$ref" in shape else f"Send `{kind}`:\n\n{_fields(shape)}")
    answers = []
    for status, one in said["responses"].items():
        shapes = [_kind(c["schema"]) if "$ref" in c["schema"] else k for k, c in one.get("content", {}).items()]
        if int(status) < 400:
            answers.append(f"{status} {' or '.join(shapes)}".strip())
    refusals = ", ".join(status for status in said["responses"] if int(status) >= 400)
    parts.append(f"Answers {', '.join(answers)}; refuses with {refusals}.\n")
    return "\n".join(parts)


def page(here: str) -> str:
    """The whole page."""
    found = openapi()
    parts = [HEAD.format(here=here)]
    by_tag: dict[str, list[str]] = {}
    for path, methods in found["paths"].items():
        for method, said in methods.items():
            by_tag.setdefault(said["tags"][0], []).append(_operation(method, path, said))
    for tag, operations in by_tag.items():
        parts += [f"## {tag}\n", *operations]
    rows = [(f"`{one.name}`", f"`{one.scope}`", one.words) for one in changes.kinds()]
    parts.append(f"## Kinds of changes\n\n{table(('Kind', 'Scope', 'Meaning'), rows)}")
    parts.append("## Values\n")
    for name, schema in sorted(found["components"]["schemas"].items()):
        parts.append(f"### {name}\n\n{schema.get('description', '')}\n\n{_fields(schema)}")
    return "\n".join(parts)

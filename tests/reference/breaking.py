"""What of a new OpenAPI document breaks who was built on an older one."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from infra.reference.document import document

Json = dict[str, Any]

PROSE = frozenset({"description", "summary", "example", "examples", "title", "tags", "version"})
"""What may be said otherwise at any time."""


def contract_of(document: Json) -> Json:
    """The document without its prose: what the next one is compared with."""
    bare = {name: one for name, one in document.items() if name in {"openapi", "paths", "components"}}
    kept = _without_prose(bare)
    assert isinstance(kept, dict)
    return kept


def breaking(old: Json, new: Json) -> Iterator[tuple[str, str]]:
    """Every breaking change: where (`GET /…`, `NewCustomer.dob`) and what."""
    for path, item in old["paths"].items():
        for method, operation in item.items():
            where = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield where, "is no more"
            else:
                yield from _operation(where, operation, now)
    roles = _roles(old)
    for name, schema in old["components"]["schemas"].items():
        now = new["components"]["schemas"].get(name)
        if now is None:
            yield name, "is no more"
        else:
            yield from _schema(name, schema, now, asked=name in roles)


def _operation(where: str, old: Json, new: Json) -> Iterator[tuple[str, str]]:
    before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
    after = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
    for key, one in before.items():
        if key not in after:
            yield where, f"no longer takes {key[1]}"
        else:
            yield from _schema(f"{where} {key[1]}", one["schema"], after[key]["schema"], asked=True)
    for key, one in after.items():
        if one.get("required") and not before.get(key, {}).get("required"):
            yield where, f"demands {key[1]}"
    for status in old["responses"]:
        if status.startswith("2") and status not in new["responses"]:
            yield where, f"no longer answers {status}"
    if "requestBody" in new and "requestBody" not in old:
        yield where, "demands a body"


def _schema(where: str, old: Json, new: Json, *, asked: bool) -> Iterator[tuple[str, str]]:
    """`asked`: it is of a request, in which less may be taken; otherwise of an answer."""
    before, after = _types(old), _types(new)
    if asked and before - after:
        yield where, f"no longer takes {', '.join(sorted(before - after))}"
    if not asked and after - before:
        yield where, f"may be {', '.join(sorted(after - before))}"
    known: list[Any] = old.get("enum", [])
    gone = [value for value in known if value not in (new.get("enum") or known)]
    if gone:
        yield where, f"no longer knows {', '.join(map(str, gone))}"
    if asked:
        yield from _bounds(where, old, new)
    for name, one in old.get("properties", {}).items():
        now = new.get("properties", {}).get(name)
        if now is None:
            yield f"{where}.{name}", "is no more"
        else:
            yield from _schema(f"{where}.{name}", one, now, asked=asked)
    required, demanded = set(old.get("required", [])), set(new.get("required", []))
    if asked:
        yield from ((f"{where}.{name}", "is mandatory") for name in sorted(demanded - required))
    else:
        yield from ((f"{where}.{name}", "may be missing") for name in sorted(required - demanded))
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _schema(f"{where}[]", old["items"], new["items"], asked=asked)


def _bounds(where: str, old: Json, new: Json) -> Iterator[tuple[str, str]]:
    for upper in ("maxLength", "maximum", "maxItems"):
        if new.get(upper, float("inf")) < old.get(upper, float("inf")):
            yield where, f"has a lower {upper}"
    for lower in ("minLength", "minimum", "minItems"):
        if new.get(lower, float("-inf")) > old.get(lower, float("-inf")):
            yield where, f"has a higher {lower}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield where, "has another pattern"


def _types(schema: Json) -> set[str]:
    kinds = schema.get("type", [])
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    if "$ref" in schema:
        found.add(schema["$ref"])
    for one in schema.get("anyOf", []):
        found |= _types(one)
    return found


def _roles(document: Json) -> set[str]:
    """The schemas that requests use, by themselves or through others."""
    bodies = [
        operation["requestBody"]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    ]
    found: set[str] = set()
    waiting = [name for body in bodies for name in _references(body)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(document["components"]["schemas"][name])
    return found


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["$ref"]).rpartition("/")[2]] if "$ref" in value else []
        return own + [name for one in value.values() for name in _references(one)]
    return [name for one in value for name in _references(one)] if isinstance(value, list) else []


def _without_prose(value: object, *, names: bool = False) -> object:
    """`names`: the keys of `value` are names of fields, none of which is prose."""
    if isinstance(value, dict):
        return {
            key: _without_prose(one, names=key in {"properties", "schemas", "paths"} and not names)
            for key, one in value.items()
            if names or key not in PROSE
        }
    return [_without_prose(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    json.dump(contract_of(document()), sys.stdout, separators=(",", ":"), sort_keys=True)

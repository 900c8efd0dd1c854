"""JSON Schemas of the request and answer types, made by pydantic, in the words of OpenAPI 3.1."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Json = dict[str, Any]

DESCRIBED_BY = {
    "Customer": "NewCustomer",
    "CustomerAddress": "Address",
    "CustomerOptinPreference": "OptinPreference",
    "CustomerOptinPreferences": "OptinPreferences",
    "CustomerAttributeGroup": "AttributeGroup",
    "Note": "NewNote",
}
"""The request type that says what an answer's fields mean, where the answer does not."""


class _Untitled(GenerateJsonSchema):
    """Without a title for each field, which would only be its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's hook
        return False


def schemas(types: Sequence[Any]) -> tuple[list[Json], dict[str, Json]]:
    """The schema of each of `types`, and the named schemas that these refer to."""
    made, named = TypeAdapter.json_schemas(
        [(number, "validation", TypeAdapter(one)) for number, one in enumerate(types)],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )
    definitions: dict[str, Json] = {name: _plain(schema) for name, schema in named.get("$defs", {}).items()}
    for answer, request in DESCRIBED_BY.items():
        if answer in definitions and request in definitions:
            _describe(definitions[answer], definitions[request])
    return [_plain(made[number, "validation"]) for number in range(len(types))], definitions


def _plain(schema: Any) -> Any:
    """The schema with `null` as a type beside the other, and without titles."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(one) for name, one in schema.items() if not _is_title(name, one)}
    match plain.get("anyOf"):
        case [{"type": str() as kind, **rest}, {"type": "null"}]:
            del plain["anyOf"]
            values: Any = rest.get("enum")
            enum = {"enum": [*values, None]} if values else {}
            return {"type": [kind, "null"], **rest, **enum, **plain}
    return plain


def _is_title(name: str, value: object) -> bool:
    return name == "title" and isinstance(value, str)


def _describe(answer: Json, request: Json) -> None:
    for name, field in answer.get("properties", {}).items():
        told: Mapping[str, Any] = request.get("properties", {}).get(name, {})
        for keyword in ("description", "examples"):
            if keyword in told and keyword not in field:
                field[keyword] = told[keyword]

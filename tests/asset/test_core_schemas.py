"""What the asset checks requests with says the same of any value as pydantic does of their types."""

import pickle
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from functions.shared.validation import field_errors
from infra.asset.core_schemas import UnshippedFunctionError, core_schema, request_types

TYPES = tuple(request_types())

SHIPPED = {shape: pickle.dumps(core_schema(shape)) for shape in TYPES}

NAMES = sorted({name for shape in TYPES for name in shape.__annotations__})

CONTEXT = {"now": datetime(2026, 11, 27, tzinfo=UTC)}

TELLING: tuple[Any, ...] = (
    "",
    " ",
    "\0",
    "ann@example.com",
    "csv",
    "AU",
    "true",
    "28-11-1999",
    "2026-01-01T00:00:00Z",
    "x" * 6000,
    ["x"] * 2000,
    {f"x{number}": "email" for number in range(2000)},
    {"unknown": "x"},
)
"""Values about which some rule has something to say."""

values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(TELLING) | st.text() | st.booleans() | st.none() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@cache
def checks(shape: Any) -> tuple[Any, Any]:
    """What checks a value against a type: pydantic's, and the asset's."""
    shipped = SchemaValidator(pickle.loads(SHIPPED[shape]))  # noqa: S301  made here
    return TypeAdapter(shape).validate_python, shipped.validate_python


def verdict(check: Any, value: Any) -> Any:
    try:
        return check(value, context=CONTEXT)
    except ValidationError as error:
        return field_errors(error)


@pytest.mark.parametrize("shape", TYPES, ids=lambda shape: shape.__name__)
@given(value=values)
def test_a_value_has_the_same_verdict(shape: Any, value: Any) -> None:
    whole, shipped = checks(shape)
    of_fields = [{name: one} for name in shape.__annotations__ for one in (value, *TELLING)]
    for body in (value, *of_fields):
        assert verdict(shipped, body) == verdict(whole, body)


def test_no_schema_says_where_a_type_lay_in_memory() -> None:
    everything = b"".join(SHIPPED.values())
    assert not [shape for shape in TYPES if str(id(shape)).encode() in everything]


def test_a_field_may_be_named_like_a_part_of_a_schema() -> None:
    class Named(TypedDict):
        metadata: str
        cls: str
        ref: str
        fields: list[str]

    shipped = SchemaValidator(core_schema(Named))
    for body in ({"metadata": "x", "cls": "x", "ref": "x", "fields": []}, {}, {"metadata": 1, "fields": [1]}):
        assert verdict(shipped.validate_python, body) == verdict(TypeAdapter(Named).validate_python, body)


def test_a_type_that_pydantic_itself_would_have_to_check_is_refused() -> None:
    class Late(TypedDict):
        names: Annotated[list[str], AfterValidator(sorted), Field(max_length=2)]

    with pytest.raises(UnshippedFunctionError, match="max_length_validator does not ship"):
        core_schema(Late)

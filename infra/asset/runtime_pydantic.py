"""What ships in pydantic's place: the types of requests are read with it, their schemas are there already.

This file is the asset's whole package `pydantic`, beside the schemas (see `core_schemas`).
"""

# `pickle` itself takes another millisecond of every start.
from _pickle import load
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic_core import SchemaValidator, ValidationError

__all__ = [
    "AfterValidator",
    "BeforeValidator",
    "ConfigDict",
    "Field",
    "StrictBool",
    "TypeAdapter",
    "ValidationError",
    "ValidationInfo",
    "with_config",
]

ConfigDict = dict
StrictBool = bool
ValidationInfo = Any


def _in_the_schema(*_args: Any, **_kwargs: Any) -> None:
    """What is said of a field has become part of its schema."""


AfterValidator = BeforeValidator = Field = _in_the_schema


def with_config(_config: Any) -> Callable[[Any], Any]:
    """A decorator that leaves the type as it is."""
    return lambda shape: shape


def schema_file(shape: Any) -> str:
    """The name of the file that has the schema of a type."""
    return f"{shape.__module__}.{shape.__qualname__}.pickle"


class TypeAdapter:
    """Checks values against a type whose schema is in the asset."""

    def __class_getitem__(cls, _shape: Any) -> Any:
        return cls

    def __init__(self, shape: Any) -> None:
        with Path(__file__).with_name(schema_file(shape)).open("rb") as file:
            self.validate_python = SchemaValidator(load(file)).validate_python

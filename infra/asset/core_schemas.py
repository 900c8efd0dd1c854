"""The core schemas of the requests, made when the asset is built and not at every start.

pydantic makes of a type what it calls a core schema: plain data and the names of functions, by which
`pydantic_core` checks values. What makes it takes a fifth of the start of a function that writes
(`.github/COSTS.md`), so it stays behind: `runtime_pydantic` takes its place and finds the schemas.
"""

import importlib
import pickle
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import is_typeddict

import functions
from infra.asset import runtime_pydantic

UNREAD = frozenset({"cls", "metadata"})
"""What validation does not ask of a schema: what serialization and JSON Schemas are made of."""

PROTOCOL = 5
"""Of the pickles, whatever Python makes them."""

REFERENCES = frozenset({"ref", "schema_ref"})
"""What names a type that a schema has in several places."""


class UnshippedFunctionError(Exception):
    """A type is checked by a function of pydantic itself, which stays behind."""


def put_schemas(directory: Path) -> None:
    """Put the schemas, and what finds them, where the asset in `directory` has no pydantic.

    Raises UnshippedFunctionError.
    """
    package = directory / "pydantic"
    package.mkdir()
    shutil.copyfile(runtime_pydantic.__file__, package / "__init__.py")
    for shape in request_types():
        (package / runtime_pydantic.schema_file(shape)).write_bytes(
            pickle.dumps(core_schema(shape), PROTOCOL)
        )


def request_types() -> Iterator[Any]:
    """The typed dictionaries in which the rooms say what they are sent."""
    for file in sorted(Path(functions.__file__).parent.glob("*/request.py")):
        module = importlib.import_module(f"functions.{file.parent.name}.request")
        yield from (
            one for one in vars(module).values() if is_typeddict(one) and one.__module__ == module.__name__
        )


def core_schema(shape: Any) -> Any:
    """What `pydantic_core.SchemaValidator` needs to check a value against `shape`; the same in every process.

    Raises UnshippedFunctionError.
    """
    return _shipped(TypeAdapter(shape).core_schema)


def _shipped(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _member(name, value) for name, value in part.items() if name not in UNREAD}
    if isinstance(part, list | tuple):
        return type(part)(map(_shipped, part))
    if callable(part):
        function = part.func if isinstance(part, partial) else part
        if not function.__module__.startswith("functions."):
            raise UnshippedFunctionError(
                f"{function.__module__}.{function.__qualname__} does not ship. Where it checks a limit, "
                "have the limit stand before the validators: Annotated[list[str], Field(max_length=2), …]"
            )
    return part


def _member(name: str, value: Any) -> Any:
    if name == "fields":
        # By their own names, whatever those are.
        return {field: _shipped(schema) for field, schema in value.items()}
    # A reference ends with where its type lay in memory.
    return value.partition(":")[0] if name in REFERENCES else _shipped(value)

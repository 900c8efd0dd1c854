"""A mutant takes the place of code that others have imported already."""

import ast
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.loaded import REACHED, Loaded

SOURCE = """
import functools

LIMIT = 3

def decorated(function):
    @functools.wraps(function)
    def wrapped(*given):
        return function(*given)
    return wrapped

@decorated
def doubled(number):
    return number * 2

class Some:
    @property
    def limit(self):
        return LIMIT
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    file = tmp_path / "tried.py"
    file.write_text(SOURCE)
    spec = spec_from_file_location("tried", file)
    assert spec
    assert spec.loader
    made = sys.modules["tried"] = module_from_spec(spec)
    spec.loader.exec_module(made)
    yield made
    del sys.modules["tried"]


def test_a_function_that_was_imported_by_name_and_decorated_is_another_one_and_back(
    module: ModuleType,
) -> None:
    doubled, loaded = module.doubled, Loaded(module)

    assert loaded.run(ast.parse(SOURCE.replace("number * 2", "number * 3")))
    assert doubled(5) == 15
    assert loaded.run(loaded.parsed)
    assert doubled(5) == 10
    assert not loaded.run(loaded.parsed)


def test_a_constant_is_another_one(module: ModuleType) -> None:
    assert Loaded(module).define(ast.parse(SOURCE.replace("LIMIT = 3", "LIMIT = 4")))

    assert module.Some().limit == 4


def test_a_test_is_known_by_the_functions_that_it_reaches(module: ModuleType) -> None:
    loaded = Loaded(module)
    loaded.run(loaded.recording())
    REACHED.clear()

    assert module.doubled(1) == 2
    assert {"tried:doubled"} == REACHED
    assert module.Some().limit == 3
    assert {"tried:doubled", "tried:Some.limit"} == REACHED

"""The mutants that the tests are tried with."""

import ast
from pathlib import Path

import pytest

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import mutants

FUNCTIONS = Path(__file__).parents[2] / "functions"

SOURCE = '''
LIMIT = 3

class Some:
    def f(self, a, b=1):
        """Says nothing."""
        if a == b and a < LIMIT:
            raise ValueError(a, key=b)
        return [one + 1 for one in a if not one]
'''


def test_each_changes_one_thing_and_is_a_program() -> None:
    found = list(mutants(SOURCE))

    assert len({ast.unparse(one.tree) for one in found}) == len(found)
    for one in found:
        compile(one.tree, "mutant", "exec")
    assert sorted((one.line, one.function, one.change) for one in found) == [
        (2, "", "`3` becomes `2`"),
        (2, "", "`3` becomes `4`"),
        (5, "", "`1` becomes `0`"),
        (5, "", "`1` becomes `2`"),
        (7, "Some.f", "`a < LIMIT` becomes `a <= LIMIT`"),
        (7, "Some.f", "`a == b and a < LIMIT` becomes `a == b or a < LIMIT`"),
        (7, "Some.f", "`a == b and a < LIMIT` is negated"),
        (7, "Some.f", "`a == b` becomes `a != b`"),
        (8, "Some.f", "`key=b` is left out"),
        (8, "Some.f", "`raise ValueError(a, key=b)` is left out"),
        (9, "Some.f", "`1` becomes `0`"),
        (9, "Some.f", "`1` becomes `2`"),
        (9, "Some.f", "`not one` is negated"),
        (9, "Some.f", "`one + 1` becomes `one - 1`"),
        (9, "Some.f", "`return [one + 1 for one in a if not one]` is left out"),
    ]


@pytest.mark.parametrize("module", sorted({one["module"] for one in EQUIVALENT}))
def test_whatever_is_said_to_be_equivalent_is_still_a_mutant_of_the_code(module: str) -> None:
    source = (FUNCTIONS / f"{module.replace('.', '/')}.py").read_text()
    said = {(one["line"], one["change"]) for one in EQUIVALENT if one["module"] == module}

    found = {(one.text, one.change) for one in mutants(source, {line for line, _ in said})}

    assert said <= found
    assert all(one["reason"] for one in EQUIVALENT)

"""The mutants that the tests are tried with."""

from tests.mutation.mutants import mutants

SOURCE = '''
def f(a, b):
    """Says nothing."""
    if a == b and a < 3:
        raise ValueError
    return a + 1
'''


def test_each_changes_one_thing_and_is_a_program() -> None:
    found = dict(mutants(SOURCE))

    assert len(set(found.values())) == len(found)
    for mutant in found.values():
        compile(mutant, "mutant", "exec")
    assert {what.partition(" ")[2] for what in found} == {
        "comparison Eq turned",
        "comparison Lt turned",
        "and for or, or for and",
        "condition negated",
        "one more",
        "one less",
        "Raise removed",
        "plus for minus, minus for plus",
        "Return removed",
    }

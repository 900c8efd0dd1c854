"""The checker of histories: what can have happened is accepted, what cannot is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import history
from tests.trust.history import (
    NOBODY,
    UNBORN,
    History,
    Operation,
    UndecidedError,
    life,
    ownership,
    unexplained,
)

LOST = None


def owned(*operations: tuple[float, float | None, str, str | None]) -> Operation | None:
    """The first operation on a value that nothing explains."""
    return unexplained([Operation(*one) for one in operations], ownership, NOBODY)


def lived(*operations: tuple[float, float | None, str, object]) -> Operation | None:
    """The first operation on a customer that nothing explains."""
    return unexplained([Operation(*one) for one in operations], life, UNBORN)


OWNED = {
    "nothing": (),
    "one after the other": (
        (0, 1, "read", None),
        (1, 2, "take", "ann"),
        (3, 4, "read", "ann"),
        (5, 6, "refuse", "bob"),
        (7, 8, "release", "ann"),
        (9, 10, "take", "bob"),
        (11, 12, "read", "bob"),
    ),
    "either state while it changes": (
        (0, 9, "take", "ann"),
        (1, 2, "read", None),
        (3, 4, "read", "ann"),
        (5, 6, "read", "ann"),
    ),
    "an order other than that of the calls": (
        (0, 10, "take", "bob"),
        (1, 9, "take", "ann"),
        (2, 8, "release", "ann"),
    ),
    "a lost call that happened": ((0, LOST, "take", "ann"), (1, 2, "read", None), (3, 4, "read", "ann")),
    "a lost call that did not happen": (
        (0, LOST, "take", "ann"),
        (1, 2, "take", "bob"),
        (3, 4, "read", "bob"),
    ),
    "a lost call that happened long after": (
        (0, LOST, "take", "ann"),
        (1, 2, "take", "bob"),
        (3, 4, "release", "bob"),
        (5, 6, "refuse", "cho"),
    ),
}
FORGED_OWNED = {
    "a stale read": ((0, 1, "take", "ann"), (2, 3, "read", None)),
    "a read of who released it": ((0, 1, "take", "ann"), (2, 3, "release", "ann"), (4, 5, "read", "ann")),
    "new, then old again": ((0, 9, "take", "ann"), (1, 2, "read", "ann"), (3, 4, "read", None)),
    "two owners at once": ((0, 1, "take", "ann"), (2, 3, "take", "bob")),
    "two owners of calls at once": ((0, 9, "take", "ann"), (1, 8, "take", "bob")),
    "an owner from nowhere": ((0, 1, "take", "ann"), (2, 3, "read", "bob")),
    "refused though it was free": ((0, 1, "refuse", "bob"), (2, 3, "take", "ann")),
    "refused for its own": ((0, 1, "take", "ann"), (2, 3, "refuse", "ann")),
    "released by another": ((0, 1, "take", "ann"), (2, 3, "release", "bob")),
    "a lost call before it was sent": ((0, 1, "read", "ann"), (2, LOST, "take", "ann")),
    "a lost call that happened twice": (
        (0, LOST, "take", "ann"),
        (1, 2, "read", "ann"),
        (3, 4, "release", "ann"),
        (5, 6, "read", "ann"),
    ),
}
LIVED = {
    "a life": (
        (0, 1, "miss", None),
        (2, 3, "create", "a"),
        (4, 5, "update", (2, "b")),
        (6, 7, "read", (2, "b")),
        (8, 9, "mismatch", 1),
        (10, 11, "delete", 2),
        (12, 13, "miss", None),
    ),
    "two updates at once": ((0, 1, "create", "a"), (2, 9, "update", (3, "c")), (3, 8, "update", (2, "b"))),
    "an update whose answer was lost": (
        (0, 1, "create", "a"),
        (2, LOST, "update", (None, "b")),
        (3, 4, "read", (1, "a")),
        (5, 6, "read", (2, "b")),
    ),
}
FORGED_LIVED = {
    "a lost update": ((0, 1, "create", "a"), (2, 9, "update", (2, "b")), (3, 8, "update", (2, "c"))),
    "an update that nobody sees": (
        (0, 1, "create", "a"),
        (2, 3, "update", (2, "b")),
        (4, 5, "update", (3, "c")),
        (6, 7, "read", (3, "b")),
    ),
    "a version left out": ((0, 1, "create", "a"), (2, 3, "update", (3, "b"))),
    "a stale read": ((0, 1, "create", "a"), (2, 3, "update", (2, "b")), (4, 5, "read", (1, "a"))),
    "a mismatch with what stands": ((0, 1, "create", "a"), (2, 3, "mismatch", 1)),
    "a read from nowhere": ((0, 1, "create", "a"), (2, 3, "read", (1, "x"))),
    "a read after the deletion": ((0, 1, "create", "a"), (2, 3, "delete", 1), (4, 5, "read", (1, "a"))),
    "an update after the deletion": ((0, 1, "create", "a"), (2, 3, "delete", 1), (4, 5, "update", (2, "b"))),
    "gone while it lives": ((0, 1, "create", "a"), (2, 3, "miss", None)),
    "created twice": ((0, 1, "create", "a"), (2, 3, "create", "b")),
}


@pytest.mark.parametrize("name", OWNED)
def test_what_can_have_happened_to_a_value_is_accepted(name: str) -> None:
    assert owned(*OWNED[name]) is None


@pytest.mark.parametrize("name", FORGED_OWNED)
def test_what_cannot_have_happened_to_a_value_is_refused(name: str) -> None:
    assert owned(*FORGED_OWNED[name]) is not None


@pytest.mark.parametrize("name", LIVED)
def test_what_can_have_happened_to_a_customer_is_accepted(name: str) -> None:
    assert lived(*LIVED[name]) is None


@pytest.mark.parametrize("name", FORGED_LIVED)
def test_what_cannot_have_happened_to_a_customer_is_refused(name: str) -> None:
    assert lived(*FORGED_LIVED[name]) is not None


steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "release", "refuse", "read"]),
        st.sampled_from([None, "ann", "bob"]),
        st.floats(0, 3),
        st.floats(0, 3),
        st.booleans(),
    ),
    max_size=25,
)


@given(steps)
def test_whatever_one_after_the_other_did_is_accepted_however_late_it_was_answered(
    given_steps: list[tuple[str, str | None, float, float, bool]],
) -> None:
    owner: object = NOBODY
    told = []
    for at, (what, who, before, after, lost) in enumerate(given_steps):
        # It happened at `at`, between its call and its answer; only what changes something can get lost.
        answered = None if lost and what in {"take", "release"} else at + after
        one = Operation(at - before, answered, what, who)
        if possible := ownership(owner, one):
            (owner,) = possible
            told.append(one)

    assert unexplained(told, ownership, NOBODY) is None


def test_a_violation_names_the_register_and_what_does_not_fit() -> None:
    seen = History()
    seen.add("ownership", "R1", Operation(0, 1, "take", "ann"))
    seen.add("ownership", "R2", Operation(0, 1, "take", "ann"))
    seen.add("ownership", "R2", Operation(2, 3, "read", None))
    seen.add("life", "ann", Operation(0, 1, "create", "a"))

    (sentence,) = seen.violations()

    assert sentence.startswith("ownership of R2: nothing explains Operation(called=2")
    assert len(seen) == 4


def test_a_history_with_too_many_orders_is_not_taken_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BOUND", 100)
    at_once = [Operation(0, 100, "read", "ann") for _ in range(20)]
    takes = [Operation(0, 100, "take", "ann"), Operation(0, 100, "take", "bob")]

    with pytest.raises(UndecidedError):
        unexplained([*takes, *at_once], ownership, NOBODY)


def test_a_long_history_is_decided_soon() -> None:
    turns = [(4.0 * n, f"c{n}") for n in range(1000)]
    told = [
        operation
        for at, who in turns
        for operation in (
            Operation(at, at + 3, "take", who),
            Operation(at + 1, at + 3, "read", who),
            Operation(at + 2, at + 3.9, "release", who),
        )
    ]

    assert unexplained(told, ownership, NOBODY) is None

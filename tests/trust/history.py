"""Whether what callers saw at once is what one caller after another could have seen.

A history holds the calls of many threads by register: who owns an email or a ref, or what a customer is. It
is linearizable when each register's calls can be put in an order that its rules allow and in which no call
comes before one that was answered before it was sent (Wing and Gong, "Testing and verifying concurrent
objects", 1993; states are remembered as Lowe has it, 2017). A call that nobody knows the end of may have
happened at any time after it was sent, or not.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

BOUND = 200_000
"""How many states of a register are looked at before the search is given up."""

NOBODY = None


@dataclass(frozen=True)
class Operation:
    """What a call did to a register; seconds of one clock, `answered` None where nobody heard of its end."""

    called: float
    answered: float | None
    what: str
    value: Any = None


Rules = Callable[[Any, Operation], Sequence[Hashable]]
"""What a register may be after an operation; nothing where it cannot have happened then."""


class UndecidedError(Exception):
    """There are more orders than can be tried."""


def ownership(owner: Any, operation: Operation) -> Sequence[Hashable]:
    """A value with one owner at most: taken, released, refused for it is another's, or looked up."""
    who = operation.value
    match operation.what:
        case "take" if owner in {NOBODY, who}:
            return (who,)
        case "release" if owner == who:
            return (NOBODY,)
        case "refuse" if owner not in {NOBODY, who}:
            return (owner,)
        case "read" if owner == who:
            return (owner,)
    return ()


UNBORN = (0, "")
GONE = (math.inf, "")


def life(state: Any, operation: Operation) -> Sequence[Hashable]:
    """A customer, as its version and a name: each update makes the next version; gone is gone.

    The version of an update is None where its answer was lost, that of a refusal what `If-Match` said.
    """
    version, _ = state
    lives = state not in {UNBORN, GONE}
    after: tuple[Hashable, ...] = ()
    match operation.what:
        case "create" if state == UNBORN:
            after = ((1, operation.value),)
        case "update" if lives and operation.value[0] in {None, version + 1}:
            after = ((version + 1, operation.value[1]),)
        case "delete" if lives and operation.value in {None, version}:
            after = (GONE,)
        case "mismatch" if lives and operation.value != version:
            after = (state,)
        case "read" if operation.value == state:
            after = (state,)
        case "miss" if not lives:
            after = (state,)
    return after


class History:
    """What was seen, by register; may be written by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: dict[tuple[str, str], list[Operation]] = defaultdict(list)

    def add(self, kind: str, register: str, operation: Operation) -> None:
        """Note an operation on a register, whose kind is in `KINDS`."""
        with self._lock:
            self._operations[kind, register].append(operation)

    def __len__(self) -> int:
        return sum(map(len, self._operations.values()))

    def violations(self) -> Iterator[str]:
        """A sentence for each register whose history nothing explains."""
        for (kind, register), operations in self._operations.items():
            rules, first = KINDS[kind]
            if (stuck := unexplained(operations, rules, first)) is not None:
                yield f"{kind} of {register}: nothing explains {stuck}"


KINDS: dict[str, tuple[Rules, Hashable]] = {"ownership": (ownership, NOBODY), "life": (life, UNBORN)}
"""The rules of a kind of register, and what it is at first."""


def unexplained(operations: Sequence[Operation], rules: Rules, first: Hashable) -> Operation | None:
    """None where some order explains all operations, else the first one that no order reaches beyond.

    Raises UndecidedError after `BOUND` states.
    """
    certain = sorted((one for one in operations if one.answered is not None), key=lambda one: one.called)
    maybe = [one for one in operations if one.answered is None]
    # Of the certain ones all before the first number are done, and those of the set; of the others those
    # of the second set.
    start = (0, frozenset[int](), frozenset[int](), first)
    seen, stack, furthest = {start}, [start], 0
    while stack:
        begin, ahead, happened, state = stack.pop()
        if begin == len(certain):
            return None
        furthest = max(furthest, begin)
        limit, able = _able(certain, begin, ahead)
        following = [
            (begin, ahead, happened | {number}, after)
            for number, one in enumerate(maybe)
            if number not in happened and one.called <= limit
            for after in rules(state, one)
        ]
        for number in able:
            done, beyond = begin, ahead | {number}
            while done in beyond:
                beyond -= {done}
                done += 1
            following += [(done, beyond, happened, after) for after in rules(state, certain[number])]
        for one in following:
            if one not in seen:
                seen.add(one)
                stack.append(one)
        if len(seen) > BOUND:
            raise UndecidedError(f"{len(operations)} operations have more than {BOUND} states")
    return certain[furthest]


def _able(certain: Sequence[Operation], begin: int, ahead: frozenset[int]) -> tuple[float, list[int]]:
    """Which operations can be next: those that were sent before any that is left was answered."""
    limit, able = math.inf, []
    for number in range(begin, len(certain)):
        one = certain[number]
        if one.called > limit:
            break
        if number not in ahead:
            able.append(number)
            limit = min(limit, one.answered or 0.0)
    return limit, [number for number in able if certain[number].called <= limit]

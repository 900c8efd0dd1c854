"""Notes of one customer in any sequence, and a delete of all between any two calls of another request.

The model is a list of words. After every step the listing and each note are the model's; how much of what is
gone has been erased makes no difference to it.
"""

from collections.abc import Callable, Set
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.shared import clock
from tests.account import empty_account
from tests.api import NOTE, NOTES, Api, Reply, next_url
from tests.effort import EFFORT
from tests.interference import before_call
from tests.notes.conftest import erase, store_notes

some = st.integers(0, 10**6)
calls = st.none() | st.integers(0, 4)


class Notes(RuleBasedStateMachine):
    """The requests, each alone or overtaken, and the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 27, tzinfo=UTC)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("time.sleep", lambda _: None)
        self.patch.setattr(clock, "now", lambda: self.now)
        self.aws = ExitStack()
        self.aws.enter_context(empty_account())
        self.api = Api("demo")
        self.customer = self.api.create()
        self.live: dict[str, str] = {}
        self.gone: list[str] = []

    def teardown(self) -> None:
        self.aws.close()
        self.patch.undo()

    @initialize(number=st.integers(0, 3))
    def notes_older_than_tallies(self, number: int) -> None:
        if number:
            store_notes(self.customer, number, counted=False)
        self.live = {f"{self.customer['id']}-{count:024x}": "n" for count in range(number)}

    @rule(seconds=st.integers(-5, 10))
    def clocks_differ(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(text=st.text("abc", min_size=1, max_size=3), call=calls)
    def create(self, text: str, call: int | None) -> None:
        body = {"customerId": self.customer["id"], "note": text}

        reply, taken = self.overtaken(lambda: self.api.post(NOTE, json_body=body), call)

        assert reply.status == 200
        self.live[reply.json["id"]] = text
        if taken is not None:
            # Counted and gone, or alive and not counted.
            self.all_gone(taken, spared={reply.json["id"]} if taken < len(self.live) else set())

    @precondition(lambda self: self.live or self.gone)
    @rule(which=some, text=st.text("abc", min_size=1, max_size=3), call=calls)
    def update(self, which: int, text: str, call: int | None) -> None:
        note = self.chosen(which)

        reply, taken = self.overtaken(lambda: self.api.put(NOTE, json_body={"id": note, "note": text}), call)

        assert reply.status == (200 if note in self.live and taken is None else 404)
        if reply.status == 200:
            self.live[note] = text
        if taken is not None:
            self.all_gone(taken)

    @precondition(lambda self: self.live or self.gone)
    @rule(which=some, call=calls)
    def delete(self, which: int, call: int | None) -> None:
        note = self.chosen(which)

        reply, taken = self.overtaken(lambda: self.api.delete(f"{NOTE}/{note}"), call)

        assert reply.status == (200 if note in self.live and taken is None else 404)
        if reply.status == 200:
            del self.live[note]
            self.gone.append(note)
        if taken is not None:
            self.all_gone(taken)

    @rule(call=calls)
    def delete_all(self, call: int | None) -> None:
        reply, taken = self.overtaken(lambda: self.api.delete(f"{NOTES}?id={self.customer['id']}"), call)

        assert reply.status == 200
        self.all_gone(reply.json["deleted"] + (taken or 0))

    @rule()
    def the_worker_comes(self) -> None:
        assert erase(self.customer["id"]) == []

    @invariant()
    def what_is_shown_is_the_models(self) -> None:
        shown: dict[str, str] = {}
        link = f"{NOTES}?id={self.customer['id']}&limit=2"
        while link:
            page = self.api.get(link)
            assert page.status == 200
            shown |= {note["id"]: note["note"] for note in page.json}
            link = next_url(page) or ""
        assert shown == self.live
        for note in (*self.live, *self.gone[-2:]):
            assert self.api.get(f"{NOTE}/{note}").status == (200 if note in self.live else 404)

    def overtaken(self, request: Callable[[], Reply], call: int | None) -> tuple[Reply, int | None]:
        """The answer of a request, and how many a delete of all that came before its `call` deleted."""
        deleted: list[Any] = []
        if call is None:
            return request(), None
        with before_call(
            call, lambda: deleted.append(self.api.delete(f"{NOTES}?id={self.customer['id']}").json["deleted"])
        ):
            reply = request()
        return reply, deleted[0] if deleted else None

    def all_gone(self, deleted: int, spared: Set[str] = frozenset()) -> None:
        """All but `spared` were deleted, and so many."""
        going = [note for note in self.live if note not in spared]
        assert deleted == len(going)
        self.gone += going
        self.live = {note: text for note, text in self.live.items() if note in spared}

    def chosen(self, which: int) -> str:
        """A note that is there or was."""
        known = [*self.live, *self.gone]
        return known[which % len(known)]


TestNotes = Notes.TestCase
TestNotes.settings = settings(
    max_examples=4 * EFFORT, stateful_step_count=12, suppress_health_check=list(HealthCheck)
)

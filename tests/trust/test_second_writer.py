"""A second writer between any two calls: what comes of both is what comes of one after the other."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.imports import import_rows
from functions.shared import sqs
from tests.account import empty_account
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api, Reply
from tests.customers.expected_figures import FIGURES
from tests.effort import EFFORT
from tests.faults import Faults, faults, injected
from tests.invariants import assert_invariants, contents
from tests.queues import take_all
from tests.trust.scenarios import KEY, SCENARIOS, Ask, Prepare, Work, ann, ann_and_more, order_work
from tests.trust.state import states, without_chance

__all__ = ["faults"]

Writer = Callable[[Api], Any]
WRITERS, CALLS = 2 * EFFORT, EFFORT
"""How many writers meet a scenario in one run, and before how many of its calls; nightly it is all."""

CONFLICT = 409


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    monkeypatch.setattr(sqs, "put_off", lambda *_: None)


def put(suffix: str, **body: Any) -> Writer:
    return lambda api: api.put(f"{CUSTOMERS}/{suffix}", json_body=body)


def delete(api: Api) -> Reply:
    return api.delete(f"{CUSTOMERS}/alternateCustomerRef=A1")


def create_again(api: Api) -> Reply:
    return api.post(CUSTOMERS, json_body={"email": "ann@example.com", "customerRef": "C1"})


def order(api: Api) -> int:
    work = order_work(api, email="ann@example.com", orderRef="O9")
    return len(work.deliver(work.records))


def note(api: Api) -> Reply:
    return api.post(NOTE, json_body={"customerRef": "C1", "note": "meanwhile"})


def change_note(api: Api) -> Reply | None:
    return _with_note(api, lambda note_id: api.put(NOTE, json_body={"id": note_id, "author": "Bob"}))


def delete_note(api: Api) -> Reply | None:
    return _with_note(api, lambda note_id: api.delete(f"{NOTE}/{note_id}"))


def delete_notes(api: Api) -> Reply:
    return api.delete(f"{NOTES}?customerRef=C1")


def _with_note(api: Api, act: Callable[[str], Reply]) -> Reply | None:
    """`act` on the newest note, where there is one."""
    listed = api.get(f"{NOTES}?customerRef=C1")
    return act(listed.json[0]["id"]) if listed.status == 200 and listed.json else None


def upload(api: Api) -> int:
    """An upload of what others are about to take, imported."""
    rows = [
        {"email": "new@example.com", "customerRef": "C9"},
        {"email": "ann@example.com", "customerRef": "A2"},
    ]
    assert api.post(UPLOADS, json_body=rows).status == 202
    mine = take_all("imports")
    return len(import_rows.handler({"Records": mine}, None)["batchItemFailures"])


def create(api: Api) -> Reply:
    return api.post(CUSTOMERS, json_body={"email": "new@example.com", "alternateCustomerRef": "A2"})


UPDATE = put("alternateCustomerRef=A1", loyaltyTier="gold")
Writers = dict[str, tuple[Writer, ...]]
REFS: Writers = {
    "ref moves": (put("alternateCustomerRef=A1", customerRef="MOVED"),),
    "email moves": (put("alternateCustomerRef=A1", email="other@example.com"),),
}
DELETES: Writers = {"delete": (delete,), "delete and create again": (delete, create_again)}
CUSTOMER: Writers = {"update": (UPDATE,), **REFS, **DELETES, "order": (order,)}
TAKES: Writers = {"create": (create,), "upload": (upload,)}
NOTE_WRITERS: Writers = {
    "note": (note,),
    "note changes": (change_note,),
    "note goes": (delete_note,),
    "all notes go": (delete_notes,),
    "delete": (delete,),
}

MEET: dict[str, Writers] = {
    "customers.create_customer": TAKES,
    "customers.update_customer": {**CUSTOMER, **TAKES},
    "customers.delete_customer": {**CUSTOMER, "note": (note,)},
    "customers.delete_customer_by_ref": {**CUSTOMER, "note": (note,)},
    "customers.get_customer": {**REFS, **DELETES},
    "customers.get_customer_by_ref": {**REFS, **DELETES},
    "customers.get_customer_by_email": {**REFS, **DELETES},
    "customers.get_customer_by_alternate_ref": DELETES,
    "customers.add_address": CUSTOMER,
    "customers.delete_address": CUSTOMER,
    "notes.create_note": {
        "ref moves": REFS["ref moves"],
        **DELETES,
        "note": (note,),
        "all notes go": (delete_notes,),
    },
    "notes.update_note": NOTE_WRITERS,
    "notes.get_note": NOTE_WRITERS,
    "notes.delete_note": NOTE_WRITERS,
    "notes.list_notes": NOTE_WRITERS,
    "notes.delete_notes": NOTE_WRITERS,
    "orders.record_order": CUSTOMER,
    "imports.import_rows": {**CUSTOMER, **TAKES},
}
"""Which writers can meet which handler: what each does, one request after the other."""

CASES = [(handler, name) for handler in MEET for name in SCENARIOS[handler]]


@pytest.mark.parametrize(("handler", "name"), CASES)
def test_it_is_as_if_one_had_come_after_the_other(faults: Faults, handler: str, name: str) -> None:
    """Which writers and calls it is in one run its seed says."""
    writers = MEET[handler]
    for writer in random.sample(sorted(writers), min(WRITERS, len(writers))):
        with empty_account():
            assert_one_comes_after_the_other(faults, SCENARIOS[handler][name], writers[writer], writer)


def assert_one_comes_after_the_other(
    faults: Faults, prepare: Prepare, steps: tuple[Writer, ...], writer: str
) -> None:
    """Each run of both is a tenant's own."""
    outcomes: dict[str, Any] = {}

    def run(
        tenant: str, *, at: int = 1, first: int = 0, between: int = len(steps), alone: bool = False
    ) -> int:
        """Of the writer's steps `first` come first, `between` before the call `at`, the others after all."""
        api = Api(tenant)
        asked = prepare(api)
        left = [*steps]
        told: list[Any] = []

        def write(number: int) -> None:
            told.extend(outcome(left.pop(0)(api), tenant) for _ in range(number))

        write(first)
        done: Any = None
        if not alone:
            with faults.before(at, lambda: write(between)):
                done = asked.send(api) if isinstance(asked, Ask) else asked.deliver(asked.records)
            assert faults.happened == (at <= len(faults.operations))
        write(len(left))
        if isinstance(asked, Work):
            # What a worker leaves comes again.
            done = len(asked.deliver(done or asked.records))
        outcomes[tenant] = (outcome(done, tenant), told)
        return len(faults.operations)

    calls = max(run(f"serial-{first}", first=first, between=0) for first in range(len(steps) + 1))
    assert calls
    run("alone", alone=True)
    for at in random.sample(range(1, calls + 1), min(CALLS, calls)):
        run(f"between-{at}", at=at)

    found = contents()
    after = states(found)
    serial = [(told, after.get(tenant)) for tenant, told in outcomes.items() if tenant.startswith("serial")]
    for tenant, (done, told) in outcomes.items():
        if isinstance(done, tuple) and done[0] == CONFLICT:
            # Told to try again: nothing of it was done.
            assert (told, after.get(tenant)) == (outcomes["alone"][1], after.get("alone")), (writer, tenant)
        elif tenant != "alone":
            assert ((done, told), after.get(tenant)) in serial, (writer, tenant)
    assert_invariants(found)


def outcome(done: Any, tenant: str) -> Any:
    """What two runs have in common of an answer. Figures follow orders on their own, without a version."""
    if not isinstance(done, Reply):
        return done
    shown = done.json if done.text else None
    if isinstance(shown, dict):
        shown = {name: value for name, value in shown.items() if name not in FIGURES}
    return done.status, without_chance(shown, tenant), done.headers.get("etag")


ANYBODY: dict[str, Writer] = {
    **{name: steps[-1] for name, steps in {**CUSTOMER, **TAKES, **NOTE_WRITERS}.items()},
    "keyed": lambda api: api.post(CUSTOMERS, json_body={"email": "new@example.com"}, headers=KEY),
    "upsert": put("customerRef=C1?createIfMissing=true", email="ann@example.com", phone="1"),
    "address": lambda api: api.post(f"{CUSTOMERS}/customerRef=C1/address", json_body={"address1": "x"}),
    "search": lambda api: api.get(f"{CUSTOMERS}/search?lastName=lee"),
}


AWAY = {"delete", "email moves"}
"""After whom nobody has the email by which an order names its customer."""


@settings(max_examples=4 * EFFORT)
@example(chain=[("order", 1), ("delete", 1)])
@given(chain=st.lists(st.tuples(st.sampled_from(sorted(ANYBODY)), st.integers(1, 5)), min_size=2, max_size=5))
def test_whoever_comes_between_whose_calls_nothing_is_half_written(chain: list[tuple[str, int]]) -> None:
    """Each is interrupted before its call of that number by the next."""
    with empty_account(), pytest.MonkeyPatch.context() as patches:
        faults = injected(patches)
        api = Api("demo")
        ann_and_more(api)

        def go(rest: list[tuple[str, int]]) -> None:
            if rest:
                (name, at), *others = rest
                with faults.before(at, lambda: go(others)):
                    told = ANYBODY[name](api)
                if isinstance(told, Reply):
                    assert told.status < 500 or told.status == 503
                else:
                    # Of a worker's messages none is left: whoever came between came once.
                    # But an order waits for a customer who is away.
                    assert not told or (name == "order" and AWAY & {one for one, _ in chain})

        go(chain)
        assert_invariants()


def test_a_writer_between_is_noticed(aws: None, faults: Faults) -> None:
    """The writer does come before the call that is asked for, whichever of them that is."""
    seen = []
    api = Api("demo")
    ann(api)
    for at in itertools.count(1):
        with faults.before(at, lambda: seen.append(len(faults.operations))):
            UPDATE(api)
        if len(faults.operations) < at:
            break
    assert len(seen) > 1
    assert seen == [*range(1, at)]

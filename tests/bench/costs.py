"""What each operation costs, by the rules of AWS's pages: `python -m tests.bench.costs`.

Each operation runs against moto; what it sent is priced at us-east-1: AWS calls, DynamoDB's units, dollars a
million. DynamoDB: writes by the KB and reads by four, twice in transactions, half for eventually consistent
reads, and one more write for each index that an entry comes to or goes from (AWS: DynamoDB read and write
operations). Lambda: `CALL_SECONDS` a call of DynamoDB and `OWN_SECONDS` of its own at a gigabyte.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any
from unittest.mock import patch

import moto

import tests.conftest  # noqa: F401  the settings of the functions, and a quick moto
from functions.imports import import_rows
from functions.shared import dynamo
from functions.shared.item import item_bytes, unmarshal
from infra.reference.examples import NEW_CUSTOMER
from infra.tables import TABLES, Table
from tests.api import CUSTOMERS, NOTE, NOTES, UPLOADS, Api
from tests.orders import events
from tests.queues import create_queues, deliver
from tests.tables import create_tables

MILLION = 1_000_000
CALL_SECONDS = 0.008
OWN_SECONDS = 0.002

GATEWAY = 3.50
"""Dollars a million requests of a REST API, in the first 333 million a month."""
INVOCATIONS = 0.20
GIGABYTE_SECONDS = 0.0000133334 * MILLION
"""arm64."""
WRITE_UNITS, READ_UNITS = 0.625, 0.125
"""On demand."""
LOGGED = 0.50 * 1.2
"""A request's line and Lambda's own, 1.2 KB at half a dollar a GB."""


@dataclass
class Spent:
    """Calls and units so far."""

    calls: int = 0
    writes: float = 0
    reads: float = 0

    def dollars(self, *, rows: int = 1, gateway: bool = True) -> float:
        """Dollars for a million of what was done, `rows` of them at once; the tenant's token is cached."""
        seconds = OWN_SECONDS * rows + CALL_SECONDS * self.calls
        function = INVOCATIONS + GIGABYTE_SECONDS * seconds + LOGGED
        return (function + WRITE_UNITS * self.writes + READ_UNITS * self.reads + GATEWAY * gateway) / rows


@contextmanager
def metered() -> Iterator[Spent]:
    """What DynamoDB is asked for meanwhile."""
    spent = Spent()
    real = dynamo.call

    def call(operation: str, **arguments: Any) -> dict[str, Any]:
        spent.calls += 1
        spent.writes += _written(real, operation, arguments)
        answer = real(operation, **arguments)
        spent.reads += _read(operation, arguments, answer)
        return answer

    with patch.object(dynamo, "call", call):
        yield spent


def _written(real: Callable[..., Any], operation: str, arguments: Mapping[str, Any]) -> float:
    if operation == "transact_write_items":
        entries = [next(iter(entry.items())) for entry in arguments["TransactItems"]]
        return sum(_write(real, action, asked, units=2) for action, asked in entries)
    actions = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}
    if operation in actions:
        return _write(real, actions[operation], arguments, units=1)
    if operation == "batch_write_item":
        return sum(len(requests) for requests in arguments["RequestItems"].values())
    return 0


def _write(real: Callable[..., Any], action: str, asked: Mapping[str, Any], *, units: int) -> float:
    table = next(one for one in TABLES if one.name == asked["TableName"])
    given = asked.get("Key") or asked["Item"]
    key = {name: given[name] for name in (table.partition, table.sort) if name}
    stored = real("get_item", TableName=table.name, Key=key, ConsistentRead=True).get("Item")
    before = unmarshal(stored) if stored else {}
    after = _after(action, asked, before)
    moved = _index_writes(table, before, after) if action != "ConditionCheck" else 0
    return units * max(1, ceil(max(item_bytes(before), item_bytes(after)) / 1024)) + moved


def _after(action: str, asked: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any]:
    if action == "Put":
        return unmarshal(asked["Item"])
    if action == "Delete":
        return {}
    if action == "Update":
        names = asked.get("ExpressionAttributeNames", {})
        values = unmarshal(asked.get("ExpressionAttributeValues", {}))
        sets = {names[place]: values.get(f":{place[1:]}") for place in names}
        return {name: value for name, value in {**before, **sets}.items() if value is not None}
    return before


def _index_writes(table: Table, before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    writes = 0
    for index in table.indexes:
        shown = (*index.partition, *index.sort, *index.include)
        old, new = ([item.get(name) for name in shown] for item in (before, after))
        keyed = len(index.partition) + len(index.sort)
        was, is_now = all(old[:keyed]), all(new[:keyed])
        if old != new:
            # An entry whose key changes is taken out and put in.
            writes += 2 if was and is_now and old[:keyed] != new[:keyed] else 1 if was or is_now else 0
    return writes


def _read(operation: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    if operation == "get_item":
        return _read_units([answer.get("Item", {})])
    if operation == "batch_get_item":
        return sum(_read_units([item]) for items in answer["Responses"].values() for item in items) or 1
    if operation == "query":
        units = _read_units(answer["Items"])
        return units if arguments.get("ConsistentRead") else units / 2
    return 0


def _read_units(items: list[Any]) -> int:
    return max(1, ceil(sum(item_bytes(unmarshal(item)) for item in items) / 4096))


def operations() -> Iterator[tuple[str, Spent, int, bool]]:
    """Each operation, what it spent, the rows it was for, and whether it came through the gateway."""
    api = Api("demo")
    ref, email = "bench", "bench@example.com"
    sample = {**NEW_CUSTOMER, "email": email, "customerRef": ref}

    def one(name: str, work: Callable[[], Any], *, rows: int = 1, gateway: bool = True) -> Any:
        with metered() as spent:
            done = work()
        results.append((name, spent, rows, gateway))
        return done

    results: list[tuple[str, Spent, int, bool]] = []
    made = one("create a customer", lambda: api.create(**sample))
    url = f"{CUSTOMERS}/{made['id']}"
    one("get by id", lambda: api.get(url))
    one("get by email or reference", lambda: api.get(f"{CUSTOMERS}/{ref}/ref"))
    one("search, one match", lambda: api.get(f"{CUSTOMERS}/search?email={email}"))
    one("update", lambda: api.put(url, json_body={"firstName": "Grace"}))
    one("update that changes the email", lambda: api.put(url, json_body={"email": "new@example.com"}))
    note = {"customerId": made["id"], "note": "Called"}
    kept = one("create a note", lambda: api.post(NOTE, json_body=note)).json
    one("get a note", lambda: api.get(f"{NOTE}/{kept['id']}"))
    one("list notes", lambda: api.get(f"{NOTES}?id={made['id']}"))
    one(
        "count an order",
        lambda: events.deliver(events.event(customerId=made["id"], orderRef=uuid.uuid4().hex)),
        gateway=False,
    )
    rows = [
        {
            **NEW_CUSTOMER,
            "email": f"{number}@example.com",
            "customerRef": f"{number}",
            "alternateCustomerRef": f"a{number}",
        }
        for number in range(960)
    ]
    api.post(UPLOADS, json_body=rows)
    name = "create a row of an upload, with both references"
    with patch.object(import_rows, "THREADS", 1):  # moto is not atomic under several
        one(name, lambda: deliver("imports", import_rows.handler), rows=960, gateway=False)
    one("delete a customer", lambda: api.delete(url))
    yield from results


def table() -> str:
    """The table of COSTS.md, as Markdown."""
    lines = ["| operation | calls | write units | read units | dollars a million |", "|---|---|---|---|---|"]
    with moto.mock_aws():
        create_tables()
        create_queues()
        for name, spent, rows, gateway in operations():
            calls, writes, reads = (figure / rows for figure in (spent.calls, spent.writes, spent.reads))
            dollars = spent.dollars(rows=rows, gateway=gateway)
            lines.append(f"| {name} | {calls:.3g} | {writes:.3g} | {reads:.3g} | {dollars:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    logging.disable()
    print(table())

"""What is true of the tables whatever was done to them, each violation said in a sentence.

`violations` looks at everything at once: in moto by `contents`, in a deployed stack by `contents` with a
client and names of its own. A sentence names the keys of what is wrong, so a test that gives each of its runs
a tenant of its own sees which one it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from functions.customers.figures import present_figures
from functions.customers.item import (
    claim_key,
    customer_id_in,
    customer_item,
    customer_key,
    erasure,
    live,
    tombstone,
)
from functions.customers.keys import unique_values
from functions.imports.progress import COMPLETED
from functions.notes.note import NOTE_KEY
from functions.shared import clock
from functions.shared.item import Item, unmarshal
from functions.uploads.chunk import Chunk, Row
from functions.uploads.progress import VERDICTS
from functions.uploads.upload import report
from infra.tables import CUSTOMERS, TABLES
from tests.clients import client
from tests.customers.expected_figures import Counted, expected_figures

Contents = Mapping[str, Sequence[Item]]
"""All items by table, and all entries of the indexes of customers by `customers.{index}`."""

Events = Sequence[Mapping[str, Any]]
"""Details of events in the order in which they were published, `type` among them."""


def contents(dynamodb: Any = None, names: Mapping[str, str] | None = None) -> dict[str, list[Item]]:
    """Everything in the tables; `names` are their deployed names, where they have others than in moto."""
    scan = (dynamodb or client("dynamodb")).get_paginator("scan").paginate

    def found(table: str, **arguments: Any) -> list[Item]:
        name = (names or {}).get(table, table)
        pages = scan(TableName=name, **arguments)
        return [unmarshal(item) for page in pages for item in page["Items"]]

    tables = {table.name: found(table.name, ConsistentRead=True) for table in TABLES}
    indexes = {f"customers.{one.name}": found("customers", IndexName=one.name) for one in CUSTOMERS.indexes}
    return tables | indexes


def violations(
    found: Contents, *, events: Events | None = None, settled: bool = True, today: date | None = None
) -> list[str]:
    """Every sentence that is not true of these tables and events.

    `settled` where all workers are done: of who was deleted nothing is left, and every row of an upload is
    decided. `today` (UTC) is the day for which figures are compared.
    """
    customers = {item["customerKey"]: item for item in found["customers"]}
    return [
        *_claims(customers, found["claims"]),
        *_tombstones(customers, found["erasures"]),
        *_indexes(customers, found),
        *_notes(customers, found["notes"], settled=settled),
        *_orders(customers, found["orders"], today or clock.now().date(), settled=settled),
        *_uploads(customers, _no_imports(found), done=settled),
        *_imports(customers, found["imports"]),
        *(() if events is None else _events(customers, events)),
    ]


def assert_invariants(
    found: Contents | None = None, *, events: Events | None = None, settled: bool = False
) -> None:
    """Fail with every violation in moto's tables, or in what was `found` there just now."""
    assert violations(found or contents(), events=events, settled=settled) == []


def _claims(customers: Mapping[str, Item], claims: Sequence[Item]) -> Iterator[str]:
    owners = {claim["claimKey"]: claim["customerId"] for claim in claims}
    wanted: dict[str, str] = {}
    for key, item in customers.items():
        for field, value in unique_values(live(item) or {}).items():
            claim = claim_key(item["tenantId"], field, value)["claimKey"]
            if claim in wanted:
                yield f"{key} and {wanted[claim]} both have {claim}"
            wanted[claim] = item["id"]
            if owners.get(claim) != item["id"]:
                yield f"{key} has {claim}, which is claimed by {owners.get(claim, 'nobody')}"
    for claim, owner in owners.items():
        if claim not in wanted:
            yield f"{claim} is claimed by {owner}, who does not live or does not show it"


def _tombstones(customers: Mapping[str, Item], erasures: Sequence[Item]) -> Iterator[str]:
    noted = {item["erasureKey"]: item for item in erasures}
    for key, item in customers.items():
        if item["version"] < 1:
            yield f"{key} has the version {item['version']}"
        if live(item) is not None:
            continue
        if item != tombstone(item["tenantId"], item["id"], item["version"], item["deletedDate"]):
            yield f"the tombstone {key} has more than a tombstone has"
        if noted.get(key) != erasure(item["tenantId"], item["id"], item["deletedDate"]):
            yield f"the deletion of {key} is not noted, or otherwise than it was"
    for key in noted:
        if "deletedDate" not in customers.get(key, {}):
            yield f"the deletion of {key} is noted, but there is no tombstone"


def _indexes(customers: Mapping[str, Item], found: Contents) -> Iterator[str]:
    for key, item in customers.items():
        customer = live(item)
        if customer is None:
            continue
        stored = {name: value for name, value in item.items() if name != "requestHash"}
        if stored != customer_item(item["tenantId"], customer):
            yield f"{key} is indexed by other values than it has"
    for index in CUSTOMERS.indexes:
        if f"customers.{index.name}" not in found:
            continue
        names = (*index.partition, *index.sort, *index.include)
        shown = sorted(_entry(item, names) for item in found[f"customers.{index.name}"])
        has = [item for item in customers.values() if item.keys() >= {*index.partition, *index.sort}]
        if shown != sorted(_entry(item, names) for item in has):
            yield f"the index {index.name} shows others than the table has"


def _entry(item: Item, names: Sequence[str]) -> tuple[str, ...]:
    return (item["customerKey"], *(str(item.get(name)) for name in names))


def _notes(customers: Mapping[str, Item], notes: Sequence[Item], *, settled: bool) -> Iterator[str]:
    for note in notes:
        if not NOTE_KEY.fullmatch(note["noteKey"]):
            continue
        owner, name = customers.get(note["customerKey"]), f"the note {note['customerKey']} {note['noteKey']}"
        if owner is None or (settled and live(owner) is None):
            yield f"{name} belongs to nobody who lives"
        if note.get("version", 1) < 1 or note["lastModifiedDate"] < note["createdDate"]:
            yield f"{name} has a version or a date that cannot be"


def _orders(
    customers: Mapping[str, Item], items: Sequence[Item], today: date, *, settled: bool
) -> Iterator[str]:
    owners = {item["customerKey"]: item for item in items if item["orderRef"] == "owner"}
    orders: dict[str, list[Item]] = defaultdict(list)
    for order in items:
        key = order["customerKey"]
        if order["orderRef"] == "owner":
            continue
        if key.endswith("#figures"):
            if settled and live(customers.get(key.removesuffix("#figures"))) is None:
                yield f"the figures {key} {order['orderRef']} belong to nobody who lives"
            continue
        orders[key].append(order)
        tenant = key.partition("#")[0]
        owner = owners.get(f"{tenant}#order#{order['orderRef']}", {})
        if key not in customers or (settled and live(customers[key]) is None):
            yield f"the order {key} {order['orderRef']} belongs to nobody who lives"
        elif live(customers[key]) is not None and (
            owner.get("customerId") != customer_id_in(order) or owner.get("revision") != order["revision"]
        ):
            yield f"the order {key} {order['orderRef']} is not the one that its owner's entry names"
    for name, owner in owners.items():
        key = customer_key(name.partition("#")[0], owner["customerId"])["customerKey"]
        ref = name.split("#", 2)[2]
        if live(customers.get(key)) and ref not in {order["orderRef"] for order in orders[key]}:
            yield f"{name} says that {key} has an order which is not there"
    for key, item in customers.items():
        customer = live(item)
        counted = [one for one in map(_counted, orders[key]) if one]
        if customer is not None and present_figures(customer.get("orderFigures"), today) != expected_figures(
            counted, today
        ):
            yield f"the figures of {key} are not those of its orders"


def _counted(order: Item) -> Counted | None:
    if not order["counts"]:
        return None
    return Counted(
        order["orderRef"],
        Fraction(order["totalAmount"]),
        Fraction(order["refundedAmount"]),
        datetime.fromisoformat(order["createdAt"]).astimezone(UTC),
        order.get("currencyCode"),
    )


def _no_imports(found: Contents) -> list[Item]:
    """The uploads but for what chunks of files note there, whose import counts them itself."""
    imports = {item["importKey"] for item in found["imports"] if item["part"] == "import"}
    return [item for item in found["uploads"] if item["uploadKey"] not in imports]


def _uploads(customers: Mapping[str, Item], items: Sequence[Item], *, done: bool) -> Iterator[str]:
    results = [item for item in items if item["part"] != "progress"]
    for key, upload, parts in _gathered(results, "uploadKey", "upload"):
        if upload is None:
            yield f"the results of {key} have no upload"
            continue
        errors = [error for part in (upload, *parts) for error in part.get("errors", ())]
        told = report(upload, [part for part in parts if part["part"].startswith("upload#")], errors)
        decided = sum(told[verdict] for verdict in VERDICTS)
        if decided > upload["received"] or (done and decided < upload["received"]):
            yield f"{key} counts {decided} rows of {upload['received']}"
        if told["failed"] != len({error["row"] for error in errors}):
            yield f"{key} counts other rows as failed than it tells of"
        tenant = key.partition("#")[0]
        numbers = range(upload["received"])
        made = {_row_customer(tenant, upload["uploadId"], number) for number in numbers}
        if done and told["created"] != len(customers.keys() & made) and not upload.get("dryRun"):
            yield f"{key} counts other rows as created than have a customer"


def _gathered(items: Iterable[Item], key: str, head: str) -> Iterator[tuple[str, Item | None, list[Item]]]:
    """What lies under each key: the one part `head`, where it is there, and the others."""
    found: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in items:
        found[item[key]][item["part"]] = item
    for value, parts in found.items():
        yield value, parts.pop(head, None), [*parts.values()]


def _imports(customers: Mapping[str, Item], items: Sequence[Item]) -> Iterator[str]:
    known = [item for item in items if item["part"] == "import" or item["part"].startswith("range#")]
    for key, one, ranges in _gathered(known, "importKey", "import"):
        if one is None:
            yield f"the ranges of {key} have no import"
            continue
        if any(one[verdict] != sum(part.get(verdict, 0) for part in ranges) for verdict in VERDICTS):
            yield f"{key} counts other rows than its ranges"
        # Before it is divided it has received none.
        received, decided = one.get("received", 0), sum(one[verdict] for verdict in VERDICTS)
        completed = one["state"] == COMPLETED
        if decided > received or (completed and decided < received):
            yield f"{key} counts {decided} rows of {received}"
        tenant = key.partition("#")[0]
        made = {_row_customer(tenant, one["importId"], number) for number in range(1, received + 1)}
        # Rows that are restored keep the ids that they had.
        own_ids = not one["dryRun"] and not one.get("restore")
        if completed and own_ids and one["created"] != len(customers.keys() & made):
            yield f"{key} counts other rows as created than have a customer"


def _row_customer(tenant: str, upload_id: str, number: int) -> str:
    chunk = Chunk(tenant, upload_id, "", 0, ())
    return str(customer_key(tenant, chunk.customer_id(Row(number, {})))["customerKey"])


def _events(customers: Mapping[str, Item], events: Events) -> Iterator[str]:
    told: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for event in events:
        history = told[customer_key(event["tenantId"], event["customerId"])["customerKey"]]
        # At least once: a version that comes again says the same.
        if event in history:
            continue
        history.append(event)
    for key, history in told.items():
        versions = [event["version"] for event in history]
        if versions != list(range(1, len(versions) + 1)):
            yield f"the events of {key} tell of the versions {versions}"
    for key, item in customers.items():
        history = told.pop(key, [])
        if not history or history[-1]["version"] != item["version"]:
            yield f"{key} has the version {item['version']}, of which no event tells last"
        elif (history[-1]["type"] == "CustomerDeleted") != (live(item) is None):
            yield f"the last event of {key} is {history[-1]['type']}"
    for key in told:
        yield f"events tell of {key}, which is nowhere"

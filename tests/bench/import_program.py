"""How many rows a second one import worker settles, with DynamoDB modelled.

Run by the runtime's Python beside the asset, with a function's settings in the environment; it prints
`{run: [{"rows_a_second", "cpu_microseconds", "calls"}, …]}`, of which the last two are a row's.

The model answers a call after 8 ms and 0.15 ms an item, and knows no other limit. It stands in place of
botocore's HTTP session, so all else is what runs in Lambda: the worker, its threads, botocore.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from functions.customers.customer import new_customer
from functions.customers.item import customer_item
from functions.imports import import_rows
from functions.shared import dynamo
from functions.shared.item import marshal
from functions.uploads.chunk import Row
from functions.uploads.chunking import chunks
from functions.uploads.options import Options

CALL_SECONDS = 0.008
ITEM_SECONDS = 0.00015
ROWS = 1_920
MESSAGES = 10
"""As many as Lambda hands to a worker at once."""


@dataclass(frozen=True)
class Measured:
    """One run: the worker's rows a second, its CPU a row in microseconds, and its calls a row."""

    rows_a_second: float
    cpu_microseconds: float
    calls: float


class Model:
    """DynamoDB as far as an import asks: what is `taken` is claimed, nothing else is there.

    With `known`, every reference is that of a customer, who is as the rows say.
    """

    def __init__(self, *, known: bool = False) -> None:
        self.known = known
        self.calls = 0

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """What `before-send` asks for: the answer in place of the network's."""
        target: Any = request.headers["X-Amz-Target"]
        operation = target.decode().rpartition(".")[2]
        asked: Any = request.body
        self.calls += 1
        if operation == "TransactWriteItems" and b"taken" not in asked:
            # Read no further: the worker waits for the same core, which in Lambda is its own.
            status, body, items = 200, {}, asked.count(b'"TableName"')
        else:
            status, body, items = getattr(self, f"_{operation}")(json.loads(asked))
        time.sleep(CALL_SECONDS + items * ITEM_SECONDS)
        return _response(request.url, status, body)

    @staticmethod
    def _GetItem(_asked: Mapping[str, Any]) -> tuple[int, Any, int]:  # noqa: N802  DynamoDB's name
        return 200, {}, 1

    def _BatchGetItem(self, asked: Mapping[str, Any]) -> tuple[int, Any, int]:  # noqa: N802
        keys = {table: wanted["Keys"] for table, wanted in asked["RequestItems"].items()}
        found = {
            table: [item for key in some if (item := self._stands(table, key))]
            for table, some in keys.items()
        }
        return 200, {"Responses": found}, sum(map(len, keys.values()))

    def _stands(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        if table == "claims" and _is_taken(key):
            return {"claimKey": key["claimKey"], "customerId": {"S": "another"}}
        return _item(table, key) if self.known else None

    @staticmethod
    def _TransactWriteItems(asked: Mapping[str, Any]) -> tuple[int, Any, int]:  # noqa: N802
        writes = [next(iter(one.values())) for one in asked["TransactItems"]]
        taken = [_is_taken(write.get("Item", {})) for write in writes]
        if not any(taken):
            return 200, {}, len(writes)
        reasons = [
            {
                "Code": "ConditionalCheckFailed",
                "Item": {"claimKey": write["Item"]["claimKey"], "customerId": {"S": "another"}},
            }
            if is_taken
            else {"Code": "None"}
            for write, is_taken in zip(writes, taken, strict=True)
        ]
        error = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": "Transaction cancelled",
            "CancellationReasons": reasons,
        }
        return 400, error, len(writes)


def measured(*, taken: float = 0, mode: str = "create", known: bool = False) -> Measured:
    """One run of the worker over `ROWS` rows, of which the share `taken` names an email that is another's."""
    events = list(_events(taken, mode))
    with _modelled(Model(known=known)) as model:
        import_rows.handler(events[0], None)  # clients, regular expressions, what Python does once
        model.calls = 0
        began, cpu = time.perf_counter(), time.process_time()
        for event in events:
            answer = import_rows.handler(event, None)
            assert answer == {"batchItemFailures": []}, "a message of the run failed"
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return Measured(ROWS / seconds, cpu_seconds / ROWS * 1e6, model.calls / ROWS)


@contextmanager
def _modelled(model: Model) -> Iterator[Model]:
    events: Any = dynamo.client.meta.events
    events.register_first("before-send.dynamodb", model)
    try:
        yield model
    finally:
        events.unregister("before-send.dynamodb", model)


def _events(taken: float, mode: str) -> Iterator[dict[str, Any]]:
    upload = {"uploadId": str(uuid.uuid4()), "createdDate": "2026-11-27T08:00:00.000Z"}
    every = round(1 / taken) if taken else ROWS + 1
    rows = [Row(number, _fields(number, is_taken=number % every == every - 1)) for number in range(ROWS)]
    made, _ = chunks("demo", upload, rows, Options(mode=mode))  # type: ignore[arg-type]
    for start in range(0, len(made), MESSAGES):
        some = made[start : start + MESSAGES]
        yield {"Records": [_record(str(start + at), chunk.to_json()) for at, chunk in enumerate(some)]}


def _fields(number: int, *, is_taken: bool) -> dict[str, Any]:
    return {
        "email": f"{'taken' if is_taken else 'row'}{number}@example.com",
        "customerRef": f"C{number}",
        "firstName": "Ann",
        "lastName": "Baker",
        "mobile": "+61 400 000 000",
        "dob": "28-11-1999",
        "addresses": [{"addressID": "1", "address1": "Wish Street 3", "city": "Perth", "countryCode": "AU"}],
        "optin_preferences": {"email": {"opt_in_active": True}},
    }


def _is_taken(item_or_key: Mapping[str, Any]) -> bool:
    """Whether this is the claim of an email that is another's."""
    claimed: str = item_or_key.get("claimKey", {}).get("S", "")
    return claimed.partition("#email#")[2].startswith("taken")


def _item(table: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at a key: the claim of a reference, or the customer that has it."""
    text = next(iter(key.values()))["S"]
    if table == "claims":
        number = int(text.rpartition("#C")[2])
        return {**key, "customerId": {"S": str(uuid.UUID(int=number))}}
    number = uuid.UUID(text.partition("#")[2]).int
    customer = new_customer(
        str(uuid.UUID(int=number)),
        _fields(number, is_taken=False),
        now="2026-11-26T08:00:00.000Z",
        new_id=str,
    )
    return marshal(customer_item("demo", customer))


def _record(message_id: str, body: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "0"}
    return {"messageId": message_id, "body": body, "receiptHandle": "r", "attributes": attributes}


class _Raw:
    """The body of an answer as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.content


def _response(url: str, status: int, body: Any) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(url, status, headers, _Raw(json.dumps(body).encode()))


RUNS: Mapping[str, Mapping[str, Any]] = {
    "create, nothing taken": {},
    "create, 5 % taken": {"taken": 0.05},
    "upsert, all unchanged": {"mode": "upsert", "known": True},
    "upsert, all new": {"mode": "upsert"},
}


ROUNDS = 5


def main() -> None:
    """Each run so many times."""
    found = {name: [asdict(measured(**run)) for _ in range(ROUNDS)] for name, run in RUNS.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

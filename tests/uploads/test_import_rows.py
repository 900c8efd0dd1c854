"""The importer: every row is created exactly once or reported exactly once, whatever happens on the way."""

import io
import itertools
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from functions.imports import import_rows
from functions.shared import dynamo
from functions.shared.dynamo import ContendedError, TransactionFailedError
from functions.shared.errors import UnavailableError
from functions.shared.item import unmarshal
from functions.shared.retry import ATTEMPTS
from functions.uploads import chunking, importer
from functions.uploads.chunk import Chunk, Row
from tests.api import CUSTOMERS, UPLOADS, Api
from tests.builders import document_sample, new_email
from tests.clients import client
from tests.faults import KilledError
from tests.queues import deliver, messages_in

TAKEN = "taken@example.com"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto is not for several."""
    monkeypatch.setattr(import_rows, "THREADS", 1)


class Unchanging(list[bool]):
    """What is remembered of late chunks whatever becomes of others."""

    def append(self, _: bool) -> None:
        """Not kept."""


@pytest.fixture(params=[False, True], ids=["writes first", "asks first"])
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that knows of no value that was taken of late, and one that does."""
    monkeypatch.setattr(importer, "TAKEN_OF_LATE", Unchanging([request.param]))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows in a chunk, two in a transaction: the same steps with fewer rows."""
    monkeypatch.setattr(chunking, "MAX_CHUNK_ROWS", 3)
    monkeypatch.setattr(importer, "MAX_WRITES", 6)


def some_rows(tag: str = "") -> list[dict[str, Any]]:
    """Seven rows; 1 (a taken email), 4 (a taken ref) and 6 (the email of row 0) cannot be created."""
    rows = [
        {"email": f"row{number}{tag}@example.com", "customerRef": f"R{number}{tag}"} for number in range(7)
    ]
    rows[1]["email"] = TAKEN
    rows[4]["customerRef"] = "TAKEN"
    rows[6]["email"] = f"ROW0{tag}@example.com"
    return rows


def sent(api: Api, rows: list[dict[str, Any]]) -> str:
    reply = api.post(UPLOADS, json_body=rows)
    assert reply.status == 202, reply.text
    return f"{UPLOADS}/{reply.json['uploadId']}"


def work() -> list[str]:
    return deliver("imports", import_rows.handler)


def assert_each_row_is_created_or_reported(api: Api, url: str, rows: list[dict[str, Any]]) -> None:
    report = api.get(url).json
    failed = {error["row"] for error in report["errors"]}
    assert report["status"] == "completed"
    assert (report["created"], report["failed"]) == (len(rows) - len(failed), len(failed))
    assert len(report["errors"]) == len(failed)
    for number, row in enumerate(rows):
        found = api.get(f"{CUSTOMERS}/{row['customerRef']}/ref")
        created = found.status == 200 and found.json["email"] == row["email"]
        assert created == (number not in failed), number
    customers = dynamo.call("scan", TableName="customers", ConsistentRead=True)["Items"]
    emails = [item["emailKey"]["S"] for item in customers if "emailKey" in item]
    assert len(emails) == len(set(emails))
    assert_claims_belong_to_customers()


def assert_claims_belong_to_customers() -> None:
    customers = map(unmarshal, dynamo.call("scan", TableName="customers")["Items"])
    claims = map(unmarshal, dynamo.call("scan", TableName="claims")["Items"])
    owned = {
        f"{one['tenantId']}#{field}#{one[key]}"
        for one in customers
        for field, key in (("email", "emailKey"), ("customerRef", "customerRef"))
        if key in one
    }
    assert {claim["claimKey"] for claim in claims} == owned


def test_a_row_becomes_the_customer_that_a_create_would_make(api: Api) -> None:
    row = document_sample(email=new_email(), customerRef="ROW", alternateCustomerRef="ALT")
    created = api.create(**document_sample(email=new_email(), customerRef="CREATE"))

    url = sent(api, [row])
    assert work() == []

    imported = api.get(f"{CUSTOMERS}/ROW/ref").json
    assert imported.keys() - created.keys() == {"alternateCustomerRef"}
    for name in ("attributeGroups", "dob", "customer_state", "accepts_marketing", "totalOrders"):
        assert imported[name] == created[name]
    assert imported["optin_preferences"]["email"]["opt_in_active"] is True
    assert imported["addresses"][0]["addressID"]
    assert imported["createdDate"] == api.get(url).json["createdDate"]
    assert api.get(f"{CUSTOMERS}/ROW/ref").headers["etag"] == '"1"'
    assert api.get(f"{CUSTOMERS}/ALT/alternateCustomerRef").json == imported


def test_rows_that_are_taken_fail_alone(api: Api, small_chunks: None) -> None:
    api.create(email=TAKEN, customerRef="TAKEN")
    rows = some_rows()

    url = sent(api, rows)
    assert work() == []

    assert [error["row"] for error in api.get(url).json["errors"]] == [1, 4, 6]
    assert_each_row_is_created_or_reported(api, url, rows)


def test_where_nothing_is_taken_a_call_writes_32_rows(api: Api, dynamo_calls: list[str]) -> None:
    sent(api, [{"email": new_email(), "customerRef": new_email()} for _ in range(192)])
    dynamo_calls.clear()

    assert work() == []

    assert dynamo_calls == ["transact_write_items"] * 6


def test_a_worker_asks_who_has_values_where_some_were_taken_of_late_and_not_for_long(
    api: Api, dynamo_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create(email=TAKEN)
    monkeypatch.setattr(chunking, "MAX_CHUNK_ROWS", 2)
    taken = [{"email": TAKEN, "customerRef": "R"}, {"email": new_email()}]
    free = [{"email": new_email()} for _ in range(18)]
    asked, written = "batch_get_item", "transact_write_items"

    def calls_for(rows: list[dict[str, Any]]) -> list[str]:
        sent(api, rows)
        dynamo_calls.clear()
        assert work() == []
        return list(dynamo_calls)

    assert calls_for(taken) == [written, asked, written]
    assert calls_for(taken) == [asked, written]
    assert calls_for(free) == [*[asked, written] * 8, written]


@pytest.mark.parametrize(("with_reference", "without", "transactions"), [(31, 2, 1), (32, 1, 2)])
def test_a_transaction_has_a_hundred_writes_and_no_more(
    api: Api,
    dynamo_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    with_reference: int,
    without: int,
    transactions: int,
) -> None:
    """Three and two of a row, and what completes a chunk: its progress, its counts, its errors."""
    monkeypatch.setattr(importer, "TAKEN_OF_LATE", Unchanging([True]))
    api.create(email=TAKEN)
    rows = [{"email": TAKEN}, *({"email": new_email()} for _ in range(without))]
    sent(api, rows + [{"email": new_email(), "customerRef": new_email()} for _ in range(with_reference)])
    dynamo_calls.clear()

    assert work() == []

    assert dynamo_calls == ["batch_get_item", *["transact_write_items"] * transactions]


def test_what_became_of_a_chunk_is_told_the_first_time_and_again(api: Api) -> None:
    api.create(email=TAKEN)
    rows = [Row(number, {"email": email}) for number, email in enumerate((TAKEN, "free@example.com"), 5)]
    chunk = Chunk("demo", str(uuid.uuid4()), "2026-01-01T00:00:00.000Z", 5, rows)

    first = importer.import_chunk(chunk, now="2026-01-01T00:00:00.000Z")

    assert first.verdicts == ("failed", "created")
    assert [(error["row"], error["code"]) for error in first.errors] == [(5, "duplicate_value")]
    assert importer.import_chunk(chunk, now="2026-01-02T00:00:00.000Z") == first


def test_a_worker_waits_only_where_asking_once_was_not_enough(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real = dynamo.transact

    def transact(writes: Any) -> None:
        done.append("write")
        if done.count("write") < 4:
            # Of the first customer, behind the chunk's progress and counts.
            raise TransactionFailedError({2: None})
        real(writes)

    monkeypatch.setattr("time.sleep", lambda _: done.append("wait"))
    monkeypatch.setattr(dynamo, "transact", transact)
    sent(api, [{"email": new_email()}])

    assert work() == []

    assert done == ["write", "write", "wait", "write", "wait", "write"]


def test_rows_that_never_go_in_come_again_later(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = [0]

    def transact(_writes: Any) -> None:
        tried[0] += 1
        assert tried[0] <= ATTEMPTS, "it goes on and on"
        raise TransactionFailedError({2: None})

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(dynamo, "transact", transact)
    sent(api, [{"email": new_email()}])

    assert len(work()) == 1

    assert tried == [ATTEMPTS]


def test_what_comes_again_is_read_before_anything_is_written(api: Api, dynamo_calls: list[str]) -> None:
    sent(api, [{"email": new_email()}])
    ((record,),) = [messages_in("imports")]
    record["attributes"]["ApproximateReceiveCount"] = "2"
    dynamo_calls.clear()

    import_rows.handler({"Records": [record]}, None)
    import_rows.handler({"Records": [record]}, None)

    assert dynamo_calls == ["get_item", "transact_write_items", "get_item"]


def test_every_message_may_come_again(api: Api, small_chunks: None) -> None:
    api.create(email=TAKEN, customerRef="TAKEN")
    rows = some_rows()
    url = sent(api, rows)
    event = {"Records": messages_in("imports")}

    import_rows.handler(event, None)
    first = api.get(url).text
    import_rows.handler(event, None)

    assert api.get(url).text == first
    assert_each_row_is_created_or_reported(api, url, rows)


def test_a_message_that_comes_again_does_not_create_what_it_reported_as_failed(api: Api) -> None:
    owner = api.create(email=TAKEN)
    rows = [{"email": TAKEN, "customerRef": "R"}]
    url = sent(api, rows)
    event = {"Records": messages_in("imports")}
    import_rows.handler(event, None)

    api.delete(f"{CUSTOMERS}/{owner['id']}")
    import_rows.handler(event, None)

    assert_each_row_is_created_or_reported(api, url, rows)
    assert api.get(url).json["failed"] == 1


def test_a_customer_deleted_before_its_message_comes_again_stays_deleted_and_counted(api: Api) -> None:
    url = sent(api, [{"email": new_email(), "customerRef": "R"}])
    event = {"Records": messages_in("imports")}
    killed_after_its_first_write(lambda: import_rows.handler(event, None))
    assert api.delete(f"{CUSTOMERS}?customerRef=R").status == 204

    assert import_rows.handler(event, None) == {"batchItemFailures": []}

    assert api.get(f"{CUSTOMERS}/R/ref").status == 404
    assert api.get(url).json["created"] == 1


def killed_after_its_first_write(action: Callable[[], object]) -> None:
    def killed(operation: str, **arguments: Any) -> Any:
        answer = REAL(operation, **arguments)
        if operation == "transact_write_items":
            raise KilledError
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamo, "call", killed)
        with pytest.raises(KilledError):
            action()


REAL = dynamo.call


def faults(kind: str, failing: int) -> Callable[..., Any]:
    """A stand-in for `dynamo.call` that fails at one call, before it or after it was carried out."""
    counter = itertools.count(1)

    def call(operation: str, **arguments: Any) -> Any:
        number = next(counter)
        if number != failing:
            return REAL(operation, **arguments)
        if kind == "killed before":
            raise KilledError
        if kind == "throttled":
            raise UnavailableError
        REAL(operation, **arguments)
        if kind == "answer lost":
            raise UnavailableError
        raise KilledError

    call.reached = lambda: next(counter) > failing  # type: ignore[attr-defined]
    return call


@pytest.mark.parametrize("kind", ["killed before", "killed after", "answer lost", "throttled"])
def test_a_fault_at_any_call_leaves_nothing_lost_and_nothing_counted_twice(
    api: Api, small_chunks: None, worker: None, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    api.create(email=TAKEN, customerRef="TAKEN")
    for failing in itertools.count(1):
        rows = some_rows(f"-{failing}")
        url = sent(api, rows)
        call = faults(kind, failing)
        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", call)
            try:
                came_again = bool(work())
            except KilledError:
                came_again = True
        if not call.reached():  # type: ignore[attr-defined]
            break
        assert came_again or api.get(url).json["status"] == "completed"

        assert work() == []

        assert_each_row_is_created_or_reported(api, url, rows)
        assert messages_in("imports") == []
    assert failing > 4


def test_a_second_worker_before_any_call_of_the_first_changes_nothing(
    api: Api, small_chunks: None, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = api.create(email=TAKEN, customerRef="TAKEN")
    for before in itertools.count(1):
        rows = some_rows(f"-{before}")
        url = sent(api, rows)
        event = {"Records": messages_in("imports")}
        calls: list[str] = []

        def call(operation: str, calls: list[str] = calls, **arguments: Any) -> Any:
            calls.append(operation)
            if len(calls) == before:  # noqa: B023  the loop waits for the call
                with monkeypatch.context() as alone:
                    alone.setattr(dynamo, "call", REAL)
                    assert import_rows.handler(event, None) == {"batchItemFailures": []}  # noqa: B023
            return REAL(operation, **arguments)

        with monkeypatch.context() as patch:
            patch.setattr(dynamo, "call", call)
            assert import_rows.handler(event, None) == {"batchItemFailures": []}

        assert work() == []
        assert_each_row_is_created_or_reported(api, url, rows)
        assert [error["row"] for error in api.get(url).json["errors"]] == [1, 4, 6]
        if len(calls) < before:
            break
    assert before > 4
    assert api.customer(owner["id"]) == owner


def test_two_workers_at_one_message_agree_even_when_a_value_comes_free_between_them(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first finds the email taken; before it can say so, the second finds it free and creates the row."""
    owner = api.create(email=TAKEN)
    rows = [{"email": TAKEN, "customerRef": "R0"}, {"email": new_email(), "customerRef": "R1"}]
    url = sent(api, rows)
    event = {"Records": messages_in("imports")}
    overtaken: list[bool] = []

    def call(operation: str, **arguments: Any) -> Any:
        writing_result = operation == "transact_write_items" and "Put" in arguments["TransactItems"][0]
        if writing_result and not overtaken:
            overtaken.append(True)
            api.delete(f"{CUSTOMERS}/{owner['id']}")
            killed_after_its_first_write(lambda: import_rows.handler(event, None))
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", call)
        import_rows.handler(event, None)

    assert overtaken
    assert_each_row_is_created_or_reported(api, url, rows)
    assert api.get(url).json["created"] == 2


def test_a_worker_that_is_overtaken_by_another_ones_result_creates_nothing_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = api.create(email=TAKEN)
    rows = [{"email": TAKEN, "customerRef": "R0"}]
    url = sent(api, rows)
    event = {"Records": messages_in("imports")}
    overtaken: list[bool] = []

    def call(operation: str, **arguments: Any) -> Any:
        if operation == "transact_write_items" and not overtaken:
            overtaken.append(True)
            import_rows.handler(event, None)
            api.delete(f"{CUSTOMERS}/{owner['id']}")
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", call)
        assert import_rows.handler(event, None) == {"batchItemFailures": []}

    assert_each_row_is_created_or_reported(api, url, rows)
    assert api.get(url).json["failed"] == 1


def test_others_at_the_same_values_are_waited_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    url = sent(api, [{"email": new_email(), "customerRef": "R"}])
    contended = itertools.chain([True, True, False], itertools.repeat(False))

    def call(operation: str, **arguments: Any) -> Any:
        if operation == "transact_write_items" and next(contended):
            raise ContendedError
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", call)
        assert work() == []

    assert api.get(url).json["created"] == 1


@pytest.mark.parametrize("error", [UnavailableError(), ContendedError()])
def test_while_the_tables_are_busy_the_message_stays_in_the_queue(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    rows = [{"email": new_email(), "customerRef": "R"}]
    url = sent(api, rows)

    def busy(operation: str, **arguments: Any) -> Any:
        if operation == "transact_write_items":
            raise error
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", busy)
        for _ in range(3):
            assert len(work()) == 1
    assert (api.get(url).json["status"], api.get(url).json["failed"]) == ("accepted", 0)

    assert work() == []
    assert_each_row_is_created_or_reported(api, url, rows)


def test_a_message_that_keeps_failing_waits_with_the_dead_letters_and_a_redrive_completes_it(
    api: Api, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    rows = [{"email": new_email(), "customerRef": f"R{number}"} for number in range(4)]
    url = sent(api, rows)
    first_chunk = messages_in("imports")[0]["body"]

    def broken(operation: str, **arguments: Any) -> Any:
        if operation == "transact_write_items" and "R0" in str(arguments):
            raise UnavailableError
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", broken)
        while messages_in("imports"):
            work()
    assert (api.get(url).json["status"], api.get(url).json["created"]) == ("processing", 1)
    (dead,) = messages_in("imports_dead_letters")
    assert dead["body"] == first_chunk

    redrive("imports_dead_letters", "imports")
    assert work() == []

    assert_each_row_is_created_or_reported(api, url, rows)


def redrive(dead_letters: str, queue: str) -> None:
    """What SQS's StartMessageMoveTask does."""
    sqs = client("sqs")
    for record in messages_in(dead_letters):
        url = sqs.get_queue_url(QueueName=dead_letters)["QueueUrl"]
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=record["body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])


def test_a_message_that_is_no_chunk_fails_alone(api: Api) -> None:
    url = sent(api, [{"email": new_email(), "customerRef": "R"}])
    (good,) = messages_in("imports")
    records = [good | {"messageId": f"bad{number}", "body": body} for number, body in enumerate(["{", "{}"])]

    answer = import_rows.handler({"Records": [*records, good]}, None)

    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert failed == ["bad0", "bad1"]
    assert api.get(url).json["status"] == "completed"


def test_a_condition_that_fails_for_nothing_that_stands_there_is_not_taken_for_success(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sent(api, [{"email": new_email(), "customerRef": f"R{number}"} for number in range(2)])
    answers = itertools.chain([TransactionFailedError({2: None})], itertools.repeat(None))

    def call(operation: str, **arguments: Any) -> Any:
        if operation == "transact_write_items" and (error := next(answers)):
            raise error
        return REAL(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(dynamo, "call", call)
        assert work() == []

    assert api.get(url).json["created"] == 2
    assert [api.get(f"{CUSTOMERS}/R{number}/ref").status for number in range(2)] == [200, 200]


def test_nothing_personal_is_logged(api: Api, log: io.StringIO) -> None:
    api.create(email=TAKEN)
    sent(api, [{"email": "private@example.com", "firstName": "Private"}, {"email": TAKEN}])
    (good,) = messages_in("imports")
    bad = good | {"body": '{"rows": "private@example.com"}'}

    import_rows.handler({"Records": [good, bad]}, None)

    assert "private" not in log.getvalue().lower()
    assert TAKEN not in log.getvalue()
    assert {"batch", "message failed"} <= {
        json.loads(line)["message"] for line in log.getvalue().splitlines()
    }


def test_an_upload_and_its_results_end_after_ninety_days(api: Api) -> None:
    created = api.post(UPLOADS, json_body=[{"email": new_email()}]).json["createdDate"]
    deliver("imports", import_rows.handler)

    items = client("dynamodb").scan(TableName="uploads")["Items"]
    end = int(datetime.fromisoformat(created).timestamp()) + 90 * 86_400
    assert {item["part"]["S"].partition("#")[0] for item in items} == {"upload", "progress"}
    assert {int(item["expiresAt"]["N"]) for item in items} == {end}


def test_where_capacity_is_short_transactions_shrink_until_they_go_through(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = api.post(UPLOADS, json_body=[{"email": new_email(), "customerRef": f"S{n}"} for n in range(8)])
    sizes: list[int] = []
    real = dynamo.transact

    def throttled(writes: Any) -> None:
        sizes.append(len(writes))
        if len(writes) > 8:
            raise UnavailableError
        real(writes)

    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr(dynamo, "transact", throttled)
    assert deliver("imports", import_rows.handler) == []

    # Who made the call has waited for capacity before it gave up.
    assert waits == []
    assert api.get(f"{UPLOADS}/{upload.json['uploadId']}").json["created"] == 8
    # Eight customers of three writes each, and the chunk's own; then half of them, then half of those.
    assert sizes == [26, 13, 7, 7, 7, 8]


@pytest.mark.parametrize(("mode", "sizes"), [("create", [6, 3, 3]), ("update", [3, 3])])
def test_an_import_that_no_capacity_is_left_for_comes_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, mode: str, sizes: list[int]
) -> None:
    """When not even the writes of one row go through; a chunk's counts are written with its last."""
    for ref in "AB":
        api.create(customerRef=ref)
    rows = {
        "create": [{"email": new_email()}, {"email": new_email()}],
        "update": [{"customerRef": "A", "firstName": "Ann"}],
    }[mode]
    api.post(f"{UPLOADS}?mode={mode}", json_body=rows)
    tried: list[int] = []

    def refused(writes: Any) -> None:
        tried.append(len(writes))
        assert len(tried) <= len(sizes), "it goes on and on"
        raise UnavailableError

    monkeypatch.setattr(dynamo, "transact", refused)
    assert len(deliver("imports", import_rows.handler)) == 1
    assert tried == sizes

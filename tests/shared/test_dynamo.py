"""DynamoDB's answers, and what becomes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.stub import ANY, Stubber

from functions.shared import dynamo, retry
from functions.shared.dynamo import ConditionFailedError, ContendedError, TransactionFailedError, Write
from functions.shared.errors import ConflictError, UnavailableError

WRITE, OTHER = (Write("Put", "claims", {"claimKey": key}, "attribute_not_exists(claimKey)") for key in "ko")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(dynamo.client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_failed_condition_shows_what_stood_there(stub: Stubber) -> None:
    for item, expected in (({"claimKey": {"S": "k"}}, {"claimKey": "k"}), (None, None)):
        stub.add_client_error(
            "put_item", "ConditionalCheckFailedException", modeled_fields={"Item": item} if item else {}
        )

        with pytest.raises(ConditionFailedError) as raised:
            dynamo.write(WRITE)

        assert raised.value.item == expected


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        (["None", "ConditionalCheckFailed"], TransactionFailedError),
        (["TransactionConflict", "ConditionalCheckFailed"], ContendedError),
        (["TransactionConflict", "None"], ContendedError),
        (["ValidationError", "None"], ClientError),
    ],
)
def test_a_cancelled_transaction_says_why(stub: Stubber, codes: list[str], error: type[Exception]) -> None:
    reasons = [{"Code": code} for code in codes]
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": reasons},
    )

    with pytest.raises(error) as raised:
        dynamo.transact([WRITE, OTHER])

    if isinstance(raised.value, TransactionFailedError):
        assert raised.value.failed == {1: None}


def cancelled(stub: Stubber, code: str) -> None:
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code}, {"Code": "None"}]},
    )


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_tried_again_which_botocore_does_not(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    cancelled(stub, code)
    cancelled(stub, code)
    stub.add_response("transact_write_items", {})

    dynamo.transact([WRITE, OTHER])

    assert len(waited) == 2


def test_a_transaction_that_stays_throttled_is_unavailable(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for _ in range(retry.ATTEMPTS):
        cancelled(stub, "ThrottlingError")

    with pytest.raises(UnavailableError):
        dynamo.transact([WRITE, OTHER])


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ProvisionedThroughputExceededException", 400, UnavailableError),
        ("ThrottlingException", 400, UnavailableError),
        ("RequestLimitExceeded", 400, UnavailableError),
        ("InternalServerError", 500, UnavailableError),
        ("SomethingNew", 503, UnavailableError),
        ("TransactionConflictException", 400, ContendedError),
        ("AccessDeniedException", 400, ClientError),
        ("ValidationException", 400, ClientError),
    ],
)
def test_an_error_is_translated_by_its_code(
    stub: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    stub.add_client_error("put_item", code, http_status_code=status)

    with pytest.raises(error):
        dynamo.write(WRITE)


NO_ANSWERS = [
    ReadTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
    ConnectionClosedError(endpoint_url="x"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ResponseParserError("half of an answer"),
]


@pytest.mark.parametrize("error", NO_ANSWERS, ids=lambda error: type(error).__name__)
def test_no_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def silent(**_: Any) -> None:
        raise error

    monkeypatch.setattr(dynamo.client, "put_item", silent, raising=False)

    with pytest.raises(UnavailableError):
        dynamo.write(WRITE)


def test_what_others_are_in_the_way_of_is_tried_again_after_a_pause_and_given_up_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    outcomes = iter([False, False, True])

    def work() -> str:
        if next(outcomes, False):
            return "done"
        raise ContendedError

    assert dynamo.uncontended(work) == "done"
    assert len(waited) == 2
    with pytest.raises(ConflictError) as raised:
        dynamo.uncontended(work)
    assert type(raised.value) is ConflictError
    assert len(waited) == 2 + retry.ATTEMPTS


def test_every_read_sees_what_was_written_before(stub: Stubber) -> None:
    key = {"claimKey": {"S": "k"}}
    stub.add_response("get_item", {}, {"TableName": "claims", "Key": key, "ConsistentRead": True})
    together = {"claims": {"Keys": [key], "ConsistentRead": True}}
    stub.add_response("batch_get_item", {"Responses": {}}, {"RequestItems": together})
    stub.add_response(
        "query",
        {"Items": []},
        {
            "TableName": "claims",
            "ConsistentRead": True,
            "KeyConditionExpression": "claimKey = :partition",
            "ExpressionAttributeValues": {":partition": {"S": "k"}},
        },
    )

    assert dynamo.get("claims", {"claimKey": "k"}) is None
    assert dynamo.batch_get([("claims", {"claimKey": "k"})]) == [None]
    assert list(dynamo.partition("claims", {"claimKey": "k"})) == [[]]


def test_as_many_keys_as_one_call_takes_are_read_by_one(aws: None) -> None:
    keys = [("claims", {"claimKey": str(number)}) for number in range(dynamo.BATCH_GET_LIMIT)]

    assert dynamo.batch_get(keys) == [None] * len(keys)


def test_keys_left_unread_are_asked_for_again_and_the_order_is_kept(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    keys = [{"claimKey": {"S": name}} for name in "abc"]
    stub.add_response(
        "batch_get_item",
        {"Responses": {"claims": [keys[2]]}, "UnprocessedKeys": {"claims": {"Keys": [keys[0]]}}},
    )
    stub.add_response(
        "batch_get_item",
        {"Responses": {"claims": [keys[0]]}},
        {"RequestItems": {"claims": {"Keys": [keys[0]]}}},
    )

    found = dynamo.batch_get([("claims", {"claimKey": name}) for name in "abca"])

    assert found == [{"claimKey": "a"}, None, {"claimKey": "c"}, {"claimKey": "a"}]
    assert len(waited) == 1


def test_keys_that_stay_unread_are_unavailable(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    unread = {"claims": {"Keys": [{"claimKey": {"S": "a"}}]}}
    for _ in range(retry.ATTEMPTS):
        stub.add_response(
            "batch_get_item", {"Responses": {}, "UnprocessedKeys": unread}, {"RequestItems": ANY}
        )

    with pytest.raises(UnavailableError):
        dynamo.batch_get([("claims", {"claimKey": "a"})])


def test_items_left_undeleted_are_sent_again_in_batches_of_25(
    stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    deletes = [{"DeleteRequest": {"Key": {"claimKey": {"S": str(number)}}}} for number in range(27)]
    for sent, left in ((deletes[:25], deletes[3:5]), (deletes[3:5], []), (deletes[25:], [])):
        stub.add_response(
            "batch_write_item",
            {"UnprocessedItems": {"claims": left} if left else {}},
            {"RequestItems": {"claims": sent}},
        )

    dynamo.batch_delete("claims", [{"claimKey": str(number)} for number in range(27)])

    assert len(waited) == 1


def test_items_that_stay_undeleted_are_unavailable(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    left = {"claims": [{"DeleteRequest": {"Key": {"claimKey": {"S": "a"}}}}]}
    for _ in range(retry.ATTEMPTS):
        stub.add_response("batch_write_item", {"UnprocessedItems": left}, {"RequestItems": ANY})

    with pytest.raises(UnavailableError):
        dynamo.batch_delete("claims", [{"claimKey": "a"}])


def test_no_keys_are_no_call(stub: Stubber) -> None:
    dynamo.batch_delete("claims", [])

"""The models that ship make the same requests of the same calls, and read the same in the same answers."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.item import marshal
from infra.asset.trimming import OPERATIONS, Model, only

DATA = Path(botocore.__file__).parent / "data"


def model_of(service: str) -> Model:
    file = max((DATA / service).glob("*/service-2.json.gz"))
    model: Model = json.loads(gzip.decompress(file.read_bytes()))
    return model


def shipped(service: str) -> ServiceModel:
    return ServiceModel(only(model_of(service), OPERATIONS[service]))


WHOLE, SHIPPED = ServiceModel(model_of("dynamodb")), shipped("dynamodb")

values: st.SearchStrategy[Any] = st.recursive(
    st.text() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)
items = st.dictionaries(st.text(min_size=1), values, max_size=4).map(marshal)


def asked(service: ServiceModel, operation: str, arguments: dict[str, Any]) -> Any:
    return create_serializer("json", False).serialize_to_request(
        arguments, service.operation_model(operation)
    )


def read(service: ServiceModel, operation: str, status: int, answer: dict[str, Any]) -> Any:
    response = {"body": json.dumps(answer).encode(), "headers": {}, "status_code": status}
    parser: Any = create_parser("json")
    told = parser.parse(response, service.operation_model(operation).output_shape)
    if status < 300:
        return told
    return told | parser.parse(response, service.shape_for_error_code(told["Error"]["Code"]))


@given(items, items)
def test_a_transaction_is_asked_for_with_the_same_bytes(item: Any, values: Any) -> None:
    put = {"TableName": "t", "Item": item, "ConditionExpression": "a", "ExpressionAttributeValues": values}
    arguments = {"TransactItems": [{"Put": put}, {"Delete": {"TableName": "t", "Key": item}}]}

    assert asked(SHIPPED, "TransactWriteItems", arguments) == asked(WHOLE, "TransactWriteItems", arguments)


@given(st.lists(items, max_size=3), items)
def test_a_page_reads_the_same(found: Any, last: Any) -> None:
    answer = {"Items": found, "Count": len(found), "LastEvaluatedKey": last, "New": 1}

    assert read(SHIPPED, "Query", 200, answer) == read(WHOLE, "Query", 200, answer)


@given(items)
def test_why_a_transaction_failed_reads_the_same(item: Any) -> None:
    answer = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": item}],
    }

    assert read(SHIPPED, "TransactWriteItems", 400, answer) == read(WHOLE, "TransactWriteItems", 400, answer)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("events", "PutEvents", {"Entries": [{"Time": datetime(2026, 11, 27, tzinfo=UTC)}]}),
        (
            "sqs",
            "SendMessageBatch",
            {"Entries": [{"Id": "1", "MessageAttributes": {"a": {"BinaryValue": b"\x00"}}}]},
        ),
    ],
)
def test_what_botocore_has_in_another_form_is_still_translated(
    service: str, operation: str, arguments: dict[str, Any]
) -> None:
    whole = ServiceModel(model_of(service))

    assert asked(shipped(service), operation, arguments) == asked(whole, operation, arguments)

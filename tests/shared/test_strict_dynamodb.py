"""The layer under moto refuses what DynamoDB refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.shared import dynamo
from functions.shared.dynamo import Write
from functions.shared.item import marshal

CLAIM = {"claimKey": "k"}


def refused(operation: str, **arguments: Any) -> bool:
    try:
        dynamo.call(operation, **arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] == "ValidationException"
    return False


def query(**more: Any) -> dict[str, Any]:
    return {
        "TableName": "customers",
        "IndexName": "mobile",
        "KeyConditionExpression": "tenantId = :t AND mobileKey = :m",
        "ExpressionAttributeValues": marshal({":t": "demo", ":m": "04"}),
        **more,
    }


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_item", {"TableName": "claims", "Key": marshal({"claimKey": "x" * 2049})}),
        ("get_item", {"TableName": "claims", "Key": marshal({"claimKey": ""})}),
        ("get_item", {"TableName": "claims", "Key": marshal({"wrong": "x"})}),
        ("put_item", {"TableName": "claims", "Item": marshal(CLAIM | {"a": "x" * 410_000})}),
        ("put_item", {"TableName": "claims", "Item": marshal(CLAIM), "ConditionExpression": ""}),
        ("put_item", {"TableName": "claims", "Item": marshal(CLAIM), "ExpressionAttributeValues": {}}),
        (
            "put_item",
            {"TableName": "customers", "Item": marshal({"customerKey": "k", "mobileKey": "x" * 2049})},
        ),
        (
            "put_item",
            {
                "TableName": "customers",
                "Item": marshal({"customerKey": "k", "lastNameKey": "x" * 1024, "firstNameKey": "x" * 1025}),
            },
        ),
        ("batch_get_item", {"RequestItems": {"claims": {"Keys": [marshal({"claimKey": "x" * 2049})]}}}),
        (
            "batch_write_item",
            {"RequestItems": {"claims": [{"DeleteRequest": {"Key": marshal(CLAIM | {"customerId": "c"})}}]}},
        ),
        ("query", query(ExpressionAttributeValues=marshal({":t": "demo", ":m": "x" * 2049}))),
        ("query", query(ExpressionAttributeValues=marshal({":t": "demo", ":m": "04", ":unused": "x"}))),
        (
            "query",
            query(ExclusiveStartKey=marshal({"tenantId": "demo", "mobileKey": "04", "customerKey": "k"})),
        ),
        ("query", query(ConsistentRead=True)),
        ("transact_write_items", {"TransactItems": [{"Put": Write("Put", "claims", CLAIM).arguments()}] * 2}),
    ],
)
def test_what_dynamodb_refuses_is_refused(aws: None, operation: str, arguments: dict[str, Any]) -> None:
    assert refused(operation, **arguments)


def test_what_it_takes_is_taken(aws: None) -> None:
    start = {"tenantId": "demo", "mobileKey": "04", "customerKey": "k", "id": "i"}

    assert not refused("query", **query(ExclusiveStartKey=marshal(start)))
    assert not refused("put_item", TableName="claims", Item=marshal(CLAIM))

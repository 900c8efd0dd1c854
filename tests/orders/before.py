"""Customers as they were before anything was kept beside their orders, or as a restore may leave them."""

import random

from tests.clients import client
from tests.orders.kept import stored


def forget_what_is_kept(customer_id: str, chance: random.Random | None = None) -> None:
    """Leave a customer's orders and figures; take away what is kept beside them, or with `chance` some of it.

    With `chance`, something is there that should not be. As who wrote figures then, it knows nothing of
    `countedRevision`.
    """
    dynamodb = client("dynamodb")
    partition = f"demo#{customer_id}#figures"
    for item in stored("orders"):
        if item["customerKey"] == partition and not (chance and chance.random() < 0.5):
            key = {name: {"S": item[name]} for name in ("customerKey", "orderRef")}
            dynamodb.delete_item(TableName="orders", Key=key)
    if chance:
        for stale in ("counted#AUD#2001-01-01T00:00:00.000Z#O1", "currency#XXX"):
            dynamodb.put_item(
                TableName="orders", Item={"customerKey": {"S": partition}, "orderRef": {"S": stale}}
            )
    dynamodb.update_item(
        TableName="customers",
        Key={"customerKey": {"S": f"demo#{customer_id}"}},
        UpdateExpression="SET figuresRevision = if_not_exists(figuresRevision, :none) + :one",
        ExpressionAttributeValues={":none": {"N": "0"}, ":one": {"N": "1"}},
    )

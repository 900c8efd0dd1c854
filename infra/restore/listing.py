"""Customers that were stored before there was a listing get their place in its index.

That is one attribute, `bucket`. It makes no new version and no event, and can be stopped anywhere and
repeated.
"""

from functools import partial

from functions.customers.item import LIVE, bucket_of
from functions.shared.item import Item
from infra.restore.rows import Tables, each

UNLISTED = f"{LIVE} AND attribute_not_exists(#bucket)"


def reindex(tables: Tables) -> int:
    """Give every customer its bucket; how many had none.

    Functions write while it runs: a customer that is deleted meanwhile stays deleted.
    """
    unlisted = tables.all(
        "customers",
        FilterExpression=UNLISTED,
        ProjectionExpression="customerKey, id",
        ExpressionAttributeNames={"#bucket": "bucket"},
    )
    return sum(each(unlisted, partial(_list, tables)))


def _list(tables: Tables, item: Item) -> bool:
    return tables.write_where(
        "customers",
        {"customerKey": item["customerKey"]},
        UNLISTED,
        UpdateExpression="SET #bucket = :bucket",
        ExpressionAttributeNames={"#bucket": "bucket"},
        ExpressionAttributeValues={":bucket": bucket_of(item["id"])},
    )

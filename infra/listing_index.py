"""Customers that were stored before there was a listing get their place in its index.

That is one attribute, `bucket`. It makes no new version and no event, and can be stopped anywhere and
repeated.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from functions.customers.item import LIVE, bucket_of
from functions.shared.item import Item

THREADS = 10
"""As many as a botocore client keeps connections."""

AT_ONCE = 1000
"""Customers that wait for a thread; a table of any size fits into memory so."""

UNLISTED = f"{LIVE} AND attribute_not_exists(#bucket)"


def reindex(table: Any) -> int:
    """Give every customer of `table`, a boto3 table of customers, its bucket; how many had none.

    Functions write while it runs: a customer that is deleted meanwhile stays deleted.
    """
    waiting, done = _unlisted(table), 0
    with ThreadPoolExecutor(THREADS) as pool:
        while some := list(islice(waiting, AT_ONCE)):
            done += sum(pool.map(lambda item: _list(table, item), some))
    return done


def _unlisted(table: Any) -> Iterator[Item]:
    arguments: dict[str, Any] = {
        "FilterExpression": UNLISTED,
        "ProjectionExpression": "customerKey, id",
        "ExpressionAttributeNames": {"#bucket": "bucket"},
    }
    while True:
        page = table.scan(**arguments)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _list(table: Any, item: Item) -> bool:
    try:
        table.update_item(
            Key={"customerKey": item["customerKey"]},
            UpdateExpression="SET #bucket = :bucket",
            ConditionExpression=UNLISTED,
            ExpressionAttributeNames={"#bucket": "bucket"},
            ExpressionAttributeValues={":bucket": bucket_of(item["id"])},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True

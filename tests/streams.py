"""The customers table's stream in moto, as Lambda hands it to a worker."""

from typing import Any

from infra.tables import CUSTOMERS
from tests.clients import client


def records(iterator: str | None = None) -> list[dict[str, Any]]:
    """Every record so far, or since an `iterator` was made, oldest first."""
    return [
        dict(record)
        for record in client("dynamodbstreams").get_records(
            ShardIterator=iterator or iterator_at("TRIM_HORIZON")
        )["Records"]
    ]


def iterator_at(place: str = "LATEST") -> str:
    """A place in the stream: its end as it is now, or its begin."""
    streams = client("dynamodbstreams")
    arn = client("dynamodb").describe_table(TableName=CUSTOMERS.name)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator: str = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=place
    )["ShardIterator"]
    return iterator

"""The customers table's stream in moto, as Lambda hands it to a worker."""

from typing import Any

from infra.tables import CUSTOMERS
from tests.clients import client


def records() -> list[dict[str, Any]]:
    """Every record so far, oldest first."""
    streams = client("dynamodbstreams")
    arn = client("dynamodb").describe_table(TableName=CUSTOMERS.name)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found: list[dict[str, Any]] = [
        dict(record) for record in streams.get_records(ShardIterator=iterator)["Records"]
    ]
    return found

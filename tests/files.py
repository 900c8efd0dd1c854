"""The service's bucket of files in moto."""

import gzip
import json
from typing import Any

from tests.clients import client

BUCKET = "files"


def create_bucket() -> None:
    """Create the bucket."""
    client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"}
    )


def keys() -> set[str]:
    """The keys of all files."""
    return {one["Key"] for one in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def content(key: str) -> bytes:
    """A file as it lies there."""
    found: bytes = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return found


def lines(compressed: bytes) -> list[Any]:
    """What the lines of a compressed file of JSON say."""
    return [json.loads(line) for line in gzip.decompress(compressed).decode().splitlines()]

"""The bucket of files in moto, and what S3 tells of a file that has come."""

import gzip
import json
import os
from typing import Any
from urllib.parse import unquote, urlsplit

from infra.queues import IMPORTS
from tests.clients import client

BUCKET = os.environ["FILES_BUCKET"]


def create_bucket() -> None:
    """Create the bucket of files."""
    region = {"LocationConstraint": os.environ["AWS_DEFAULT_REGION"]}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)


def put_file(key: str, content: bytes) -> None:
    """Let a file come, and S3 say so, as the rule of the data stack takes it to the queue."""
    etag = client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)["ETag"]
    tell_of(key, len(content), etag.strip('"'))


def tell_of(key: str, size: int, etag: str) -> None:
    """S3's news that a file has come (AWS: EventBridge, Object Created)."""
    event = {
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {
            "bucket": {"name": BUCKET},
            "object": {"key": key, "size": size, "etag": etag},
            "reason": "PostObject",
        },
    }
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=IMPORTS.name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))


def keys() -> set[str]:
    """The keys of all files."""
    return {one["Key"] for one in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def key_of(url: str) -> str:
    """The key of the file at a signed address."""
    return unquote(urlsplit(url).path).lstrip("/")


def content(key: str) -> bytes:
    """A file as it lies there."""
    found: bytes = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return found


def lines(compressed: bytes) -> list[Any]:
    """What the lines of a compressed file of JSON say."""
    return [json.loads(line) for line in gzip.decompress(compressed).decode().splitlines()]

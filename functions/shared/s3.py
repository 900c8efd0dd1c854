"""S3 as this service uses it: every call passes here, and what signs the addresses that callers get."""

from functools import lru_cache
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config

from functions.shared import aws
from functions.shared.settings import FILES_URL_FORMAT, files_bucket

_CONFIG = Config(
    # Megabytes go over the line, not items.
    read_timeout=20,
    signature_version="s3v4",
    s3={
        # The emulator's port has no name of its own for each bucket.
        "addressing_style": "path" if FILES_URL_FORMAT else "virtual",
        "us_east_1_regional_endpoint": "regional",
    },
)

client = aws.client("s3", config=_CONFIG)


def call(operation: str, key: str, **arguments: Any) -> dict[str, Any]:
    """One call of the client about the file `key`."""
    return aws.call(client, operation, Bucket=files_bucket(), Key=key, **arguments)


def signer(host: str) -> BaseClient:
    """A client that signs addresses for a caller whose request had this `host`; it is asked for nothing else.

    What it signs is good for no longer than the function's own credentials, some hours (AWS: presigned URLs).
    """
    return _signing(FILES_URL_FORMAT.format(host=host)) if FILES_URL_FORMAT else client


@lru_cache(maxsize=4)
def _signing(endpoint_url: str) -> BaseClient:
    return aws.client("s3", config=_CONFIG, endpoint_url=endpoint_url)

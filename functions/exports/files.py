"""The files of exports in their bucket."""

import base64
import hashlib
from dataclasses import dataclass

from functions.shared import s3

URL_SECONDS = 15 * 60
"""How long an address of a file is good."""


@dataclass(frozen=True)
class File:
    """A file in the bucket: its key, its size and its digest in hexadecimal digits."""

    key: str
    bytes: int
    sha256: str


def put(key: str, content: bytes) -> File:
    """Store a file; S3 checks that it is whole."""
    digest = hashlib.sha256(content)
    s3.call(
        "put_object",
        key,
        Body=content,
        ContentType="application/gzip",
        ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
    )
    return File(key, len(content), digest.hexdigest())


def delete(key: str) -> None:
    """Delete a file; one that is not there is no error."""
    s3.call("delete_object", key)


def address(key: str, name: str, host: str) -> str:
    """Where a caller who asked at `host` reads the file, for `URL_SECONDS`; it is saved as `name`."""
    saved_as = f'attachment; filename="{name}"'
    return s3.address("get_object", key, host, seconds=URL_SECONDS, ResponseContentDisposition=saved_as)

"""The bucket of files over HTTP: what a signed address is for is done in moto, which knows no signatures."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config

from functions.shared.settings import files_bucket
from tests.clients import client
from tests.files import content, put_file, tell_of


@cache
def signer(host: str) -> Any:
    """A client that signs addresses of the bucket at this host."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return _session().client("s3", endpoint_url=f"http://{host}", config=config)


@cache
def _session() -> boto3.Session:
    """One for all hosts: it keeps what it has read of botocore's data, which takes longer than a test."""
    return boto3.Session()


def file_answer(
    method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, Mapping[str, str], bytes]:
    """What S3 answers."""
    parts = urlsplit(target)
    key = unquote(parts.path).removeprefix(f"/{files_bucket()}").lstrip("/")
    if method == "POST":
        form = _form(headers["Content-Type"], body)
        put_file(form["key"].decode(), form["file"])
        return 204, {}, b""
    if method == "PUT":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        part = {"UploadId": query["uploadId"], "PartNumber": int(query["partNumber"])}
        made = client("s3").upload_part(Bucket=files_bucket(), Key=key, Body=body, **part)
        return 200, {"ETag": made["ETag"]}, b""
    return 200, {}, content(key)


def _form(content_type: str, body: bytes) -> dict[str, bytes]:
    message = message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=policy.HTTP
    )
    return {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True))
        for part in message.iter_parts()
    }


def tell_of_parts(key: str) -> None:
    """S3's news of a file that was put together of its parts."""
    head = client("s3").head_object(Bucket=files_bucket(), Key=key)
    tell_of(key, head["ContentLength"], head["ETag"].strip('"'))

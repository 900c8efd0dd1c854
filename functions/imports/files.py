"""The files of imports in S3: what comes, and what is told of its rows; each import has a folder."""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from functions.imports.progress import FOLDER, SENT_FILE, Import, part_sizes
from functions.shared import aws, s3
from functions.shared.errors import ConflictError, NotFoundError, UnavailableError
from functions.shared.settings import files_bucket

BLOCK_BYTES = 1024 * 1024

ADDRESS_SECONDS = 3600
"""How long an address for uploading is good; there are always fresh ones."""

RESULT_SECONDS = 900
"""How long the address of a result is good."""


class FileReplacedError(Exception):
    """The file is not the one that was divided, or gone."""


def file_key(tenant_id: str, import_id: str) -> str:
    """Where the file of an import comes to stand."""
    return f"{FOLDER}/{tenant_id}/{import_id}/{SENT_FILE}"


def named_in(key: str) -> tuple[str, str] | None:
    """The tenant and the import that a file's key names; None for the key of anything else."""
    match key.split("/"):
        case [folder, tenant_id, import_id, name] if folder == FOLDER and name == SENT_FILE:
            return tenant_id, import_id
    return None


def result_key(tenant_id: str, import_id: str, kind: str, number: int, suffix: str) -> str:
    """Where the `failed` rows or the `results` of a range are written."""
    return f"{FOLDER}/{tenant_id}/{import_id}/{kind}/{number:06d}.{suffix}"


def begin_parts(key: str) -> str:
    """Begin an upload in parts, and return S3's id of it."""
    return str(s3.call("create_multipart_upload", key, ContentType="application/octet-stream")["UploadId"])


def joined(key: str, upload_id: str, size: int) -> list[int]:
    """Make the file of its parts, where all have come whole; the numbers of those that have not.

    A file that was made of them before misses none. Raises NotFoundError where S3 has given the parts up, and
    ConflictError where one was sent again meanwhile.
    """
    try:
        wanted, tags = part_sizes(size), {}
        for part in _parts(key, upload_id):
            if wanted.get(part["PartNumber"]) == part["Size"]:
                tags[part["PartNumber"]] = part["ETag"]
        if missing := [number for number in wanted if number not in tags]:
            return missing
        parts = [{"PartNumber": number, "ETag": tags[number]} for number in sorted(tags)]
        s3.call("complete_multipart_upload", key, UploadId=upload_id, MultipartUpload={"Parts": parts})
    except ClientError as error:
        if _code(error) == "InvalidPart":
            raise ConflictError from error
        if _code(error) != "NoSuchUpload":
            raise
        # It is over: put together by now, by a request whose answer was lost perhaps, or given up.
        if not _is_there(key):
            raise NotFoundError("The upload has ended; announce the file again") from error
    return []


def upload_address(host: str, one: Import, key: str) -> dict[str, Any]:
    """A form by which the whole file may be sent, of exactly its size (AWS: browser-based uploads, POST)."""
    signer: Any = s3.signer(host)
    signed = signer.generate_presigned_post(
        Bucket=files_bucket(),
        Key=key,
        Conditions=[["content-length-range", one["size"], one["size"]]],
        ExpiresIn=ADDRESS_SECONDS,
    )
    return {"method": "POST", "url": signed["url"], "fields": signed["fields"]}


def part_addresses(host: str, one: Import, key: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Where each of these parts is to be put."""
    sizes = part_sizes(one["size"])
    return [
        {
            "part": number,
            "start": (number - 1) * sizes[1],
            "size": sizes[number],
            "url": s3.address(
                "upload_part",
                key,
                host,
                seconds=ADDRESS_SECONDS,
                UploadId=one["multipart"],
                PartNumber=number,
            ),
        }
        for number in numbers
    ]


def result_address(host: str, key: str) -> str:
    """Where a result can be read for a while."""
    return s3.address("get_object", key, host, seconds=RESULT_SECONDS)


def blocks(key: str, etag: str, start: int) -> Iterator[bytes]:
    """The bytes of a file from `start` on. Raises FileReplacedError, UnavailableError."""
    body = _opened(key, etag, f"bytes={start}-")
    if body is None:
        return
    try:
        while block := body.read(BLOCK_BYTES):
            yield block
    except aws.NO_ANSWER as error:
        raise UnavailableError from error
    finally:
        body.close()


def part_of(key: str, etag: str, start: int, end: int) -> bytes:
    """The bytes of a file from `start` up to `end`. Raises FileReplacedError, UnavailableError."""
    return b"".join(_whole(_opened(key, etag, f"bytes={start}-{end - 1}")))


def write(key: str, content: bytes, kind: str) -> None:
    """Write a file of ours."""
    s3.call("put_object", key, Body=content, ContentType=kind)


def _whole(body: Any) -> Iterator[bytes]:
    try:
        yield body.read()
    except aws.NO_ANSWER as error:
        raise UnavailableError from error


def _opened(key: str, etag: str, part: str) -> Any:
    try:
        return s3.call("get_object", key, Range=part, IfMatch=etag)["Body"]
    except ClientError as error:
        if _code(error) == "InvalidRange":
            return None
        if _code(error) in {"PreconditionFailed", "NoSuchKey", "412", "404"}:
            raise FileReplacedError from error
        raise


def _is_there(key: str) -> bool:
    try:
        s3.call("head_object", key)
    except ClientError as error:
        # 403 is what S3 says of a missing file to who may not list the bucket (AWS: HeadObject).
        if _code(error) in {"403", "404"}:
            return False
        raise
    return True


def _parts(key: str, upload_id: str) -> Iterator[dict[str, Any]]:
    marker = 0
    while True:
        page = s3.call("list_parts", key, UploadId=upload_id, PartNumberMarker=marker)
        yield from page.get("Parts", ())
        if not page.get("IsTruncated"):
            return
        marker = page["NextPartNumberMarker"]


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])

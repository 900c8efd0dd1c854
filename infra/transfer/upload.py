"""A file goes to S3: in one request, or in parts, of which those that are there are not sent again."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from functions.imports.progress import AWAITING_UPLOAD
from infra.transfer.blocks import BLOCK_BYTES, Advance
from infra.transfer.client import Client

MAX_RENEWALS = 3
"""How often in a row new addresses are asked for where S3 takes nothing at the old ones."""


class UploadRefusedError(Exception):
    """S3 does not take the file."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The file was not taken (HTTP {status})")


def upload(client: Client, one: Mapping[str, Any], path: Path, at: str, advance: Advance) -> None:
    """Send the file of an import, as the API's answer `one` says where; `at` is where it tells so again.

    Raises UploadRefusedError, ServiceError, ConnectionLostError; another call goes on from there.
    """
    sent = _Sent(advance)
    refused = 0
    while one["state"] == AWAITING_UPLOAD:
        asked = one["upload"]
        try:
            if asked["method"] == "POST":
                _send(client, sent, partial(_form, client, asked, path, sent))
                return
            sent.begin_at(one["size"] - sum(part["size"] for part in asked["parts"]))
            if not asked["parts"]:
                # All there; that it has come is not noticed yet.
                return
            for part in asked["parts"]:
                _send(client, sent, partial(_part, client, part, path, sent))
                refused = 0
        except UploadRefusedError:
            # Its address may have expired.
            refused += 1
            if refused > MAX_RENEWALS:
                raise
        one = client.post(at, {}, twice=True)


class _Sent:
    """How many bytes have been sent."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self.bytes = 0

    def begin_at(self, count: int) -> None:
        self._advance(count - self.bytes)
        self.bytes = count

    def add(self, count: int) -> None:
        self.begin_at(self.bytes + count)


class _Counted:
    """A file that tells how much of it is read: all that httpx needs of one, and its length."""

    def __init__(self, file: BinaryIO, sent: _Sent) -> None:
        self._file, self._sent = file, sent

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._sent.add(len(block))
        return block


def _send(client: Client, sent: _Sent, send: Callable[[], httpx.Response]) -> None:
    before = sent.bytes

    def from_before() -> httpx.Response:
        sent.begin_at(before)
        return send()

    response = client.retries.send(from_before, twice=True)
    if not response.is_success:
        sent.begin_at(before)
        raise UploadRefusedError(response.status_code)


def _form(client: Client, asked: Mapping[str, Any], path: Path, sent: _Sent) -> httpx.Response:
    with path.open("rb") as file:
        form = {"file": ("file", _Counted(file, sent), "application/octet-stream")}
        return client.http.post(asked["url"], data=asked["fields"], files=form)  # type: ignore[arg-type]


def _part(client: Client, part: Mapping[str, Any], path: Path, sent: _Sent) -> httpx.Response:
    def content() -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(part["start"], os.SEEK_SET)
            left = part["size"]
            while block := file.read(min(left, BLOCK_BYTES)):
                sent.add(len(block))
                left -= len(block)
                yield block

    length = {"Content-Length": str(part["size"])}
    return client.http.put(part["url"], content=content(), headers=length)

"""A client's part: announce a file, send it, and read what became of it."""

import csv
import io
import json
from typing import Any

import pytest

from functions.imports import files, import_rows
from functions.shared.errors import UnavailableError
from infra.routes import IMPORTS
from tests.api import Api
from tests.files import content as content_of
from tests.files import key_of, put_file
from tests.queues import work_off


def announced(api: Api, content: bytes, **options: Any) -> dict[str, Any]:
    """The answer to a file that is announced, CSV where not said."""
    body = {"format": "csv", "size": len(content), **options}
    reply = api.post(IMPORTS, json_body=body)
    assert reply.status == 201, reply.text
    return dict(reply.json)


def half_announced(api: Api, *, size: int) -> str:
    """The address of an import in parts of which S3 knows nothing, for its announcement failed half way."""

    def unavailable(_key: str) -> str:
        raise UnavailableError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "begin_parts", unavailable)
        assert api.post(IMPORTS, json_body={"format": "csv", "size": size}).status == 503
    (one,) = api.get(IMPORTS).json
    return f"{IMPORTS}/{one['importId']}"


def sent(api: Api, content: bytes | str, **options: Any) -> str:
    """Announce a file and let it come; the import's address."""
    data = content.encode() if isinstance(content, str) else content
    one = announced(api, data, **options)
    put_file(one["upload"]["fields"]["key"], data)
    return f"{IMPORTS}/{one['importId']}"


def work() -> None:
    """Let the worker empty the queue."""
    work_off("imports", import_rows.handler)


def imported(api: Api, content: bytes | str, **options: Any) -> dict[str, Any]:
    """The report of an import that has ended."""
    url = sent(api, content, **options)
    work()
    report: dict[str, Any] = api.get(url).json
    return report


def told(report: dict[str, Any], kind: str) -> bytes:
    """The content of a report's files of one kind, one after the other."""
    return b"".join(content_of(key_of(url)) for url in report["files"][kind])


def results(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of each row."""
    return [json.loads(line) for line in told(report, "results").decode().splitlines()]


def failed_rows(report: dict[str, Any]) -> list[list[str]]:
    """The rows of a CSV that failed, behind their header, of all files."""
    rows: list[list[str]] = []
    for url in report["files"]["failed"]:
        text = content_of(key_of(url)).decode("utf-8-sig")
        header, *others = csv.reader(io.StringIO(text, newline=""))
        rows += [*([] if rows else [header]), *others]
    return rows

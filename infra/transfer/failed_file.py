"""The rows that were refused, in one file beside the one that was sent."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import httpx

from functions.imports.lines import Encoding, Lines
from functions.imports.records import CSV, records
from infra.transfer.client import Client, ServiceError
from infra.transfer.layout import Layout
from infra.whole_file import OWNER_ALONE, whole_file


def failed_path(path: Path) -> Path:
    """Where the refused rows of a file are written: `customers.failed.csv` for `customers.csv`."""
    return path.with_name(f"{path.stem}.failed{path.suffix}")


def download_failed(client: Client, addresses: Iterable[str], layout: Layout, target: Path) -> None:
    """Write the refused rows of an import, which the API has in several files, into one."""
    write_failed(_downloaded(client, addresses), layout, target)


def write_failed(contents: Iterable[bytes], layout: Layout, target: Path) -> None:
    """Write the contents of several files of refused rows into one, the header once; without any, none."""
    waiting = iter(contents)
    if (first := next(waiting, None)) is None:
        return
    with whole_file(target, mode=OWNER_ALONE) as file:
        file.write(first)
        for content in waiting:
            file.write(content[_header_end(content, layout) :])


def _header_end(content: bytes, layout: Layout) -> int:
    if layout.format != CSV:
        return 0
    encoding = Encoding.of(content)
    lines = Lines([content[encoding.mark :]], encoding.codec, encoding.mark)
    return next(records(lines, layout.delimiter)).end


def _downloaded(client: Client, addresses: Iterable[str]) -> Iterator[bytes]:
    for address in addresses:
        response = client.retries.send(partial(client.http.get, address), twice=True)
        if response.status_code != httpx.codes.OK:
            raise ServiceError(response.status_code, {"message": "The refused rows could not be fetched"})
        yield response.content

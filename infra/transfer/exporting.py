"""All customers in one file here: an export is asked for, followed, fetched part by part and put together."""

import gzip
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from functions.exports.request import Format
from functions.imports.lines import Lines
from functions.imports.records import records
from infra.routes import EXPORTS
from infra.transfer.blocks import BLOCK_BYTES, Advance
from infra.transfer.checkpoint import Checkpoint, fingerprint
from infra.transfer.client import Client, ServiceError
from infra.transfer.looks import looks
from infra.whole_file import OWNER_ALONE, whole_file

COMPLETED = "completed"
MAX_RENEWALS = 3


class ExportError(Exception):
    """The export cannot be fetched whole; the message is for the person who asked for it."""


@dataclass
class Exporting:
    """An export into `folder`, of the `fields` that are named, else of all."""

    client: Client
    folder: Path
    format: Format
    fields: tuple[str, ...] | None = None
    report: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.target = self.folder / f"customers.{self.format}"
        credentials = self.client.credentials
        told = fingerprint(credentials.url, credentials.tenant, self._asked())
        self.checkpoint = Checkpoint.beside(self.target, told)

    def begin(self) -> None:
        """Ask for the export, or find the one that an earlier run has asked for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.checkpoint.begun:
            try:
                self.report = self.client.get(self._address)
            except ServiceError as error:
                if error.code != "not_found":
                    raise
                self.checkpoint = self.checkpoint.anew()
            else:
                return
        self.checkpoint.begin(self._asked_for)

    def _asked_for(self, key: str) -> str:
        self.report = self.client.post(EXPORTS, self._asked(), key=key)
        return str(self.report["exportId"])

    def follow(self) -> Iterator[Mapping[str, Any]]:
        """The report, again and again until the export is complete."""
        for _ in looks():
            self.report = self.client.get(self._address)
            yield self.report
            if self.report["status"] == COMPLETED:
                return

    def files(self) -> list[Mapping[str, Any]]:
        """The files of the export, with addresses that are good for some minutes.

        Raises ExportError where some were deleted, with a customer who was in them.
        """
        found = [one for page in self.client.pages(self._address) for one in page["files"]]
        if any("url" not in one for one in found):
            self.checkpoint.forget()
            raise ExportError("A customer was deleted meanwhile, and the files that held it; export again")
        return found

    def fetch(self, files: list[Mapping[str, Any]], advance: Advance) -> None:
        """Bring the files here that are not here yet, each proved by its SHA-256."""
        renewals = 0
        missing = list(files)
        while missing:
            one = missing[0]
            path = self._part(one)
            if not _is(path, one["sha256"]) and not (self._download(one, path) and _is(path, one["sha256"])):
                # Its address may have expired.
                renewals += 1
                if renewals > MAX_RENEWALS:
                    raise ExportError(f"{one['name']} cannot be fetched as it was written")
                names = {one["name"] for one in missing}
                missing = [one for one in self.files() if one["name"] in names]
                continue
            advance(one["bytes"])
            renewals = 0
            missing.pop(0)

    def put_together(self, files: list[Mapping[str, Any]]) -> None:
        """Make one file of the fetched ones; of CSVs the header comes once."""
        with whole_file(self.target, mode=OWNER_ALONE) as whole:
            for number, one in enumerate(files):
                with gzip.open(self._part(one)) as part:
                    if number and self.format == "csv":
                        _skip_header(part)
                    shutil.copyfileobj(part, whole, BLOCK_BYTES)
        for one in files:
            self._part(one).unlink()
        self.checkpoint.forget()

    @property
    def _address(self) -> str:
        return f"{EXPORTS}/{self.checkpoint.id}"

    def _asked(self) -> dict[str, Any]:
        return {"format": self.format, **({"fields": list(self.fields)} if self.fields else {})}

    def _part(self, one: Mapping[str, Any]) -> Path:
        # By its digest: whatever it is called, it stays in the folder.
        return self.folder / f".{self.target.name}.{one['sha256'][:32]}.part"

    def _download(self, one: Mapping[str, Any], path: Path) -> bool:
        def send() -> httpx.Response:
            with self.client.http.stream("GET", one["url"]) as response:
                if response.is_success:
                    path.touch(OWNER_ALONE)
                    with path.open("wb") as file:
                        for block in response.iter_bytes(BLOCK_BYTES):
                            file.write(block)
                return response

        return self.client.retries.send(send, twice=True).is_success


def _is(path: Path, digest: str) -> bool:
    """Whether a file is there and has this SHA-256."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _skip_header(part: gzip.GzipFile) -> None:
    beginning = part.read(BLOCK_BYTES)
    header = next(records(Lines([beginning], "utf-8", 0), ","))
    part.seek(header.end)

"""One file becomes an import: announced, sent, followed to its end, however often that is interrupted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from functions.imports.progress import AWAITING_UPLOAD, UNDER_WAY
from functions.imports.request import Blank
from functions.uploads.chunk import MatchBy, Mode
from infra.routes import IMPORTS
from infra.transfer.blocks import Advance
from infra.transfer.checkpoint import Checkpoint, fingerprint
from infra.transfer.client import Client, ServiceError
from infra.transfer.layout import Layout
from infra.transfer.looks import looks
from infra.transfer.upload import upload

MOST_LOOKS = 6
"""How often an import is looked for that was there, before another one is begun: some seconds."""


@dataclass(frozen=True)
class Options:
    """What is to be done with the rows, as `POST /api/v2/imports` takes it."""

    mode: Mode = "create"
    match_by: MatchBy | None = None
    partial: bool = True
    dry_run: bool = False
    blank: Blank | None = None
    restore: bool = False

    def asked(self, layout: Layout) -> dict[str, Any]:
        """The body that announces a file."""
        body: dict[str, Any] = {
            "format": layout.format,
            "size": layout.path.stat().st_size,
            "mode": self.mode,
            "partial": self.partial,
            "dryRun": self.dry_run,
            "matchBy": self.match_by,
            "mapping": dict(layout.mapping or {}) or None,
            "blank": self.blank,
            "restore": self.restore or None,
        }
        return {name: value for name, value in body.items() if value is not None}

    def told(self, layout: Layout) -> dict[str, Any]:
        """What the service knows of a file when it reads its rows."""
        return {
            **self.asked(layout),
            "codec": layout.encoding.codec,
            "delimiter": layout.delimiter,
            "header": layout.header,
        }


@dataclass
class Importing:
    """An import of a file, `beside` which its checkpoint lies; `layout` is of what is sent."""

    client: Client
    layout: Layout
    options: Options
    checkpoint: Checkpoint
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The path of the import."""
        return f"{IMPORTS}/{self.checkpoint.id}"

    @property
    def size(self) -> int:
        """The bytes of the file that is sent."""
        return self.layout.path.stat().st_size

    def begin(self) -> None:
        """Announce the file, or find the import that an earlier run has announced."""
        if self.checkpoint.begun and self._goes_on():
            return
        self.checkpoint.begin(self._announced)

    def _announced(self, key: str) -> str:
        self.report = self.client.post(IMPORTS, self.options.asked(self.layout), key=key)
        return str(self.report["importId"])

    def _goes_on(self) -> bool:
        """Whether there is an import to go on with; otherwise the checkpoint is a new one."""
        for _ in islice(looks(), MOST_LOOKS):
            try:
                self.report = self.client.get(self.address)
                if self.report["state"] != AWAITING_UPLOAD:
                    return True
                self.report = self.client.post(f"{self.address}/upload", {}, twice=True)
            except ServiceError as error:
                if error.code != "not_found":
                    raise
                # Gone; or put together of its parts, which is noticed in a moment; or given up by S3.
            else:
                return True
        self.checkpoint = self.checkpoint.anew()
        return False

    def send(self, advance: Advance) -> None:
        """Send what the API has not got yet of the file."""
        upload(self.client, self.report, self.layout.path, f"{self.address}/upload", advance)

    def follow(self) -> Iterator[Mapping[str, Any]]:
        """The report, again and again until the import has ended.

        Only then, and when what it tells has been kept, is the checkpoint to be forgotten.
        """
        for _ in looks():
            self.report = self.client.get(self.address)
            yield self.report
            if self.report["state"] not in UNDER_WAY:
                return

    def files(self, kind: str) -> Iterator[str]:
        """Where what is told of the rows can be read: the `failed` ones as they came, or all `results`."""
        for page in self.client.pages(self.address):
            yield from page.get("files", {}).get(kind, ())


def importing(client: Client, original: Layout, layout: Layout, options: Options) -> Importing:
    """The import of `layout`, the file `original` or a copy of it: a new one, or one that was interrupted."""
    who = (client.credentials.url, client.credentials.tenant)
    told = fingerprint(who, options.asked(layout), path=layout.path)
    return Importing(client, layout, options, Checkpoint.beside(original.path, told))

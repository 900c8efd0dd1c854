"""How a file is laid out: its format, its columns, and which field of a customer each one fills."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from functions.imports.failed_rows import ERROR_COLUMNS, is_ours
from functions.imports.lines import Encoding, Lines, RefusedFileError
from functions.imports.mapping import Column, columns_of
from functions.imports.records import (
    CSV,
    JSON_LINES,
    MAX_HEADER_BYTES,
    Record,
    delimiter_of,
    header_of,
    records,
)
from functions.shared.formulas import unescaped
from infra.transfer.blocks import blocks
from infra.transfer.sources import Source, recognised

JSON_LINES_ENDINGS = {".jsonl", ".ndjson"}


@dataclass(frozen=True)
class Layout:
    """What the beginning of a file tells; of JSON Lines there is no header, and no columns.

    `source` is the export it was recognised as; `mapping` what the API is told of its columns.
    """

    path: Path
    format: str
    encoding: Encoding
    delimiter: str = ""
    header: tuple[str, ...] = ()
    start: int = 0
    source: Source | None = None
    mapping: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, path: Path, mapping: Mapping[str, Any] | None = None) -> "Layout":
        """The layout of a file; without a mapping, that of the export it is recognised as.

        Raises RefusedFileError as the API would, OSError for a file that cannot be read.
        """
        with path.open("rb") as file:
            beginning = file.read(MAX_HEADER_BYTES)
        encoding = Encoding.of(beginning)
        if path.suffix.lower() in JSON_LINES_ENDINGS:
            if mapping:
                raise RefusedFileError("JSON Lines have the API's own fields; they take no mapping")
            return cls(path, JSON_LINES, encoding, start=encoding.mark)
        text = beginning[encoding.mark :].decode(encoding.codec, "ignore")
        delimiter = delimiter_of(text)
        with path.open("rb") as file:
            file.seek(encoding.mark)
            lines = Lines(blocks(file), encoding.codec, encoding.mark)
            names = header_of(lines, delimiter)
            header = tuple(map(unescaped, names)) if is_ours(names) else names
            start = lines.offset
        plain = cls(path, CSV, encoding, delimiter, header, start, mapping=mapping or {})
        if mapping is None and (source := recognised(header)):
            return plain.as_export_of(source)
        plain.columns()
        return plain

    def as_export_of(self, source: Source) -> "Layout":
        """The layout with the mapping of a known export, as far as the file has its columns."""
        there = {*self.header, *source.added_to(self.header)}
        mapping = {name: rule for name, rule in source.mapping.items() if name in there}
        return replace(self, source=source, mapping=mapping)

    def columns(self) -> list[Column]:
        """The columns that fill fields. Raises RefusedFileError."""
        return columns_of(self.sent_header(), self.mapping or {})

    def sent_header(self) -> tuple[str, ...]:
        """The names of the columns as they are sent: with those that the export lacks."""
        return (*self.header, *(self.source.added_to(self.header) if self.source else ()))

    def unused(self) -> list[str]:
        """The names of the columns that fill no field."""
        used = {column.place for column in self.columns()}
        return [
            name for place, name in enumerate(self.header) if place not in used and name not in ERROR_COLUMNS
        ]

    def records(self, file: BinaryIO) -> Iterator[Record]:
        """The rows of `file`, which is the one at `path`, opened; of a CSV those behind its header."""
        file.seek(self.start)
        return records(Lines(blocks(file), self.encoding.codec, self.start), self.delimiter)


def mapping_in(file: Path) -> Mapping[str, Any]:
    """The mapping that a JSON file holds. Raises RefusedFileError."""
    try:
        said = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedFileError(f"{file.name} is not JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise RefusedFileError(f"{file.name} is not an object of column names and fields")
    return said

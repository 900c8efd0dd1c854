"""The exports of other systems that a file is recognised as, by the names of its columns.

Each is a file in `sources/`: its `mapping` as the API takes it, and what a copy of the file needs before that
mapping can read it. `columns_from` is where its columns were looked up.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Source:
    """One system's export of customers.

    `recognised_by` are sets of columns, of which a file has one at least. `added` are columns that the export
    lacks and the mapping needs: `{"value": "yes"}` in every row, or `{"copy_of": "another column"}`. `dates`
    are columns whose dates are turned from ISO 8601 into `dd-mm-yyyy`; from `marked_with_apostrophe` the mark
    is taken off by which a spreadsheet knows text; a cell of `says_nothing` is sent blank.
    """

    name: str
    columns_from: str
    recognised_by: list[list[str]]
    mapping: Mapping[str, Any]
    added: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)
    marked_with_apostrophe: list[str] = field(default_factory=list)
    says_nothing: list[str] = field(default_factory=list)

    def likeness(self, columns: Collection[str]) -> int:
        """How many of its telling columns a file has; 0 where it is not this export."""
        told = [set(names) for names in self.recognised_by if set(names) <= set(columns)]
        return max(map(len, told), default=0)

    def added_to(self, header: Sequence[str]) -> list[str]:
        """The names of the columns that a file with this header lacks and can be given."""
        return [
            name
            for name, cell in self.added.items()
            if name not in header and ("value" in cell or cell["copy_of"] in header)
        ]


@cache
def sources() -> tuple[Source, ...]:
    """All known exports, by name."""
    return tuple(Source(**json.loads(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.json")))


def recognised(columns: Collection[str]) -> Source | None:
    """The export that a file with these columns is, the one that it shares most with."""
    best = max(sources(), key=lambda source: source.likeness(columns))
    return best if best.likeness(columns) else None

"""The file of the rows that were refused: each as it came, with what is wrong, ready to be corrected. Pure.

What a spreadsheet would take for a formula is marked, as in exports; whoever reads a CSV takes the mark off.
"""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from functions.imports.records import Record
from functions.shared.formulas import escaped, unescaped

ERROR = "error"
ERROR_COLUMNS = ("error.row", "error.field", "error.code", "error.message")
"""First in a CSV, so that a row with too many cells stays as it came."""

Refusal = dict[str, Any]
"""`{"row", "field", "code", "message"}`; `field` may be missing."""


def is_ours(header: Sequence[str]) -> bool:
    """Whether a file with this header is one of refused rows, come back."""
    return ERROR_COLUMNS[0] in header


def failed_csv(header: Sequence[str], delimiter: str, rows: Sequence[tuple[Record, Refusal]]) -> bytes:
    """The refused rows as CSV, with a byte order mark, by which spreadsheets know UTF-8.

    What an earlier file said of them is left out.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([*ERROR_COLUMNS, *map(escaped, _without_errors(header, header))])
    for record, refusal in rows:
        told = [str(refusal.get(name.partition(".")[2], "")) for name in ERROR_COLUMNS]
        cells = _without_errors(header, [*map(unescaped, record.cells)])
        writer.writerow(map(escaped, [*told, *cells]))
    return text.getvalue().encode("utf-8-sig")


def failed_json_lines(rows: Sequence[tuple[Record, Refusal]]) -> bytes:
    """The refused rows as JSON Lines, with a member `error`; what is no JSON object as text in `line`."""
    return "".join(f"{_with_error(record.text, refusal)}\n" for record, refusal in rows).encode()


def _with_error(text: str, refusal: Refusal) -> str:
    error = json.dumps(refusal)
    try:
        row = json.loads(text)
        if isinstance(row, dict) and ERROR in row:
            return json.dumps({**row, ERROR: refusal})
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        return json.dumps({"line": text, ERROR: refusal})
    # As it was written, with every digit of its numbers.
    return f'{text.rstrip()[:-1]}{", " if row else ""}"{ERROR}": {error}}}'


def _without_errors(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    known = [place for place, name in enumerate(header) if name in ERROR_COLUMNS]
    return [cell for place, cell in enumerate(cells) if place not in known]

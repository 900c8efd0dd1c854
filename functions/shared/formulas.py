"""Cells that a spreadsheet would calculate (OWASP, CSV Injection): marked as text, and read so. Pure."""

import re

_MARK = "'"
"""Before a cell it says that the cell is text."""

_FORMULA = re.compile(f"{_MARK}*[=+@\t\r-]")
"""How a formula begins; with marks before it, so that what is marked can be told from what came so."""


def escaped(cell: str) -> str:
    """The cell as no spreadsheet calculates it."""
    return f"{_MARK}{cell}" if _FORMULA.match(cell) else cell


def unescaped(cell: str) -> str:
    """The cell that `escaped` wrote; one that somebody has corrected since stays as it is."""
    return cell.removeprefix(_MARK) if _FORMULA.match(cell) else cell

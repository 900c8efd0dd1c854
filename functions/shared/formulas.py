"""Cells that a spreadsheet would calculate (OWASP, CSV Injection). Pure."""

MARK = "'"
"""Before a cell it says that the cell is text."""

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
"""How a formula begins."""


def as_text(cell: str) -> str:
    """The cell as no spreadsheet calculates it."""
    return f"{MARK}{cell}" if cell.startswith(BEGINNINGS) else cell

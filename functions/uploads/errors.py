"""What can go wrong with a row. Pure."""

from typing import Any

RowError = dict[str, Any]
"""`{"row": 17, "code": "duplicate_value", "field": "email", "message": "…"}`, rows counted from 0.

Without `field` where none is to blame.
"""


def row_error(row: int, code: str, message: str, field: str = "") -> RowError:
    """The error of a row."""
    return {"row": row, "code": code, **({"field": field} if field else {}), "message": message}


def duplicate(row: int, field: str, message: str) -> RowError:
    """The error of a row one of whose unique values is taken."""
    return row_error(row, "duplicate_value", message, field)

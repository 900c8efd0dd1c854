"""What each column of a file means, before anything leaves."""

from collections.abc import Mapping
from typing import Any

from infra.transfer.layout import Layout


def meanings(layout: Layout) -> list[dict[str, str]]:
    """A line for each column that is sent: its name, the field it fills, and what its words mean."""
    header = layout.sent_header()
    return [
        {
            "column": header[column.place],
            "field": ".".join(map(str, column.path)),
            "words": _words((layout.mapping or {}).get(header[column.place])),
        }
        for column in layout.columns()
    ]


def _words(rule: Any) -> str:
    if not isinstance(rule, Mapping):
        return ""
    return "; ".join(f"{name}: {', '.join(rule[name])}" for name in ("true", "false") if name in rule)

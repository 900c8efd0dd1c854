"""The rules of a bulk upload: what is asked of it and what its report says. Pure.

An upload here is `{"uploadId", "received", "createdDate"}`, with `mode` and `dryRun` where those were asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.uploads.errors import RowError
from functions.uploads.progress import VERDICTS

Upload = dict[str, Any]
Counts = Mapping[str, Any]
"""Of some of an upload's rows: how many have each verdict, and `completedDate`, when the last one got it."""

OPTIONS = ("mode", "dryRun")
"""What an upload and its report tell of what was asked."""


def report(upload: Upload, counters: Sequence[Counts], errors: Sequence[RowError]) -> dict[str, Any]:
    """What became of an upload so far, with these of its errors (contract, "Bulk upload")."""
    counts: dict[str, int] = {verdict: sum(one.get(verdict, 0) for one in counters) for verdict in VERDICTS}
    done = sum(counts.values()) == upload["received"]
    completed = {"completedDate": max(one["completedDate"] for one in counters)} if done else {}
    return {
        "uploadId": upload["uploadId"],
        "status": "completed" if done else "processing" if counters else "accepted",
        **{name: upload[name] for name in OPTIONS if name in upload},
        "received": upload["received"],
        **counts,
        "createdDate": upload["createdDate"],
        **completed,
        "errors": sorted(errors, key=lambda error: error["row"]),
    }

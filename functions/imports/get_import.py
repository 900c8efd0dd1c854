"""GET /api/v2/imports/{key}.

200 with the import's report; once it has ended, with the addresses of the files that tell what became of its
rows, good for a quarter of an hour, in pages.
"""

import re
from typing import Any

from functions.imports import files, store
from functions.imports.answer import found_import, shown
from functions.imports.progress import UNDER_WAY, Import
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.paging import next_page, requested_position

RANGE_NUMBER = re.compile(r"[0-9]{1,6}")
MAX_RANGES = 100
"""Ranges whose files one answer tells of; each has two at most."""


@endpoint("nextToken")
def handler(request: Request) -> Response:
    one = found_import(request)
    scope = {"importId": request.key}
    after = requested_position(request, scope, RANGE_NUMBER)
    if one["state"] in UNDER_WAY or "ranges" not in one:
        return Response(200, shown(request, one))
    ranges, more = store.ranges_after(request.tenant_id, request.key, int(after or 0), MAX_RANGES)
    last = str(ranges[-1]["number"]) if more else None
    files_told = {
        kind: [
            files.result_address(request.headers.get("host", ""), key)
            for entry in ranges
            if (key := _key(request, one, kind, entry))
        ]
        for kind in ("failed", "results")
    }
    return Response(200, {**shown(request, one), "files": files_told}, next_page(request, scope, last))


def _key(request: Request, one: Import, kind: str, entry: dict[str, Any]) -> str | None:
    """The file of a range, None where it has none of that kind."""
    if kind == "failed":
        there, suffix = entry.get("failed", 0) or entry.get("invalid", 0), one["format"]
    else:
        there, suffix = "doneDate" in entry, "jsonl"
    if not there:
        return None
    return files.result_key(request.tenant_id, request.key, kind, entry["number"], suffix)

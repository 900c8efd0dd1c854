"""GET /api/v2/exports/{key}.

200 with the export: how far it is and, once it is completed, its files in pages of 500.

The files together hold every customer that was there from begin to end of the export, once. Each has an
address that is good for fifteen minutes; ask again for new ones. Compressed with gzip, a file of `jsonl` has
a customer a line, one of `csv` a header and a row a customer, in UTF-8 (RFC 4180); a cell that a spreadsheet
would take for a formula has an apostrophe before it.

Files are deleted after seven days; then the export is not found any more. When a customer is deleted, so is
each file that may hold it: it has `deletedDate` in place of its address.
"""

import re
from typing import Any

from functions.exports import files, store
from functions.exports.export import Export, Part, part_name, report
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import NotFoundError
from functions.shared.ids import ID
from functions.shared.paging import next_page, requested_position

PART_NAME = re.compile(r"[0-9a-f]-[0-9]{5,}")
MAX_FILES = 500
"""Files of one answer: an address is some 2 KB, and a function's answer ends at 6 MB (AWS: Lambda quotas)."""


@endpoint("nextToken")
def handler(request: Request) -> Response:
    if not ID.fullmatch(request.key):
        raise NotFoundError(store.NOWHERE)
    scope = {"exportId": request.key}
    after = requested_position(request, scope, PART_NAME) or ""
    export = store.find_readable(request.tenant_id, request.key, clock.timestamp(request.now))
    parts = store.parts(request.tenant_id, request.key)
    answer = report(export, parts)
    if answer["status"] != "completed":
        return Response(200, answer)
    behind = [part for part in parts if "file" in part and part_name(part) > after]
    shown = behind[:MAX_FILES]
    answer["files"] = [_file(request, export, part) for part in shown]
    more = part_name(shown[-1]) if len(behind) > len(shown) else None
    return Response(200, answer, next_page(request, scope, more))


def _file(request: Request, export: Export, part: Part) -> dict[str, Any]:
    name = f"customers-{part_name(part)}.{export['format']}.gz"
    told = {"name": name, "customers": part["customers"], "bytes": part["bytes"], "sha256": part["sha256"]}
    if "deletedDate" in part:
        return told | {"deletedDate": part["deletedDate"]}
    return told | {"url": files.address(part["file"], name, request.headers.get("host", ""))}

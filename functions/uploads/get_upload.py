"""GET /api/v2/upload-customers/{key}.

200 with the upload's report: how many rows were created and every row that failed, in pages beyond 10,000.
"""

import re

from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import NotFoundError
from functions.shared.paging import next_page, requested_position
from functions.uploads import store
from functions.uploads.upload import report

UPLOAD_ID = re.compile(r"[0-9a-f-]{36}")
ROW_NUMBER = re.compile(r"[0-9]{1,9}")
MAX_ERRORS = 10_000
"""Rows that failed which one answer tells of; a function's answer ends at 6 MB (AWS: Lambda quotas)."""


@endpoint("nextToken")
def handler(request: Request) -> Response:
    if not UPLOAD_ID.fullmatch(request.key):
        raise NotFoundError("There is no such upload")
    scope = {"uploadId": request.key}
    after = int(requested_position(request, scope, ROW_NUMBER) or -1)
    found = report(*store.find(request.tenant_id, request.key))
    errors = [error for error in found["errors"] if error["row"] > after]
    shown = errors[:MAX_ERRORS]
    more = str(shown[-1]["row"]) if len(errors) > len(shown) else None
    return Response(200, {**found, "errors": shown}, next_page(request, scope, more))

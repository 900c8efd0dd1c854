"""GET /api/v2/upload-customers/{key}.

200 with the upload's report: how many rows created, updated or left a customer unchanged, and every row that
failed, in pages beyond 10,000.
"""

import re

from functions.shared.endpoint import Request, Response, answer_bytes, endpoint, written
from functions.shared.errors import NotFoundError
from functions.shared.ids import ID
from functions.shared.paging import next_page, requested_position
from functions.uploads import store
from functions.uploads.errors import RowError
from functions.uploads.upload import report

PLACE = re.compile(r"[0-9]{9}\.[0-9]{1,6}")
MAX_ERRORS = 10_000
MAX_ERRORS_BYTES = 4 * 1024 * 1024
"""Errors which one answer tells of; a function's answer ends at 6 MB (AWS: Lambda quotas)."""


@endpoint("nextToken")
def handler(request: Request) -> Response:
    if not ID.fullmatch(request.key):
        raise NotFoundError("There is no such upload")
    scope = {"uploadId": request.key}
    position = requested_position(request, scope, PLACE)
    upload, counters = store.find(request.tenant_id, request.key)
    errors: list[RowError] = []
    more = None
    if any(one.get("failed") for one in counters):
        errors, more = _errors(request.tenant_id, request.key, position or "")
    return Response(200, report(upload, counters, errors), next_page(request, scope, more))


def _errors(tenant_id: str, upload_id: str, position: str) -> tuple[list[RowError], str | None]:
    """The errors from a position on, `{place}.{how many of that place were shown}`, and the next one."""
    start, _, shown = position.partition(".")
    found: list[RowError] = []
    room = MAX_ERRORS_BYTES
    for place, errors in store.errors(tenant_id, upload_id, since=start):
        skipped = int(shown or 0) if place == start else 0
        for at, error in enumerate(errors[skipped:], skipped):
            room -= answer_bytes(written(error))
            if len(found) == MAX_ERRORS or room < 0:
                return found, f"{place}.{at}"
            found.append(error)
    return found, None

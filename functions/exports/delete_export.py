"""DELETE /api/v2/exports/{key}.

204: its files are deleted, and a worker that still writes at it stops.
"""

import re

from functions.exports import deletion, store
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import NotFoundError

EXPORT_ID = re.compile(r"[0-9a-f-]{36}")


@endpoint()
def handler(request: Request) -> Response:
    if not EXPORT_ID.fullmatch(request.key):
        raise NotFoundError(store.NOWHERE)
    deletion.delete_export(request.tenant_id, request.key, clock.timestamp(request.now))
    return Response(204)

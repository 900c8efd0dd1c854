"""DELETE /api/v2/exports/{key}.

204: its files are deleted, and a worker that still writes at it stops.
"""

from functions.exports import deletion, store
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import NotFoundError
from functions.shared.ids import ID


@endpoint()
def handler(request: Request) -> Response:
    if not ID.fullmatch(request.key):
        raise NotFoundError(store.NOWHERE)
    deletion.delete_export(request.tenant_id, request.key, clock.timestamp(request.now))
    return Response(204)

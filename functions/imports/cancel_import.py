"""DELETE /api/v2/imports/{key}.

200 with the import as it stands then: what has not begun does not begin; what is done stays, and is counted.
"""

from functions.imports import store
from functions.imports.answer import found_import, shown
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    one = found_import(request)
    store.cancel(request.tenant_id, one, now=clock.timestamp(request.now))
    return Response(200, shown(request, store.find(request.tenant_id, request.key)))

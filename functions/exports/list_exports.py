"""GET /api/v2/exports.

200 with the exports of the last seven days, newest first, at most a hundred, without their files.
"""

from functions.exports import store
from functions.exports.export import expires, summary
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint

MOST = 100


@endpoint()
def handler(request: Request) -> Response:
    now = clock.timestamp(request.now)
    exports = [one for one in store.kept(request.tenant_id) if expires(one) > now]
    exports.sort(key=lambda one: (one["createdDate"], one["exportId"]), reverse=True)
    return Response(200, [summary(one) for one in exports[:MOST]])

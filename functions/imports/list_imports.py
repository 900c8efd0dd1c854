"""GET /api/v2/imports.

200 with the tenant's imports of the last ninety days, the newest first.
"""

import re

from functions.imports import store
from functions.imports.answer import shown
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.ids import ID
from functions.shared.paging import PAGE_QUERY, next_page, requested_page

POSITION = re.compile(rf"[0-9TZ:.-]{{24}}#{ID.pattern}")


@endpoint(*PAGE_QUERY)
def handler(request: Request) -> Response:
    scope = {"list": "imports"}
    page = requested_page(request, scope, POSITION)
    imports, more = store.newest(request.tenant_id, limit=page.limit, after=page.after)
    return Response(200, [shown(request, one) for one in imports], next_page(request, scope, more))

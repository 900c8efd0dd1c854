"""DELETE /api/v2/customers/{key}/ref.

204; the customer of this customerRef is deleted.
"""

from functions.customers import store
from functions.customers.directory import Lookup
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    store.delete(
        request.tenant_id,
        Lookup("customerRef", request.key),
        now=clock.timestamp(request.now),
        if_match=request.headers.get("if-match"),
    )
    return Response(204)

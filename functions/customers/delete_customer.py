"""DELETE /api/v2/customers, DELETE /api/v2/customers/{key}.

204; the customer's personal data is gone and its unique values are free.
"""

from functions.customers import store
from functions.customers.keys import IDENTIFIERS
from functions.customers.lookup import required_lookup
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint


@endpoint(*IDENTIFIERS)
def handler(request: Request) -> Response:
    store.delete(
        request.tenant_id,
        required_lookup(request),
        now=clock.timestamp(request.now),
        if_match=request.headers.get("if-match"),
    )
    return Response(204)

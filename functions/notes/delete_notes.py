"""DELETE /api/v2/customer/notes, DELETE /api/v2/customer/notes/{key}.

200 with `{"deleted": n}`; every note of the customer is gone.
"""

from functions.customers.keys import IDENTIFIERS
from functions.customers.lookup import required_lookup
from functions.notes import store
from functions.shared.endpoint import Request, Response, endpoint


@endpoint(*IDENTIFIERS)
def handler(request: Request) -> Response:
    return Response(200, {"deleted": store.delete_all(request.tenant_id, required_lookup(request))})

"""DELETE /api/v2/customers/{key}/address/{addressID}.

204; the customer has this address no more.
"""

from functions.customers import store
from functions.customers.customer import without_address
from functions.customers.lookup import lookup_in_path
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.etags import etag


@endpoint()
def handler(request: Request) -> Response:
    customer = store.update(
        request.tenant_id,
        [lookup_in_path(request.key)],
        lambda current: without_address(current, request.path["addressID"], now=clock.timestamp(request.now)),
        if_match=request.headers.get("if-match"),
    )
    return Response(204, None, {"ETag": etag(customer["version"])})

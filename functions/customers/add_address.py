"""POST /api/v2/customers/{key}/address.

201 with the address, which the customer has beside those it had.
"""

import uuid

from functions.customers import store
from functions.customers.customer import with_address
from functions.customers.lookup import lookup_in_path
from functions.customers.request import Address
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import InvalidRequestError
from functions.shared.etags import etag
from functions.shared.validation import validator

validate = validator(Address)


@endpoint()
def handler(request: Request) -> Response:
    fields = validate(request.json_object(), request.now)
    given = {name: value for name, value in fields.items() if value is not None}
    if not given:
        raise InvalidRequestError("The address has nothing in it")
    address = {**given, "addressID": given.get("addressID") or str(uuid.uuid4())}
    customer = store.update(
        request.tenant_id,
        [lookup_in_path(request.key)],
        lambda current: with_address(current, address, now=clock.timestamp(request.now)),
        if_match=request.headers.get("if-match"),
    )
    return Response(201, address, {"ETag": etag(customer["version"])})

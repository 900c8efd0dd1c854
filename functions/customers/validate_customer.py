"""POST /api/v2/customers/validate.

200 with `{"valid": true}`, or the 400 that a create of this body would give now; nothing is written.
"""

from functions.customers import directory
from functions.customers.errors import DuplicateValueError
from functions.customers.request import NewCustomer
from functions.customers.size import require_fitting
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.validation import validator

validate = validator(NewCustomer)


@endpoint()
def handler(request: Request) -> Response:
    fields = validate(request.json_object(), request.now)
    require_fitting(fields)
    if taken := directory.taken(request.tenant_id, fields):
        raise DuplicateValueError(taken)
    return Response(200, {"valid": True})

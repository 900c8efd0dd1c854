"""POST /api/v2/customers.

201 with the customer and its `Location`; the `Idempotency-Key` makes a repeat safe.
"""

import uuid

from functions.customers import store
from functions.customers.answer import customer_answer, location
from functions.customers.customer import new_customer
from functions.customers.request import NewCustomer
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.idempotency import id_for, request_hash
from functions.shared.validation import validator

validate = validator(NewCustomer)


@endpoint()
def handler(request: Request) -> Response:
    body = request.json_object()
    fields = validate(body, request.now)
    key = request.idempotency_key()
    customer = new_customer(
        id_for(request.tenant_id, "customer", key) if key else str(uuid.uuid4()),
        fields,
        now=clock.timestamp(request.now),
        new_id=lambda: str(uuid.uuid4()),
    )
    stored = store.create(request.tenant_id, customer, request_hash=request_hash(key, body))
    return customer_answer(request, stored, status=201, headers=location(request, stored))

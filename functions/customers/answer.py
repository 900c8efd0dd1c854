"""A customer as the answer of an endpoint."""

from collections.abc import Mapping

from functions.customers.customer import Customer, present
from functions.shared.endpoint import Request, Response
from functions.shared.etags import etag


def customer_answer(
    request: Request, customer: Customer, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The customer with its `ETag`, its figures right on the day of the request."""
    return Response(
        status,
        present(customer, request.now.date()),
        {"ETag": etag(customer["version"]), **(headers or {})},
    )


def location(request: Request, customer: Customer) -> dict[str, str]:
    """The `Location` of a new customer, whichever form of the route made it."""
    before, resource, _ = request.url.partition("/v2/customers")
    return {"Location": f"{before}{resource}/{customer['id']}"}

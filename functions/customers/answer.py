"""A customer as the answer of an endpoint."""

from collections.abc import Mapping

from functions.customers.customer import Customer, etag, present
from functions.shared.endpoint import Request, Response


def customer_answer(
    request: Request, customer: Customer, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The customer with its `ETag`, its figures right on the day of the request."""
    return Response(
        status, present(customer, request.now.date()), {"ETag": etag(customer), **(headers or {})}
    )

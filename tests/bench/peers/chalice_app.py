"""Chalice."""

from typing import Any

import customer
from chalice import Chalice, NotFoundError, Response
from pydantic import ValidationError

app = Chalice(app_name="customers")


def _tenant() -> str:
    return str(app.current_request.context["authorizer"]["tenantId"])


@app.route("/services/customerservice/api/v2/customers", methods=["POST"])
def create() -> Response:
    """Create a customer."""
    try:
        new = customer.NewCustomer.model_validate_json(app.current_request.raw_body)
    except ValidationError as error:
        return Response(error.errors(include_url=False, include_input=False), status_code=400)
    return Response(customer.create(_tenant(), new), status_code=201)


@app.route("/services/customerservice/api/v2/customers/{key}", methods=["GET"])
def get(key: str) -> dict[str, Any]:
    """Get a customer."""
    found = customer.get(_tenant(), key)
    if found is None:
        raise NotFoundError("Not found")
    return found


handler = app

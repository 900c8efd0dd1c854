"""Powertools' REST resolver, with its validation and its logger."""

from typing import Annotated, Any

import customer
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Path

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger()


def _tenant() -> str:
    return str(app.current_event.request_context.authorizer["tenantId"])


@app.post("/services/customerservice/api/v2/customers")
def create(new: customer.NewCustomer) -> tuple[dict[str, Any], int]:
    """Create a customer."""
    return customer.create(_tenant(), new), 201


@app.get("/services/customerservice/api/v2/customers/<key>")
def get(key: Annotated[str, Path()]) -> dict[str, Any]:
    """Get a customer."""
    found = customer.get(_tenant(), key)
    if found is None:
        raise NotFoundError("Not found")
    return found


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Whatever route the event is of."""
    answer: dict[str, Any] = app.resolve(event, context)
    logger.info("request", extra={"status": answer["statusCode"]})
    return answer

"""boto3 and pydantic, and a handler by hand."""

import base64
import json
from typing import Any

import customer
from pydantic import ValidationError


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Create or get a customer."""
    tenant = event["requestContext"]["authorizer"]["tenantId"]
    if event["httpMethod"] == "GET":
        found = customer.get(tenant, event["pathParameters"]["key"])
        return _answer(200, found) if found else _answer(404, {"message": "Not found"})
    try:
        new = customer.NewCustomer.model_validate_json(base64.b64decode(event["body"]))
    except ValidationError as error:
        return _answer(400, error.errors(include_url=False, include_input=False))
    return _answer(201, customer.create(tenant, new))


def _answer(status: int, body: Any) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body),
    }

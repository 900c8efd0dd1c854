"""FastAPI behind Mangum."""

from typing import Any

import customer
from fastapi import FastAPI, HTTPException, Request
from mangum import Mangum

app = FastAPI()


def _tenant(request: Request) -> str:
    return str(request.scope["aws.event"]["requestContext"]["authorizer"]["tenantId"])


@app.post("/services/customerservice/api/v2/customers", status_code=201)
def create(new: customer.NewCustomer, request: Request) -> dict[str, Any]:
    """Create a customer."""
    return customer.create(_tenant(request), new)


@app.get("/services/customerservice/api/v2/customers/{key}")
def get(key: str, request: Request) -> dict[str, Any]:
    """Get a customer."""
    found = customer.get(_tenant(request), key)
    if found is None:
        raise HTTPException(404, "Not found")
    return found


handler = Mangum(app, lifespan="off")

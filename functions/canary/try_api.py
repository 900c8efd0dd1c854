"""Run by a schedule: the canary's tenant gets a new secret and takes a customer through the API.

The secret is made for the run and kept nowhere but in this function's memory. An error of this function is
what its alarm counts.
"""

import time
from datetime import UTC, datetime
from typing import Any

from functions.auth import tenants
from functions.canary import TENANT
from functions.canary.journey import live_and_die
from functions.shared import dynamo, settings
from functions.shared.dynamo import Write
from functions.shared.observe import logger
from functions.shared.startup import lambda_handler


@lambda_handler
def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Raises CanaryError where the API does not do what it should."""
    secret = tenants.new_secret()
    today = datetime.now(UTC).isoformat(timespec="seconds")
    started = time.perf_counter()
    for item in (
        tenants.tenant_item(TENANT, created_date=today),
        tenants.client_item(TENANT, TENANT, secret, created_date=today),
    ):
        dynamo.write(Write("Put", "tenants", item))
    live_and_die(settings.api_url(), TENANT, TENANT, secret)
    logger.info("canary", milliseconds=round((time.perf_counter() - started) * 1000, 1))
    return {}

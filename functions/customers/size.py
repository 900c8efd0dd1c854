"""How large a customer may be: whatever an answer shows can be sent back. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from functions.customers.consent import present_changes
from functions.customers.customer import INTERNAL_FIELDS
from functions.shared.errors import InvalidRequestError

MAX_CUSTOMER_BYTES = 240 * 1024
"""A customer's own fields as JSON in UTF-8.

With what an answer adds to them they fit a request of 256 KB; with keys and order figures, an item of
400 KB (AWS: DynamoDB quotas), which takes no more bytes than JSON for the same values.
"""


def customer_bytes(customer: Mapping[str, Any]) -> int:
    """The size that `MAX_CUSTOMER_BYTES` limits, of a customer or of the fields of a request."""
    own = {name: value for name, value in customer.items() if name not in INTERNAL_FIELDS}
    if preferences := own.get("optin_preferences"):
        own["optin_preferences"] = present_changes(preferences)
    return len(json.dumps(own, ensure_ascii=False, separators=(",", ":")).encode())


def require_fitting(customer: Mapping[str, Any], *, before: Mapping[str, Any] | None = None) -> None:
    """Raises InvalidRequestError where `customer` is too large, unless it is smaller than `before`."""
    size = customer_bytes(customer)
    if size > MAX_CUSTOMER_BYTES and (before is None or size >= customer_bytes(before)):
        raise InvalidRequestError(f"The customer would be larger than {MAX_CUSTOMER_BYTES // 1024} KB")

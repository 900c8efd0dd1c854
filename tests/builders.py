"""Bodies that tests start from."""

import copy
import uuid
from typing import Any

from infra.reference.examples import NEW_CUSTOMER

PERSONAL: dict[str, Any] = {
    "email": "private.ann@example.com",
    "firstName": "Privateann",
    "lastName": "Privatelee",
    "mobile": "0499887766",
    "phone": "0288776655",
    "dob": "28-11-1999",
    "addresses": [{"address1": "Privatestreet 1", "name": "Privatename", "postcode": "privatecode"}],
    "attributeGroups": {"private": {"attributes": {"hobby": "privatehobby"}}},
}
SECRETS = ("private", "99887766", "88776655", "28-11-1999")
"""What none of those values can hide, and no id holds by chance: nothing told may hold one of these."""


def document_sample(**changes: Any) -> dict[str, Any]:
    """The document's sample with some fields changed."""
    return {**copy.deepcopy(NEW_CUSTOMER), **changes}


def new_email() -> str:
    """An address nobody has."""
    return f"{uuid.uuid4().hex}@example.com"

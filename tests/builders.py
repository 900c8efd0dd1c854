"""Bodies that tests start from."""

import copy
import uuid
from typing import Any

DOCUMENT_SAMPLE: dict[str, Any] = {
    "email": "test@customer.com",
    "customerRef": "CUST11959",
    "firstName": "FirstName",
    "lastName": "LastName",
    "mobile": "623362386238",
    "phone": "623362386238",
    "dob": "25-10-1900",
    "addresses": [
        {
            "address1": "Wish Street 3",
            "address2": "Corner of Wish Street and List Crescent",
            "city": "Wishlist City",
            "country": "Australia",
            "countryCode": "AU",
            "email": "cust@email.com",
            "firstName": "Cust",
            "lastName": "Test",
            "phone": "0151 7445 6927",
            "postcode": "10000",
            "province": "New South Wales",
            "provinceCode": "NSW",
        }
    ],
    "attributeGroups": {
        "retailer_additional_info": {
            "attributes": {"crm_default_account_id": "1234", "triquestra_person_code": "TQ1234"},
            "description": "CRM and Triquestra extra attributes",
        }
    },
    "optin_preferences": {"email": {"opt_in_active": True}},
}
"""The sample request of the Customer API's document."""


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
    return {**copy.deepcopy(DOCUMENT_SAMPLE), **changes}


def new_email() -> str:
    """An address nobody has."""
    return f"{uuid.uuid4().hex}@example.com"

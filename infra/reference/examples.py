"""The samples of the Customer API's document, completed where it leaves out what every answer holds."""

from typing import Any

_CUSTOMER_ID = "7c14445d-c9fb-457d-90ec-114a04e57bc3"

NEW_CUSTOMER: dict[str, Any] = {
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

UPDATE: dict[str, Any] = {
    "email": "updated-email@customerportal.com",
    "customerRef": "new-customer-ref",
    "mobile": "623362386238",
    "phone": "623362386250",
    "attributeGroups": {
        "retailer_additional_info": {
            "attributes": {"crm_default_account_id": "1234", "triquestra_person_code": "TQ1234"},
            "description": "CRM and Triquestra extra attributes updated",
        }
    },
}

CUSTOMER: dict[str, Any] = {
    "id": _CUSTOMER_ID,
    **{name: value for name, value in NEW_CUSTOMER.items() if name not in {"addresses", "optin_preferences"}},
    "addresses": [
        {"addressID": "0c8a1f7e-5f0f-4f43-8a53-6a3f3b1f2f10", **address}
        for address in NEW_CUSTOMER["addresses"]
    ],
    "active": True,
    "accepts_marketing": False,
    "marketing_preferences_updated_at": "2023-05-19T03:45:02.530Z",
    "customer_state": "enabled",
    "taxExempt": False,
    "taxExemptions": [],
    "verified_email": False,
    "createdDate": "2023-05-19T03:14:32.181Z",
    "lastModifiedDate": "2023-05-19T03:45:02.530Z",
    "lastModified": "2023-05-19T03:45:02.530Z",
    "optin_preferences": {
        "sms": {"opt_in_active": False},
        "email": {
            "opt_in_active": True,
            "opted_in_at": "2023-05-19T03:45:02.530Z",
            "opt_in_updated_at": "2023-05-19T03:45:02.530Z",
        },
    },
    "lifetimeOrderValue": "0.00",
    "averageSpendPerAnnum": "0.00",
    "running12monthSpend": "0.00",
    "totalOrders": "0",
    "totalSpend": "0.00",
}

NEW_IMPORT: dict[str, Any] = {
    "format": "csv",
    "size": 48_112,
    "mode": "upsert",
    "matchBy": "customerRef",
    "mapping": {
        "E-mail": "email",
        "City": "addresses.0.city",
        "Newsletter": {"field": "optin_preferences.email.opt_in_active", "true": ["yes", "Y"]},
    },
}

NEW_NOTE: dict[str, Any] = {
    "customerRef": "CUST11959",
    "note": "Prefers to be called after five",
    "author": "Sam of store 12",
}

NOTE: dict[str, Any] = {
    "id": f"{_CUSTOMER_ID}-05fc0b2f3c1a2ba1b2c3d4e5",
    "customerId": _CUSTOMER_ID,
    **NEW_NOTE,
    "createdDate": "2023-05-19T03:48:22.075Z",
    "lastModifiedDate": "2023-05-19T03:48:22.075Z",
}

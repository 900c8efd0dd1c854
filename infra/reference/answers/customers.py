"""Answers of customers."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from infra.reference.answers.values import Id, Moment, Money


class CustomerAddress(TypedDict):
    """One address of a customer; fields without a value are left out."""

    addressID: Annotated[str, Field(description="Identifier of the address, unique in its customer")]
    address1: NotRequired[str]
    address2: NotRequired[str]
    addressRef: NotRequired[str]
    city: NotRequired[str]
    company: NotRequired[str]
    email: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    name: NotRequired[str]
    postcode: NotRequired[str]
    phone: NotRequired[str]
    province: NotRequired[str]
    provinceCode: NotRequired[str]
    country: NotRequired[str]
    countryCode: NotRequired[str]


class CustomerOptinPreference(TypedDict):
    """A customer's consent on one channel; never mentioned, it is `{"opt_in_active": false}` alone."""

    opt_in_active: bool
    opt_in_updated_at: NotRequired[Moment]
    opted_in_at: NotRequired[Moment]


class CustomerOptinPreferences(TypedDict):
    """A customer's consent by channel; both channels are always there."""

    email: CustomerOptinPreference
    sms: CustomerOptinPreference


class CustomerAttributeGroup(TypedDict):
    """A named group of the retailer's own attributes."""

    attributes: NotRequired[dict[str, str]]
    description: NotRequired[str]


class Customer(TypedDict):
    """A customer. Fields without a value are left out, never `null`."""

    id: Annotated[Id, Field(description="The service's own identifier of the customer; it never changes")]
    email: str
    customerRef: NotRequired[str]
    alternateCustomerRef: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    mobile: NotRequired[str]
    phone: NotRequired[str]
    dob: NotRequired[str]
    vipStatus: NotRequired[bool]
    loyaltyTier: NotRequired[str]
    spendToNextTier: NotRequired[str]
    joinedStoreId: NotRequired[str]
    memberSince: NotRequired[str]
    addresses: NotRequired[list[CustomerAddress]]
    attributeGroups: NotRequired[dict[str, CustomerAttributeGroup]]
    active: bool
    accepts_marketing: bool
    marketing_preferences_updated_at: NotRequired[
        Annotated[
            Moment, Field(description="When `accepts_marketing` or `optin_preferences` last changed (UTC)")
        ]
    ]
    customer_state: Literal["disabled", "invited", "enabled", "declined"]
    taxExempt: bool
    taxExemptions: list[str]
    verified_email: bool
    createdDate: Annotated[Moment, Field(description="When the customer was created (UTC)")]
    lastModifiedDate: Annotated[
        Moment, Field(description="When the customer last changed (UTC); figures from orders do not move it")
    ]
    lastModified: Annotated[Moment, Field(description="The same as `lastModifiedDate`")]
    optin_preferences: CustomerOptinPreferences
    lifetimeOrderValue: Annotated[
        Money, Field(description="Sum of the totals of all orders that count; `0.00` before the first")
    ]
    averageSpendPerAnnum: Annotated[
        Money,
        Field(description="`totalSpend` a year since the first order; the first year counts as a whole one"),
    ]
    running12monthSpend: Annotated[
        Money, Field(description="Spend of the last twelve months (UTC), right on the day it is read")
    ]
    totalOrders: Annotated[
        str, Field(pattern="^[0-9]+$", examples=["3"], description="How many orders count")
    ]
    totalSpend: Annotated[Money, Field(description="Totals less refunds of all orders that count")]
    lastOrderDate: NotRequired[Annotated[Moment, Field(description="When the last order was placed (UTC)")]]
    lastOrderRef: NotRequired[Annotated[str, Field(description="`orderRef` of the last order")]]
    orderFiguresCurrency: NotRequired[
        Annotated[
            str,
            Field(
                description="The currency of the figures (ISO 4217), that of most orders; absent where those "
                "name none",
                examples=["AUD"],
            ),
        ]
    ]


class ValidCustomer(TypedDict):
    """A create of this customer would succeed now."""

    valid: Annotated[Literal[True], Field(description="Always true: what is not valid is a 400")]

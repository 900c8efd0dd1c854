"""The Customer Request of the Customer API, as pydantic checks it.

Typed dicts keep apart a field left out and one that is null. Numbers come as text (see `Request.json`).
Descriptions and examples are for the reader of the API's schema.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationInfo
from typing_extensions import TypedDict

from functions.customers.country_codes import COUNTRY_CODES
from functions.customers.customer import MAX_REFERENCE_LENGTH
from functions.customers.email_address import invalid_reason
from functions.shared import clock
from functions.shared.text import is_control
from functions.shared.validation import MESSAGES, PlainText, ValidationContext, refused

_DAY_MONTH_YEAR = re.compile(r"(\d{2})-(\d{2})-(\d{4})", re.ASCII)


def _email(text: str) -> str:
    address = text.strip()
    if reason := invalid_reason(address):
        raise refused(reason)
    return address


def _reference(text: str) -> str | None:
    reference = text.strip()
    if not reference.isprintable() and any(map(is_control, reference)):
        raise refused(MESSAGES["control_character"])
    if len(reference) > MAX_REFERENCE_LENGTH:
        raise refused(f"must be at most {MAX_REFERENCE_LENGTH} characters")
    return reference or None


def _day_month_year(text: str) -> date:
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is None:
        raise ValueError
    day, month, year = map(int, match.groups())
    return date(year, month, day)


def _date_of_birth(text: str, info: ValidationInfo) -> str:
    try:
        birth = _day_month_year(text)
    except ValueError:
        raise refused("must be a date as dd-mm-yyyy") from None
    if birth > cast("ValidationContext", info.context)["today"]:
        raise refused("must not be in the future")
    return text


def _member_since(text: str) -> str:
    for parse in (_day_month_year, clock.moment):
        try:
            parse(text)
        except ValueError:
            continue
        return text
    raise refused("must be a date or date-time as in ISO 8601, or a date as dd-mm-yyyy")


def _timestamp(text: str) -> str:
    try:
        moment = clock.moment(text)
        return clock.timestamp(moment)
    except (ValueError, OverflowError):
        raise refused("must be a date-time as in ISO 8601") from None


def _country_code(text: str) -> str:
    code = text.strip().upper()
    if code not in COUNTRY_CODES:
        raise refused("must be a two-letter country code (ISO 3166-1)")
    return code


def _without_nulls(value: Any) -> Any:
    return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else value


def _boolean_as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


Text = Annotated[PlainText, Field(max_length=256)]
Name = Annotated[PlainText, Field(min_length=1, max_length=256)]
Email = Annotated[
    PlainText,
    AfterValidator(_email),
    Field(description="Unique in the tenant without regard to case", examples=["test@example.com"]),
]
Reference = Annotated[PlainText, AfterValidator(_reference)]
Timestamp = Annotated[str, AfterValidator(_timestamp)]


class Address(TypedDict, total=False):
    """One address of a customer; null is the same as left out."""

    address1: Annotated[Text, Field(description="Address line 1", examples=["Wish Street 3"])]
    address2: Annotated[Text, Field(description="Address line 2")]
    addressID: Annotated[Text, Field(description="TWC's identifier, given where the client gives none")]
    addressRef: Annotated[Text, Field(description="The retailer's identifier of the address")]
    city: Annotated[Text, Field(description="City")]
    company: Annotated[Text, Field(description="Company")]
    email: Annotated[Text, Field(description="The email address associated with the address")]
    firstName: Annotated[Text, Field(description="First name of the person at the address")]
    lastName: Annotated[Text, Field(description="Last name of the person at the address")]
    name: Annotated[Text, Field(description="Name of the person at the address")]
    postcode: Annotated[Text, Field(description="Postal code", examples=["2000"])]
    phone: Annotated[Text, Field(description="Telephone number of the address")]
    province: Annotated[Text, Field(description="State or province", examples=["New South Wales"])]
    provinceCode: Annotated[
        Text, Field(description="Abbreviation of the state or province", examples=["NSW"])
    ]
    country: Annotated[Text, Field(description="Country", examples=["Australia"])]
    countryCode: Annotated[
        str, AfterValidator(_country_code), Field(description="ISO 3166-1 alpha-2", examples=["AU"])
    ]


class OptinPreference(TypedDict, total=False):
    """A customer's consent on one channel; null is the same as left out."""

    opt_in_active: Annotated[StrictBool, Field(description="Whether the customer has opted in")]
    opt_in_updated_at: Annotated[Timestamp, Field(description="When the preference last changed")]
    opted_in_at: Annotated[Timestamp, Field(description="When the preference was first set")]


class OptinPreferences(TypedDict, total=False):
    """A customer's consent by channel; null takes a channel's record away."""

    email: Annotated[OptinPreference, BeforeValidator(_without_nulls)] | None
    sms: Annotated[OptinPreference, BeforeValidator(_without_nulls)] | None


AttributeValue = Annotated[PlainText, BeforeValidator(_boolean_as_text)]


class AttributeGroup(TypedDict, total=False):
    """A named group of the retailer's own attributes; null is the same as left out."""

    attributes: Annotated[
        dict[Name, AttributeValue],
        BeforeValidator(_without_nulls),
        Field(
            description="Text by name; numbers and booleans become text",
            examples=[{"origin": "social_media"}],
        ),
    ]
    description: Annotated[Text, Field(description="Shown in TWC's back office only")]


class CustomerFields(TypedDict, total=False):
    """All fields a client may set but the email."""

    customerRef: Annotated[
        Reference | None, Field(description="The retailer's main identifier; unique", examples=["CUST11959"])
    ]
    alternateCustomerRef: Annotated[
        Reference | None, Field(description="The retailer's second identifier; unique")
    ]
    dob: Annotated[
        Annotated[str, AfterValidator(_date_of_birth)] | None,
        Field(description="Date of birth as dd-mm-yyyy", examples=["28-11-1999"]),
    ]
    firstName: Annotated[Text | None, Field(description="First name")]
    lastName: Annotated[Text | None, Field(description="Last name")]
    mobile: Annotated[Text | None, Field(description="Mobile telephone number")]
    phone: Annotated[Text | None, Field(description="Telephone number")]
    vipStatus: Annotated[StrictBool | None, Field(description="Whether the customer is a VIP")]
    loyaltyTier: Annotated[Text | None, Field(description="Loyalty tier; not managed by TWC")]
    spendToNextTier: Annotated[Text | None, Field(description="Amount to spend to the next tier")]
    joinedStoreId: Annotated[Text | None, Field(description="locationRef of the store joined in")]
    memberSince: Annotated[
        Annotated[str, AfterValidator(_member_since)] | None,
        Field(description="Date the customer joined the loyalty program: ISO 8601 or dd-mm-yyyy"),
    ]
    active: StrictBool | None
    accepts_marketing: StrictBool | None
    taxExempt: StrictBool | None
    taxExemptions: list[Text] | None
    verified_email: StrictBool | None
    customer_state: Literal["disabled", "invited", "enabled", "declined"] | None
    addresses: Annotated[
        Annotated[list[Annotated[Address, BeforeValidator(_without_nulls)]], Field(max_length=50)] | None,
        Field(description="The customer's addresses, all of them"),
    ]
    optin_preferences: Annotated[OptinPreferences | None, Field(description="Consent by channel")]
    attributeGroups: Annotated[
        dict[Name, Annotated[AttributeGroup, BeforeValidator(_without_nulls)] | None] | None,
        Field(description="The retailer's own attributes, by group"),
    ]


class NewCustomer(CustomerFields):
    """A create: the email is mandatory, null is the same as left out."""

    email: Email


class CustomerChanges(CustomerFields, total=False):
    """An update: what is left out stays, null clears; the email cannot be cleared."""

    email: Email

"""The Customer Request of the Customer API, as pydantic checks it.

Typed dicts keep apart a field left out and one that is null; blank is null (contract, "Customer"). Numbers
come as text (see `json_text`). Descriptions and examples are for the reader of the API's schema.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from functions.customers.customer import MAX_ADDRESSES
from functions.customers.fields import CountryCode, DateOfBirth, Email, MemberSince, Reference, Timestamp
from functions.shared.json_text import as_identifier
from functions.shared.text import is_blank
from functions.shared.validation import (
    MESSAGES,
    Boolean,
    Given,
    GivenFields,
    Identifier,
    Map,
    Plain,
    PlainText,
    ShortText,
    Text,
    Trimmed,
    refused,
)


def _addresses(addresses: list["Address"]) -> list["Address"]:
    known: set[str] = set()
    for number, address in enumerate(addresses):
        address_id = address.get("addressID")
        if address_id in known:
            raise refused("is the addressID of another address", at=(number, "addressID"))
        known |= {address_id} if address_id else set()
    # An address with nothing in it is none.
    given = [address for address in addresses if address]
    # Counted without those, which a limit of pydantic's would not do.
    if len(given) > MAX_ADDRESSES:
        raise refused(MESSAGES["too_long"].format(max_length=MAX_ADDRESSES))
    return given


def _given_texts(value: Any) -> Any:
    return [text for text in value if not is_blank(text)] if isinstance(value, list) else value


def _boolean_as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


Name = Annotated[str, Field(min_length=1, max_length=256), Plain]


class Address(TypedDict, total=False):
    """One address of a customer; a blank part is the same as one left out."""

    address1: Annotated[Text, Field(description="Address line 1", examples=["Wish Street 3"])]
    address2: Annotated[Text, Field(description="Address line 2")]
    addressID: Annotated[
        Text,
        Trimmed,
        BeforeValidator(as_identifier),
        Field(description="TWC's identifier, given where the client gives none"),
    ]
    addressRef: Annotated[Identifier, Field(description="The retailer's identifier of the address")]
    city: Annotated[Text, Field(description="City")]
    company: Annotated[Text, Field(description="Company")]
    email: Annotated[Text, Field(description="The email address associated with the address")]
    firstName: Annotated[Text, Field(description="First name of the person at the address")]
    lastName: Annotated[Text, Field(description="Last name of the person at the address")]
    name: Annotated[Text, Field(description="Name of the person at the address")]
    postcode: Annotated[Identifier, Field(description="Postal code", examples=["2000"])]
    phone: Annotated[Identifier, Field(description="Telephone number of the address")]
    province: Annotated[Text, Field(description="State or province", examples=["New South Wales"])]
    provinceCode: Annotated[
        Text, Field(description="Abbreviation of the state or province", examples=["NSW"])
    ]
    country: Annotated[Text, Field(description="Country", examples=["Australia"])]
    countryCode: Annotated[
        CountryCode,
        Field(description="ISO 3166-1 alpha-2, and XK for Kosovo", examples=["AU"]),
    ]


class OptinPreference(TypedDict, total=False):
    """A customer's consent on one channel; blank is the same as left out.

    A refusal worth recording carries its `opt_in_updated_at`: without it, an update cannot tell it from what
    an answer shows of a channel that was never mentioned.
    """

    opt_in_active: Annotated[Boolean, Field(description="Whether the customer has opted in")]
    opt_in_updated_at: Annotated[
        Timestamp,
        Field(
            description="When the preference last changed. A change older than what stands is not made, so "
            "that a copy kept for a while undoes no withdrawal"
        ),
    ]
    opted_in_at: Annotated[
        Timestamp, Field(description="When the preference was first set; kept from then on")
    ]


Channel = Annotated[
    Annotated[OptinPreference, GivenFields] | None,
    Given,
    Map,
    Field(description="Null withdraws; a channel never mentioned stays so"),
]


class OptinPreferences(TypedDict, total=False):
    """A customer's consent by channel."""

    email: Channel
    sms: Channel


AttributeValue = Annotated[PlainText | None, Given, BeforeValidator(_boolean_as_text)]


@with_config(ConfigDict(extra="forbid"))
class AttributeGroup(TypedDict, total=False):
    """A named group of the retailer's own attributes; it merges by attribute, and a blank one goes."""

    attributes: Annotated[
        dict[Name, AttributeValue] | None,
        Given,
        Map,
        Field(
            description="Text by name; numbers and booleans become text",
            examples=[{"origin": "social_media"}],
        ),
    ]
    description: Annotated[Text, Field(description="Shown in TWC's back office only")]


class CustomerFields(TypedDict, total=False):
    """All fields a client may set but the email."""

    customerRef: Annotated[
        Reference,
        Field(
            description="The retailer's main identifier: 1 to 128 characters, unique in the tenant, "
            "case kept",
            examples=["CUST11959"],
        ),
    ]
    alternateCustomerRef: Annotated[
        Reference,
        Field(
            description="The retailer's second identifier: 1 to 128 characters, unique among second "
            "identifiers, case kept"
        ),
    ]
    dob: Annotated[
        DateOfBirth,
        Field(description="Date of birth as `dd-mm-yyyy`, not in the future", examples=["28-11-1999"]),
    ]
    firstName: Annotated[Text, Field(description="First name")]
    lastName: Annotated[Text, Field(description="Last name")]
    mobile: Annotated[Identifier, Field(description="Mobile number, as written; searched by its digits")]
    phone: Annotated[Identifier, Field(description="Telephone number, as written; searched by its digits")]
    vipStatus: Annotated[Boolean, Field(description="Whether the customer is a VIP")]
    loyaltyTier: Annotated[Text, Field(description="Loyalty tier; not managed by TWC")]
    spendToNextTier: Annotated[Text, Field(description="Amount to spend to the next tier, as text")]
    joinedStoreId: Annotated[Identifier, Field(description="locationRef of the store joined in")]
    memberSince: Annotated[
        MemberSince,
        Field(
            description="When the customer joined the loyalty program: a date or date-time of ISO 8601, or "
            "`dd-mm-yyyy`; given back as written"
        ),
    ]
    active: Annotated[Boolean, Field(description="Whether the customer is active; true where not given")]
    accepts_marketing: Annotated[
        Boolean,
        Field(
            description="Whether the customer accepts marketing at all; false where not given. Consent by "
            "channel is `optin_preferences`"
        ),
    ]
    taxExempt: Annotated[
        Boolean, Field(description="Whether the customer pays no tax; false where not given")
    ]
    taxExemptions: Annotated[
        list[ShortText] | None,
        Given,
        BeforeValidator(_given_texts),
        Field(description="Names of the taxes the customer does not pay; replaced as a whole"),
    ]
    verified_email: Annotated[
        Boolean,
        Field(
            description="Whether the address was verified; false where not given. A change of `email` (more "
            "than its case) makes it false, unless the same request says otherwise"
        ),
    ]
    customer_state: Annotated[
        Literal["disabled", "invited", "enabled", "declined"] | None,
        Trimmed,
        Field(description="State of the customer's account; `enabled` where not given"),
    ]
    addresses: Annotated[
        Annotated[
            list[Annotated[Address, GivenFields]],
            AfterValidator(_addresses),
            Field(json_schema_extra={"maxItems": MAX_ADDRESSES}),
        ]
        | None,
        Given,
        Field(
            description="The customer's addresses, at most 50. Given, they replace all that stand; one with "
            "nothing in it is dropped, two with one `addressID` are refused"
        ),
    ]
    optin_preferences: Annotated[
        OptinPreferences | None, Given, Map, Field(description="Consent; merged by channel")
    ]
    attributeGroups: Annotated[
        dict[Name, Annotated[AttributeGroup | None, Given, Map]] | None,
        Given,
        Map,
        Field(
            description="The retailer's own attributes, by group. They merge by group and attribute name: "
            "null takes an attribute or a group away, what is left out stays"
        ),
    ]


class NewCustomer(CustomerFields):
    """A create: `email` is mandatory; blank (`""`, `" "`, `null`) is the same as left out."""

    email: Email


class CustomerChanges(CustomerFields, total=False):
    """An update: what is left out stays, blank (`""`, `" "`, `null`) clears; `email` cannot be cleared."""

    email: Email

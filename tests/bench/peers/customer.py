"""The customer of every peer: the product's fields as pydantic's models, and DynamoDB's items."""

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")

client = boto3.client("dynamodb")
_write, _read = TypeSerializer().serialize, TypeDeserializer().deserialize

Text = Annotated[str, Field(max_length=256)]
Reference = Annotated[str, Field(min_length=1, max_length=128)]


def _email(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("is not an email address")
    return text.strip()


def _day(text: str) -> str:
    datetime.strptime(text, "%d-%m-%Y")
    return text


class Address(BaseModel):
    """One address."""

    addressID: Text = Field(default_factory=lambda: str(uuid.uuid4()))
    address1: Text | None = None
    address2: Text | None = None
    addressRef: Text | None = None
    city: Text | None = None
    company: Text | None = None
    email: Text | None = None
    firstName: Text | None = None
    lastName: Text | None = None
    name: Text | None = None
    postcode: Text | None = None
    phone: Text | None = None
    province: Text | None = None
    provinceCode: Text | None = None
    country: Text | None = None
    countryCode: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None


class Optin(BaseModel):
    """Consent on a channel."""

    opt_in_active: bool = False
    opt_in_updated_at: datetime | None = None
    opted_in_at: datetime | None = None


class Optins(BaseModel):
    """Consent by channel."""

    email: Optin = Optin()
    sms: Optin = Optin()


class AttributeGroup(BaseModel):
    """Attributes of the retailer's own."""

    model_config = ConfigDict(extra="forbid")
    attributes: dict[str, str] = {}
    description: Text | None = None


class NewCustomer(BaseModel):
    """A create."""

    email: Annotated[str, Field(max_length=254), AfterValidator(_email)]
    customerRef: Reference | None = None
    alternateCustomerRef: Reference | None = None
    dob: Annotated[str, AfterValidator(_day)] | None = None
    firstName: Text | None = None
    lastName: Text | None = None
    mobile: Text | None = None
    phone: Text | None = None
    vipStatus: bool | None = None
    loyaltyTier: Text | None = None
    spendToNextTier: Text | None = None
    joinedStoreId: Text | None = None
    memberSince: Text | None = None
    active: bool = True
    accepts_marketing: bool = False
    taxExempt: bool = False
    taxExemptions: list[Text] = []
    verified_email: bool = False
    customer_state: Literal["disabled", "invited", "enabled", "declined"] = "enabled"
    addresses: Annotated[list[Address], Field(max_length=50)] = []
    optin_preferences: Optins = Optins()
    attributeGroups: dict[str, AttributeGroup] = {}


def create(tenant: str, new: NewCustomer) -> dict[str, Any]:
    """Store a customer and a claim on each of its unique values, in one transaction."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    fields = new.model_dump(mode="json", exclude_none=True)
    customer = {**fields, "id": str(uuid.uuid4()), "createdDate": now, "lastModifiedDate": now}
    keys = [f"{tenant}#email#{new.email.lower()}"]
    keys += [f"{tenant}#customerRef#{new.customerRef}"] if new.customerRef else []
    puts = [
        ("customers", "customerKey", {**customer, "customerKey": f"{tenant}#{customer['id']}"}),
        *(("claims", "claimKey", {"claimKey": key, "customerId": customer["id"]}) for key in keys),
    ]
    client.transact_write_items(
        TransactItems=[
            {
                "Put": {
                    "TableName": table,
                    "Item": {name: _write(value) for name, value in item.items()},
                    "ConditionExpression": f"attribute_not_exists({key})",
                }
            }
            for table, key, item in puts
        ]
    )
    return customer


def get(tenant: str, customer_id: str) -> dict[str, Any] | None:
    """The customer of an id."""
    key = {"customerKey": _write(f"{tenant}#{customer_id}")}
    item = client.get_item(TableName="customers", Key=key, ConsistentRead=True).get("Item")
    if item is None:
        return None
    return {name: _read(value) for name, value in item.items() if name != "customerKey"}

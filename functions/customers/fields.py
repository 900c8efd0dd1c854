"""Single fields of a customer's request that are parsed: emails, references, dates, country codes."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from functions.customers.country_codes import COUNTRY_CODES
from functions.customers.email_address import invalid_reason
from functions.shared import clock
from functions.shared.json_text import as_identifier
from functions.shared.text import REPLACEMENT_CHARACTER, is_control, trimmed
from functions.shared.validation import (
    MESSAGES,
    PlainText,
    Trimmed,
    ValidationContext,
    not_blank,
    refused,
)

MAX_REFERENCE_LENGTH = 128
"""Characters of a `customerRef` or `alternateCustomerRef`."""

AHEAD = timedelta(days=1)
"""How far a client's clock, or its time zone where it names none, may be ahead of ours."""

NOT_UTF_8 = f"holds {REPLACEMENT_CHARACTER} (U+FFFD), which stands for bytes that are not UTF-8"

_DAY_MONTH_YEAR = re.compile(r"(\d{2})-(\d{2})-(\d{4})", re.ASCII)


def _email(text: str) -> str:
    address = trimmed(text)
    if REPLACEMENT_CHARACTER in address:
        raise refused(NOT_UTF_8)
    if reason := invalid_reason(address):
        raise refused(reason)
    return address


def _reference(text: str) -> str:
    reference = unicodedata.normalize("NFC", text)
    if REPLACEMENT_CHARACTER in reference:
        raise refused(NOT_UTF_8)
    if not reference.isprintable() and any(map(is_control, reference)):
        raise refused(MESSAGES["control_character"])
    if len(reference) > MAX_REFERENCE_LENGTH:
        raise refused(f"must be at most {MAX_REFERENCE_LENGTH} characters")
    return reference


def _day_month_year(text: str) -> date:
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is None:
        raise ValueError
    day, month, year = map(int, match.groups())
    return date(year, month, day)


def _now(info: ValidationInfo) -> datetime:
    return cast("ValidationContext", info.context)["now"]


def _date_of_birth(text: str, info: ValidationInfo) -> str:
    try:
        birth = _day_month_year(text)
    except ValueError:
        raise refused("must be a date as dd-mm-yyyy") from None
    if birth > clock.latest_day(_now(info)):
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


def _timestamp(text: str, info: ValidationInfo) -> str:
    try:
        timestamp = clock.timestamp(clock.moment(text))
    except (ValueError, OverflowError):
        raise refused("must be a date-time as in ISO 8601") from None
    # Later withdrawals would be older than it.
    if timestamp > clock.timestamp(_now(info) + AHEAD):
        raise refused("must not be in the future")
    return timestamp


def _country_code(text: str) -> str:
    code = text.upper()
    if code not in COUNTRY_CODES:
        raise refused("must be a two-letter country code (ISO 3166-1)")
    return code


Email = Annotated[
    PlainText,
    AfterValidator(_email),
    not_blank(MESSAGES["missing"]),
    Field(
        description="Email address (RFC 5321), at most 254 characters. Unique in the tenant: without regard "
        "to case, its domain as IDNA normalises it. Given back as last written; to be changed, not cleared",
        examples=["test@example.com"],
    ),
]
Reference = Annotated[
    Annotated[PlainText, AfterValidator(_reference)] | None, Trimmed, BeforeValidator(as_identifier)
]
Timestamp = Annotated[Annotated[str, AfterValidator(_timestamp)] | None, Trimmed]
DateOfBirth = Annotated[Annotated[str, AfterValidator(_date_of_birth)] | None, Trimmed]
MemberSince = Annotated[Annotated[str, AfterValidator(_member_since)] | None, Trimmed]
CountryCode = Annotated[Annotated[str, AfterValidator(_country_code)] | None, Trimmed]

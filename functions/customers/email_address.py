"""Email addresses: which are valid."""

import re

MAX_LENGTH = 254
MAX_LOCAL_OCTETS = 64

PLAINLY_VALID = re.compile(
    r"(?=.{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)
"""Addresses that email-validator accepts without a doubt, which saves loading it; it judges all others."""


def invalid_reason(address: str) -> str | None:
    """Why `address` (trimmed) is not a valid email address (RFC 5321, 6531), None if it is.

    Quoted local parts and reserved domains such as `.test` are addresses, for importers need some that can
    never be mailed (RFC 2606); the form `Name <name@example.com>` and domains without a dot are not.
    """
    if len(address) > MAX_LENGTH:
        return f"must be at most {MAX_LENGTH} characters"
    if PLAINLY_VALID.fullmatch(address):
        return None
    if len(address.rpartition("@")[0].encode()) > MAX_LOCAL_OCTETS:
        return f"must have at most {MAX_LOCAL_OCTETS} octets before the @"
    import email_validator  # noqa: PLC0415  rarely needed, slow to load

    # The library's own switch for domains that cannot be mailed (its README, "Special use domains").
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        email_validator.validate_email(address, check_deliverability=False, allow_quoted_local=True)
    except email_validator.EmailNotValidError:
        return "is not a valid email address"
    return None

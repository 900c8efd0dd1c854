"""Email addresses: which are valid."""

import re

MAX_LENGTH = 254

PLAINLY_VALID = re.compile(
    r"(?=.{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)
"""Addresses that email-validator accepts without a doubt, which saves loading it; it judges all others."""


def invalid_reason(address: str) -> str | None:
    """Why `address` (trimmed) is not a valid email address (RFC 5321, 6531), None if it is.

    The form `Name <name@example.com>` is not an address here.
    """
    if len(address) > MAX_LENGTH:
        return f"must be at most {MAX_LENGTH} characters"
    if PLAINLY_VALID.fullmatch(address):
        return None
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  rarely needed, slow to load

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return "is not a valid email address"
    return None

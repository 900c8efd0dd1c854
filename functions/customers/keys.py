"""What makes two values of a customer the same: how emails, references, names and telephones compare."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from functions.shared.text import trimmed

UNIQUE_FIELDS = ("email", "customerRef", "alternateCustomerRef")
"""Fields of which a value has one owner in a tenant."""

IDENTIFIERS = ("id", "customerRef", "alternateCustomerRef", "email")
"""What names a customer in path or query; of several in one query the first of these decides."""

SEARCH_FIELDS = ("email", "mobile", "phone", "lastName", "firstName")
"""Fields a search may ask for, the most telling first."""

_TRUNK_ZERO = re.compile(r"(?<=\d)([^\d(]*)\(\s*0\s*\)(?=[^\d]*\d)")
"""The zero that is not dialled behind a country code, as in `+61 (0)400 000 000` (ITU-T E.123, 7)."""

_NOT_DIGIT = re.compile(r"\D")

_DOT_ATOM = re.compile(r"[^\s\"(),:;<>@\[\\\].]+(?:\.[^\s\"(),:;<>@\[\\\].]+)*")
"""What a local part needs no quotes for (RFC 5322, 3.2.3; RFC 6531, 3.3)."""


def search_key(name: str, value: str) -> str:
    """What equal values of a field have in common; empty for a value that nothing can equal.

    Emails as `email_key` has it, names without regard to case, telephone numbers by their digits, references
    as they are; all without regard to how accents are written.
    """
    if name in {"mobile", "phone"}:
        return _digits(value)
    text = trimmed(value)
    if name == "email":
        return email_key(text)
    return unicodedata.normalize("NFC", text) if name.endswith("Ref") else folded(text)


def search_keys(customer: Mapping[str, Any]) -> dict[str, str]:
    """The search key of each field that has one: email, names, telephone numbers and references."""
    return {
        name: key
        for name in (*SEARCH_FIELDS, "customerRef", "alternateCustomerRef")
        if (value := customer.get(name)) and (key := search_key(name, value))
    }


def unique_values(customer: Mapping[str, Any]) -> dict[str, str]:
    """The values this customer owns, by field, as they are compared."""
    return {
        name: key
        for name in UNIQUE_FIELDS
        if (value := customer.get(name)) and (key := search_key(name, value))
    }


def email_key(address: str) -> str:
    """What the spellings of one mailbox have in common.

    The local part by its letters' case alone and without needless quotes (RFC 5321, 4.1.2), the domain as
    IDNA writes it in ASCII (UTS 46).
    """
    if address.isascii() and '"' not in address:
        return address.lower()
    local, at, domain = address.rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        content = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = content if _DOT_ATOM.fullmatch(content) else local
    return f"{_without_case(unicodedata.normalize('NFC', local))}{at}{_idna(domain)}"


def folded(text: str) -> str:
    """Text without regard to case, and to how its accents are written (Unicode, 3.13, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _digits(number: str) -> str:
    digits = _NOT_DIGIT.sub("", _TRUNK_ZERO.sub(r"\1", number))
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in digits)


def _without_case(text: str) -> str:
    """Simple case folding: a letter stays one letter, so `ß` is not `ss` (Unicode, CaseFolding, C + S)."""
    return "".join(
        next(one for one in (letter.casefold(), letter.lower(), letter) if len(one) == 1) for letter in text
    )


def _idna(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    import idna  # noqa: PLC0415  rarely needed, slow to load

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        # No valid address has it, so nothing can equal it.
        return folded(domain)

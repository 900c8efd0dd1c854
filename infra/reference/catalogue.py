"""Every error code: what it means and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.auth.errors import InvalidClientError, UnsupportedGrantTypeError
from functions.customers.errors import DuplicateValueError
from functions.exports.errors import TooManyExportsError
from functions.exports.export import KNOWN, KNOWN_DAYS, RUNNING
from functions.shared.errors import (
    ApiError,
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
)
from infra.gateway_errors import ERRORS as GATEWAY_ERRORS

ERRORS: tuple[type[ApiError], ...] = (
    InvalidRequestError,
    DuplicateValueError,
    UnauthorizedError,
    NotFoundError,
    ConflictError,
    PreconditionFailedError,
    IdempotencyKeyReusedError,
    UnsupportedMediaTypeError,
    TooManyExportsError,
    UnavailableError,
    UnsupportedGrantTypeError,
    InvalidClientError,
)
"""Every error a function raises, a class for each code."""


@dataclass(frozen=True)
class Advice:
    """What a code means, and what its caller does."""

    meaning: str
    remedy: str


ADVICE: Mapping[str, Advice] = {
    "invalid_request": Advice(
        "Something in the request is missing, malformed or out of bounds. `errors` names every wrong field.",
        "Correct all the named fields and send it again. Repeating it unchanged fails again.",
    ),
    "duplicate_value": Advice(
        "Another customer of your tenant has this email, `customerRef` or `alternateCustomerRef`; "
        "`errors` names which.",
        "Find that customer by the value and change it instead, or give this one another value.",
    ),
    "unauthorized": Advice(
        "The access token or `X-TWC-Tenant` is missing, or the token is unknown, expired or revoked.",
        "Get a new token and send the request once more; if that fails too, check the client's credentials.",
    ),
    "forbidden": Advice(
        "The token is good, but not for the tenant that `X-TWC-Tenant` names; or the tenant is disabled.",
        "Send the key of the tenant whose credentials got the token. "
        "A disabled tenant asks its contact at TWC.",
    ),
    "not_found": Advice(
        "There is no such customer, note, upload, import, realm or route in your tenant; "
        "a deleted one is gone for good.",
        "Check the identifier and how it is encoded in the address. "
        "A customer of another tenant is never found.",
    ),
    "conflict": Advice(
        "Others kept changing the same customer at the same time; nothing of this request was done.",
        "Wait for the seconds in `Retry-After` and send the same request again.",
    ),
    "precondition_failed": Advice(
        "The customer has another version than `If-Match` names; nothing was changed.",
        "Read the customer again, apply your change to what you find, and send it with the new `ETag`.",
    ),
    "idempotency_key_reused": Advice(
        "This `Idempotency-Key` was used for another body, or what it made was deleted since.",
        "Take a new key for a new thing; send the very same body for a repeat.",
    ),
    "payload_too_large": Advice(
        "The request's body or headers are larger than the gateway takes.",
        "Split an upload into several; a single customer or note has up to 256 KB.",
    ),
    "unsupported_media_type": Advice(
        "`Content-Type` names a charset other than UTF-8.",
        "Send JSON in UTF-8, and no other charset in the header.",
    ),
    "too_many_requests": Advice(
        "The API is asked more often than its limit allows; nothing was done.",
        "Wait for the seconds in `Retry-After`, then go on more slowly: "
        "double the pause with each further 429.",
    ),
    "too_many_exports": Advice(
        f"{RUNNING} exports of your tenant are under way, or {KNOWN} were begun in {KNOWN_DAYS} days, "
        "the most there may be; this one was not begun.",
        "Wait for one to complete (`GET …/exports/{exportId}`), or delete one you no longer want; "
        f"of {KNOWN}, wait for the first to be {KNOWN_DAYS} days old.",
    ),
    "quota_exceeded": Advice(
        "The quota of your plan is used up.",
        "Wait for the time in `Retry-After`, or ask your contact at TWC for another plan.",
    ),
    "internal_error": Advice(
        "A fault of ours. Whether the request was done is not certain.",
        "Repeat it with the same `Idempotency-Key` or `If-Match`; report the `requestId` if it stays.",
    ),
    "unavailable": Advice(
        "The service is busy or something it stands on does not answer.",
        "Wait for the seconds in `Retry-After` and send the same request again, "
        "with the same `Idempotency-Key`.",
    ),
    "unsupported_grant_type": Advice(
        "The token endpoint issues tokens for `grant_type=client_credentials` alone.",
        "Send that grant type.",
    ),
    "invalid_client": Advice(
        "The client id is unknown, its secret is wrong, or its tenant is disabled: which one is not told.",
        "Check client id, secret and the realm in the address; "
        "a secret that is lost is replaced by a rotation.",
    ),
}
"""By code."""


def statuses() -> dict[str, list[int]]:
    """The statuses each code comes with."""
    found: dict[str, set[int]] = {code: set() for code in ADVICE}
    for code, status in _all():
        found[code].add(status)
    return {code: sorted(seen) for code, seen in found.items()}


def _all() -> Iterator[tuple[str, int]]:
    yield from ((error.code, error.status) for error in ERRORS)
    # The gateway's defaults keep the status of what went wrong there.
    defaults = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 500}
    for error in GATEWAY_ERRORS:
        yield error.code, error.status or defaults[error.response_type]


def markdown() -> str:
    """The catalogue as a guide: a heading for each code, to which every error's `documentation` leads."""
    entries = [
        f"## {heading(code)}\n\n`{code}`, {' or '.join(map(str, numbers))}. {ADVICE[code].meaning}\n\n"
        f"*What to do:* {ADVICE[code].remedy}"
        for code, numbers in statuses().items()
    ]
    return "\n\n".join(entries)


def heading(code: str) -> str:
    """The code in words, of which the viewer makes the anchor that a code leads to."""
    return code.replace("_", " ").capitalize()

"""What can go wrong at the token endpoint alone (RFC 6749, 5.2)."""

from collections.abc import Mapping
from typing import ClassVar

from functions.shared.errors import ApiError

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""What every answer of a token endpoint says (RFC 6749, 5.1)."""


class InvalidTokenRequestError(ApiError):
    """The request is not one that RFC 6749 describes."""

    status = 400
    code = "invalid_request"
    headers: ClassVar[Mapping[str, str]] = NO_STORE


class UnsupportedGrantTypeError(ApiError):
    """Only client_credentials is issued here."""

    status = 400
    code = "unsupported_grant_type"
    headers: ClassVar[Mapping[str, str]] = NO_STORE


class InvalidClientError(ApiError):
    """The client is unknown, its secret is wrong, or its tenant is disabled: which one is not told."""

    status = 401
    code = "invalid_client"
    headers: ClassVar[Mapping[str, str]] = NO_STORE | {"WWW-Authenticate": 'Basic realm="customerservice"'}

    def __init__(self) -> None:
        super().__init__("Invalid client or invalid client credentials")

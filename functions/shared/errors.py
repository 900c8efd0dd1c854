"""What can go wrong for a caller. Each error knows its status and code; `endpoint` makes the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its dotted path (`addresses.0.countryCode`) and what is wrong with it."""

    field: str
    message: str


class ApiError(Exception):
    """An answer other than 2xx; `message` is for a person, `code` for a machine."""

    status: ClassVar[int]
    code: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)


class InvalidRequestError(ApiError):
    """The caller's mistake; `errors` holds every wrong field where fields are to blame."""

    status = 400
    code = "invalid_request"

    @classmethod
    def for_field(cls, field: str, message: str) -> "InvalidRequestError":
        """One wrong field."""
        return cls(f"{field}: {message}", [FieldError(field, message)])


class UnauthorizedError(ApiError):
    """No tenant stands behind the request."""

    status = 401
    code = "unauthorized"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class NotFoundError(ApiError):
    """There is no such resource in this tenant."""

    status = 404
    code = "not_found"


class GoneError(NotFoundError):
    """It was deleted and never comes back; to a caller of the API it is simply not there."""


class ConflictError(ApiError):
    """Other writers kept winning the race for this resource; nothing was changed."""

    status = 409
    code = "conflict"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}

    def __init__(self) -> None:
        super().__init__("Others are changing this at the same time; nothing was changed, try again")


class UnsupportedMediaTypeError(ApiError):
    """The body is in an encoding that JSON is not sent in (RFC 8259, 8.1)."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("The body must be UTF-8; Content-Type names another charset")


class PreconditionFailedError(ApiError):
    """`If-Match` names another version (RFC 9110, 13.1.1)."""

    status = 412
    code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__("The resource has another version than If-Match names; nothing was changed")


class IdempotencyKeyReusedError(ApiError):
    """The `Idempotency-Key` belongs to another request, or to something deleted since."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self, message: str = "This Idempotency-Key was used for another request") -> None:
        super().__init__(message)


class UnavailableError(ApiError):
    """Something this service stands on is throttled or down; trying again may help."""

    status = 503
    code = "unavailable"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}

    def __init__(self) -> None:
        super().__init__("The service is busy; try again")

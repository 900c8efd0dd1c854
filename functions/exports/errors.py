"""What can go wrong with an export alone."""

from collections.abc import Mapping
from typing import ClassVar

from functions.exports.export import KNOWN, KNOWN_DAYS, RUNNING
from functions.shared.errors import ApiError


class TooManyExportsError(ApiError):
    """As many exports of the tenant are under way as there may be."""

    status = 429
    code = "too_many_exports"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "60"}

    def __init__(
        self, message: str = f"{RUNNING} exports are under way; wait for one to complete, or delete it"
    ) -> None:
        super().__init__(message)


class TooManyKnownExportsError(TooManyExportsError):
    """The tenant has begun as many exports of late as there may be."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "3600"}

    def __init__(self) -> None:
        super().__init__(f"{KNOWN} exports were begun in {KNOWN_DAYS} days, the most there may be; wait")

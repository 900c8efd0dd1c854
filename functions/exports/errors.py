"""What can go wrong with an export alone."""

from collections.abc import Mapping
from typing import ClassVar

from functions.exports.export import RUNNING
from functions.shared.errors import ApiError


class TooManyExportsError(ApiError):
    """As many exports of the tenant are under way as there may be."""

    status = 429
    code = "too_many_exports"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "60"}

    def __init__(self) -> None:
        super().__init__(f"{RUNNING} exports are under way; wait for one to complete, or delete it")

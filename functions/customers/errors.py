"""What can go wrong with a customer alone."""

from collections.abc import Sequence

from functions.shared.errors import ApiError, FieldError

NOBODY = "There is no such customer"


class DuplicateValueError(ApiError):
    """Values that another customer of the tenant holds."""

    status = 400
    code = "duplicate_value"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(
            f"Another customer has this {' and this '.join(fields)}",
            [FieldError(field, "is taken by another customer") for field in fields],
        )

"""The body of a bulk upload: an array of customers as for create."""

from datetime import datetime
from typing import Any

from functions.customers.request import NewCustomer
from functions.customers.size import MAX_CUSTOMER_BYTES, require_fitting
from functions.shared.endpoint import MAX_BODY_BYTES, answer_bytes, utf8_bytes, written
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.validation import validator

MAX_UPLOAD_BYTES = 6 * 1024 * 1024
"""What a function can be handed (AWS: Lambda quotas)."""

MAX_ERRORS_BYTES = 4 * 1024 * 1024
"""What the named errors may take; a function's answer ends at 6 MB (AWS: Lambda quotas)."""

validate = validator(NewCustomer)


def valid_rows(body: Any, now: datetime) -> list[NewCustomer]:
    """The rows, each valid by itself. Raises InvalidRequestError, naming every wrong field of every row."""
    if not isinstance(body, list) or not body:
        raise InvalidRequestError("The body is not an array of one or more customers")
    rows: list[NewCustomer] = []
    errors: list[FieldError] = []
    room = MAX_ERRORS_BYTES
    for number, row in enumerate(body):
        try:
            rows.append(_valid_row(row, now))
        except InvalidRequestError as error:
            found = [_in_row(number, one) for one in error.errors or [FieldError("", error.message)]]
            room -= answer_bytes(written([vars(one) for one in found]))
            if room < 0:
                message = f"Too many rows are not valid; named are those before row {number}"
                raise InvalidRequestError(message, errors) from None
            errors += found
    if errors:
        raise InvalidRequestError("Some rows are not valid; nothing was queued", errors)
    return rows


def _valid_row(row: Any, now: datetime) -> NewCustomer:
    size = utf8_bytes(written(row))
    if size > MAX_BODY_BYTES:
        raise InvalidRequestError(f"is larger than {MAX_BODY_BYTES // 1024} KB")
    fields = validate(row, now)
    # A boolean that becomes text grows by half.
    if size * 2 > MAX_CUSTOMER_BYTES:
        require_fitting(fields)
    return fields


def _in_row(number: int, error: FieldError) -> FieldError:
    return FieldError(f"{number}.{error.field}" if error.field else str(number), error.message)

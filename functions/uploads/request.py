"""The body of a bulk upload: an array of customers as for create, or as for update."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.customers.request import CustomerChanges, NewCustomer
from functions.customers.size import MAX_CUSTOMER_BYTES, require_fitting
from functions.shared.endpoint import MAX_BODY_BYTES, answer_bytes, unicode_text, utf8_bytes, written
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.json_text import as_identifier
from functions.shared.text import is_blank, trimmed
from functions.shared.validation import validator
from functions.uploads.chunk import MATCHED_BY, Row, names
from functions.uploads.errors import RowError, row_error
from functions.uploads.options import Options

MAX_UPLOAD_BYTES = 6 * 1024 * 1024
"""What a function can be handed (AWS: Lambda quotas)."""

CODE = InvalidRequestError.code

MAX_ERRORS_BYTES = 4 * 1024 * 1024
"""What the named errors may take; a function's answer ends at 6 MB (AWS: Lambda quotas)."""

validate_new = validator(NewCustomer)
validate_changes = validator(CustomerChanges)


def valid_rows(body: Any, options: Options, now: datetime) -> tuple[list[Row], list[RowError]]:
    """The rows, each valid by itself; with `partial` beside them the errors of those that are not.

    Raises InvalidRequestError, naming every wrong field of every row, where one bad row refuses all.
    """
    if not isinstance(body, list) or not body:
        raise InvalidRequestError("The body is not an array of one or more customers")
    rows: list[Row] = []
    errors: list[tuple[int, FieldError]] = []
    room = MAX_ERRORS_BYTES
    for number, row in enumerate(body):
        try:
            rows.append(valid_row(number, row, options, now))
        except InvalidRequestError as error:
            found = [(number, one) for one in error.errors or [FieldError("", error.message)]]
            room -= answer_bytes(
                written([row_error(number, CODE, one.message, one.field) for _, one in found])
            )
            if room < 0:
                message = f"Too many rows are not valid; named are those before row {number}"
                raise InvalidRequestError(message, [_in_row(*one) for one in errors]) from None
            errors += found
    if errors and not options.partial:
        message = "Some rows are not valid; nothing was queued"
        raise InvalidRequestError(message, [_in_row(*one) for one in errors])
    return rows, [row_error(number, CODE, one.message, one.field) for number, one in errors]


def valid_row(number: int, row: Any, options: Options, now: datetime) -> Row:
    """One row as a request, a new customer or changes of the one it names. Raises InvalidRequestError."""
    try:
        size = utf8_bytes(written(row))
    except RecursionError:
        raise InvalidRequestError("is nested too deep") from None
    if size > MAX_BODY_BYTES:
        raise InvalidRequestError(f"is larger than {MAX_BODY_BYTES // 1024} KB")
    fields: Mapping[str, Any]
    fields = validate_new(row, now) if options.mode == "create" else validate_changes(row, now)
    # A boolean that becomes text grows by half.
    if size * 2 > MAX_CUSTOMER_BYTES:
        require_fitting(fields)
    if options.mode == "create":
        return Row(number, fields)
    return _naming(Row(number, fields, _id(row)), options.match_by)


def _id(row: Mapping[str, Any]) -> str | None:
    given = row.get("id")
    if is_blank(given):
        return None
    text = as_identifier(given)
    if not isinstance(text, str):
        raise InvalidRequestError.for_field("id", "must be text")
    return unicode_text("id", trimmed(text))


def _naming(row: Row, match_by: str | None) -> Row:
    """The row, where it names a customer."""
    if not names(row, match_by):
        if match_by is not None:
            raise InvalidRequestError.for_field(match_by, "is required")
        raise InvalidRequestError(f"names no customer by {' or '.join(MATCHED_BY)}")
    return row


def _in_row(number: int, error: FieldError) -> FieldError:
    return FieldError(f"{number}.{error.field}" if error.field else str(number), error.message)

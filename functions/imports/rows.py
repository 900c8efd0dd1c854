"""The rows of a range as requests, each valid or with what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.customers.consent import NOT_MENTIONED, of_unknown_age
from functions.imports.lines import Lines
from functions.imports.mapping import DATES, columns_of, reader_of
from functions.imports.progress import Import
from functions.imports.records import Record, records
from functions.shared import clock, json_text
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.formulas import unescaped
from functions.shared.text import is_blank
from functions.uploads.chunk import Row
from functions.uploads.errors import RowError, row_error
from functions.uploads.options import Options
from functions.uploads.request import valid_row

MAX_MESSAGE = 500
"""Characters of what one row is told; a row may have many wrong fields, and names of its own."""


@dataclass(frozen=True)
class ReadRow:
    """A row of the file: as it came, and as a request, None where `error` says what is wrong with it."""

    number: int
    record: Record
    request: Row | None = None
    error: RowError | None = None


def read_rows(one: Import, data: bytes, *, start: int, first: int, now: datetime) -> Iterator[ReadRow]:
    """The rows that `data` is, the file's bytes from `start` on; `first` is the number of the first one."""
    body_of, options = _body_of(one), options_of(one)
    lines = Lines([data], one["codec"], start)
    for number, record in enumerate(records(lines, one["delimiter"]), first):
        try:
            body = body_of(record)
            request = valid_row(number, body, options, now)
            if one.get("restore"):
                request = restored(request, body, now)
            request = _with_consent_of_unknown_age(request)
        except InvalidRequestError as error:
            yield ReadRow(number, record, error=_row_error(number, error))
        else:
            yield ReadRow(number, record, request)


def _with_consent_of_unknown_age(row: Row) -> Row:
    if not (preferences := row.fields.get("optin_preferences")):
        return row
    return replace(row, fields={**row.fields, "optin_preferences": of_unknown_age(preferences)})


def restored(row: Row, body: Mapping[str, Any], now: datetime) -> Row:
    """The row with the dates that its customer had, and no word of channels that it was never asked about.

    Raises InvalidRequestError for a date that is none, or not past.
    """
    fields = dict(row.fields)
    if preferences := fields.get("optin_preferences"):
        fields["optin_preferences"] = {
            channel: record for channel, record in preferences.items() if record != NOT_MENTIONED
        }
    dates: dict[str, str] = {}
    wrong: list[FieldError] = []
    for name in DATES:
        given: Any = body.get(name)
        if is_blank(given):
            continue
        try:
            dates[name] = clock.timestamp(clock.moment(given))
        except (TypeError, ValueError, OverflowError):
            wrong.append(FieldError(name, "must be a date-time as in ISO 8601"))
        else:
            if dates[name] > clock.timestamp(now):
                wrong.append(FieldError(name, "must not be in the future"))
    if wrong:
        raise InvalidRequestError("Some fields are not valid", wrong)
    return replace(row, fields=fields, dates=dates)


def options_of(one: Import) -> Options:
    """How an import treats its rows, as a bulk upload does."""
    return Options(one["mode"], one.get("matchBy"), one["partial"], one["dryRun"])


def _body_of(one: Import) -> Callable[[Record], dict[str, Any]]:
    if not one["delimiter"]:
        return _json_body
    header = one["header"]
    read = reader_of(columns_of(header, one.get("mapping", {})), keeps=one.get("blank") == "keep")

    def csv_body(record: Record) -> dict[str, Any]:
        if not record.fault and len(record.cells) != len(header):
            raise InvalidRequestError(f"has {len(record.cells)} cells, and the header {len(header)}")
        return read(tuple(map(unescaped, record.cells)))

    return lambda record: csv_body(_readable(record))


def _json_body(record: Record) -> dict[str, Any]:
    try:
        body = json_text.parse(_readable(record).text)
    except (ValueError, RecursionError):
        raise InvalidRequestError("is not JSON") from None
    if not isinstance(body, dict):
        raise InvalidRequestError("is not a JSON object")
    return body


def _readable(record: Record) -> Record:
    if record.fault:
        raise InvalidRequestError(record.fault)
    return record


def _row_error(number: int, error: InvalidRequestError) -> RowError:
    """One error of a row, that tells of all its wrong fields."""
    if not error.errors:
        return row_error(number, error.code, error.message)
    first, *others = error.errors
    if not others:
        message = first.message
    else:
        message = "; ".join(f"{one.field}: {one.message}" for one in error.errors)
    return row_error(number, error.code, message[:MAX_MESSAGE], first.field)

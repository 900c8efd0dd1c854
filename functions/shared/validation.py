"""Request bodies against their types, with every wrong field named (contract, "Errors")."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypedDict, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.json_text import as_identifier
from functions.shared.text import is_blank, is_control, is_unicode, trimmed

T = TypeVar("T")


class ValidationContext(TypedDict):
    """What a field's validator may ask for beside its value: the time, in UTC."""

    now: datetime


MAX_LISTED_ERRORS = 1000
MAX_NAME_LENGTH = 256
"""What an answer repeats of a request, so that no request makes one too large to send."""

MESSAGES: Mapping[str, str] = {
    "bool_type": "must be true or false",
    "control_character": "must not hold control characters",
    "dict_type": "must be an object",
    "extra_forbidden": "is not a known field",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be an array",
    "literal_error": "must be one of {expected}",
    "missing": "is required",
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "string_unicode": "is not Unicode text",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must not be empty",
}
"""What to say of errors, pydantic's and our own, by their type; of others in pydantic's words."""


def validator(shape: type[T], *, one_of: Sequence[str] = ()) -> Callable[[Any, datetime], T]:
    """A function that gives `(body, now)` back as `shape`, unknown fields left out.

    `one_of` are fields of which the body, an object then, must hold one at least.
    Raises InvalidRequestError that names every wrong field.
    """
    adapter = TypeAdapter(shape)

    def validate(body: Any, now: datetime) -> T:
        missing = _none_given(body, one_of) if one_of else []
        try:
            valid = adapter.validate_python(body, context=ValidationContext(now=now))
        except ValidationError as error:
            raise _invalid([*field_errors(error), *missing]) from None
        if missing:
            raise _invalid(missing)
        return valid

    return validate


def field_errors(error: ValidationError) -> list[FieldError]:
    """The wrong fields of a failed validation, all of them."""
    return [
        FieldError(_path(detail), _message(detail))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def refused(message: str, *, at: Sequence[str | int] = ()) -> PydanticCustomError:
    """The error that a field's validator raises: `message` goes to the caller as it is.

    `at` leads from the field to what of it is wrong.
    """
    return PydanticCustomError("refused", "{message}", {"message": message, "at": tuple(at)})


def _invalid(errors: Sequence[FieldError]) -> InvalidRequestError:
    message = "Some fields are not valid"
    if len(errors) > MAX_LISTED_ERRORS:
        message += f"; of {len(errors)} errors the first {MAX_LISTED_ERRORS} are named"
    return InvalidRequestError(message, errors[:MAX_LISTED_ERRORS])


def _none_given(body: Mapping[str, Any], fields: Sequence[str]) -> list[FieldError]:
    if any(field in body for field in fields):
        return []
    return [FieldError(field, f"one of {' and '.join(fields)} is required") for field in fields]


def _path(detail: ErrorDetails) -> str:
    # pydantic says of a wrong name in a map that it is the map's `[key]`.
    parts = [
        part for part in (*detail["loc"], *detail.get("ctx", {}).get("at", ())) if part not in {"[key]", ""}
    ]
    return ".".join(map(_printable, parts))


def _message(detail: ErrorDetails) -> str:
    if detail["type"] not in MESSAGES:
        return detail["msg"]
    context = dict(detail.get("ctx", {}))
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    return MESSAGES[detail["type"]].format_map(context)


def _printable(part: str | int) -> str:
    text = str(part).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MAX_NAME_LENGTH else f"{text[:MAX_NAME_LENGTH]}…"


def _plain(text: str) -> str:
    if text.isprintable():
        return text
    if not is_unicode(text):
        raise refused(MESSAGES["string_unicode"])
    if any(is_control(char) and char not in "\t\n\r" for char in text):
        raise refused(MESSAGES["control_character"])
    return text


def _blank_as_null(value: Any) -> Any:
    return None if is_blank(value) else value


def _given_fields(value: Any) -> Any:
    if is_blank(value):
        return {}
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if not is_blank(one)}


def _trimmed_or_null(value: Any) -> Any:
    return (trimmed(value) or None) if isinstance(value, str) else value


def _given(message: str, value: Any) -> Any:
    if is_blank(value):
        raise refused(message)
    return value


def _map_of_empty_array(value: Any) -> Any:
    return {} if isinstance(value, list) and not value else value


Plain = AfterValidator(_plain)
"""After text, and after its limits: without control characters but tab and line ends."""


def not_blank(message: str) -> BeforeValidator:
    """Before text that has to be there: blank is refused with `message`."""
    return BeforeValidator(partial(_given, message))


PlainText = Annotated[str, Plain]
"""Text of any length."""

Given = BeforeValidator(_blank_as_null)
"""Before `… | None`: blank is null."""

Trimmed = BeforeValidator(_trimmed_or_null)
"""Before `… | None`, of text that is compared or parsed: without space around, and blank is null."""

GivenFields = BeforeValidator(_given_fields)
"""Before an object: without its blank fields, and blank is an empty one."""

Map = BeforeValidator(_map_of_empty_array)
"""Before an object: an empty array is an empty one, for PHP writes both alike."""

ShortText = Annotated[str, Field(max_length=256), Plain]
Text = Annotated[ShortText | None, Given]
Identifier = Annotated[Text, BeforeValidator(as_identifier)]
"""Text that spreadsheets take for a number: `1001.0` is `1001`."""

Boolean = Annotated[StrictBool | None, Given]

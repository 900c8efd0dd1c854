"""Request bodies against their types, with every wrong field named (contract, "Errors")."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypedDict, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.text import is_control, is_unicode

T = TypeVar("T")


class ValidationContext(TypedDict):
    """What a field's validator may ask for beside its value: the day, in UTC."""

    today: date


MAX_LISTED_ERRORS = 1000
MAX_NAME_LENGTH = 256
"""What an answer repeats of a request, so that no request makes one too large to send."""

MESSAGES: Mapping[str, str] = {
    "bool_type": "must be true or false",
    "control_character": "must not hold control characters",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "is not Unicode text",
}
"""What to say of errors, pydantic's and our own, by their type; of others in pydantic's words."""


def validator(shape: type[T], *, one_of: Sequence[str] = ()) -> Callable[[Any, date], T]:
    """A function that gives `(body, today)` back as `shape`, unknown fields left out.

    `one_of` are fields of which the body, an object then, must hold one at least.
    Raises InvalidRequestError that names every wrong field.
    """
    adapter = TypeAdapter(shape)

    def validate(body: Any, today: date) -> T:
        missing = _none_given(body, one_of) if one_of else []
        try:
            valid = adapter.validate_python(body, context=ValidationContext(today=today))
        except ValidationError as error:
            raise _invalid([*field_errors(error), *missing]) from None
        if missing:
            raise _invalid(missing)
        return valid

    return validate


def field_errors(error: ValidationError) -> list[FieldError]:
    """The wrong fields of a failed validation: all of them, up to a number that an answer can hold."""
    return [
        FieldError(".".join(map(_printable, detail["loc"])), _message(detail))
        for detail in error.errors(include_url=False, include_input=False)[:MAX_LISTED_ERRORS]
    ]


def refused(message: str) -> PydanticCustomError:
    """The error that a field's validator raises: `message` goes to the caller as it is."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def _invalid(errors: Sequence[FieldError]) -> InvalidRequestError:
    return InvalidRequestError("Some fields are not valid", errors)


def _none_given(body: Mapping[str, Any], fields: Sequence[str]) -> list[FieldError]:
    if any(field in body for field in fields):
        return []
    return [FieldError(field, f"one of {' and '.join(fields)} is required") for field in fields]


def _message(detail: ErrorDetails) -> str:
    return MESSAGES.get(detail["type"], detail["msg"])


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


PlainText = Annotated[str, AfterValidator(_plain)]
"""Text of any length, without control characters but tab and line ends."""

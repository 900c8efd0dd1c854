"""JSON as it comes in: every number as the text it was written as, so no digit is lost (RFC 8259)."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

_MAX_DIGITS = 40
"""Beyond so many digits a number is nobody's reference or telephone number."""


class NumberText(str):
    """A JSON number that has a fraction or an exponent, as it was written."""

    __slots__ = ()


def parse(text: str) -> Any:
    """What the JSON `text` says. Raises ValueError or RecursionError for what is not JSON."""
    return json.loads(text, parse_int=str, parse_float=NumberText, parse_constant=_refuse_constant)


def as_identifier(value: Any) -> Any:
    """A number with nothing behind its point in its integer form (`1001.0` is `1001`), all else as it is.

    Spreadsheets and JavaScript make such numbers of references, telephone numbers and postcodes.
    """
    if not isinstance(value, NumberText):
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        # Its exponent is beyond any that Python computes with.
        return str(value)
    integral = number.adjusted() < _MAX_DIGITS and number == number.to_integral_value()
    return f"{number:.0f}" if integral else str(value)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError

"""What text may hold."""

import unicodedata
from typing import Any


def is_unicode(text: str) -> bool:
    """Whether it is Unicode text: no half of a surrogate pair, which JSON lets through and no table takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_control(char: str) -> bool:
    """Whether a character is a control character (Unicode, category Cc)."""
    return unicodedata.category(char) == "Cc"


def is_blank(value: Any) -> bool:
    """Whether a value is as good as not given: null, or nothing but space."""
    return value is None or (isinstance(value, str) and not value.strip())

"""What text may hold, and what of it counts."""

import unicodedata
from typing import Any

REPLACEMENT_CHARACTER = "\ufffd"
"""What stands where bytes could not be read as UTF-8 (Unicode, 23.8)."""


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


def trimmed(text: str) -> str:
    """Text without what nobody sees at its ends: space, and characters of no width (Unicode, category Cf)."""
    text = text.strip()
    if text.isascii():
        return text
    start, end = 0, len(text)
    while start < end and _is_unseen(text[start]):
        start += 1
    while start < end and _is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def is_blank(value: Any) -> bool:
    """Whether a value is as good as not given: null, or text with nothing to see."""
    return value is None or (isinstance(value, str) and not trimmed(value))


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf"

"""Entity tags and the conditions on them (RFC 9110, 13.1)."""

import pytest

from functions.shared.etags import allows_change, etag, is_known


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        (None, True),
        ('"2","3"', True),
        (" * ", True),
        ('W/"3"', False),
        ("3", False),
        ('"2"', False),
        ("", False),
    ],
)
def test_if_match_compares_strongly(header: str | None, allowed: bool) -> None:
    assert allows_change(header, 3) == allowed


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ('"2", "3"', True), ("*", True), ('W/"3"', True), ("3", False), ('"2"', False)],
)
def test_if_none_match_compares_weakly(header: str | None, known: bool) -> None:
    assert is_known(header, etag(3)) == known


def test_a_tag_is_quoted() -> None:
    assert etag(3) == '"3"'

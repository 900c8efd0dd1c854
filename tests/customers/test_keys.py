"""What makes two values of a customer the same."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.customers.keys import email_key, folded, search_key, unique_values

SAME_MAILBOX = [
    ("m@bücher.de", "m@xn--bcher-kva.de"),
    ("m@BÜCHER.de", "M@bücher.DE"),
    ("m@bu\u0308cher.de", "m@bücher.de"),
    ("m@\uff42ücher.de", "m@bücher.de"),
    ("m@bücher。de", "m@bücher.de"),
    ("ÉCOLE@example.com", "e\u0301cole@example.com"),
    ("ΣΟΦΟΣ@example.com", "σοφος@example.com"),
    ('"ann"@example.com', "ann@example.com"),
    ('"a\\nn"@example.com', "ann@example.com"),
]
TWO_MAILBOXES = [
    ("straße@example.com", "strasse@example.com"),
    ("ﬁn@example.com", "fin@example.com"),
    ('"a b"@example.com', "ab@example.com"),
    ('"ann@example.com', "nn@example.com"),
    ('"ann@example.com', "an@example.com"),
    ('ann"@example.com', "n@example.com"),
    ('"a.b."@example.com', "a.b.@example.com"),
    ("m@strasse.de", "m@straße.de"),
]


@pytest.mark.parametrize(("one", "other"), SAME_MAILBOX)
def test_spellings_of_one_mailbox_are_the_same(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(("one", "other"), TWO_MAILBOXES)
def test_two_mailboxes_are_not(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@given(st.text(), st.text(string.whitespace + "\u200b\ufeff", max_size=3))
def test_comparing_forgets_what_nobody_sees_around_and_is_settled(value: str, around: str) -> None:
    for name in ("email", "lastName", "customerRef"):
        key = search_key(name, value)

        assert search_key(name, around + value + around) == key
        assert search_key(name, key) == key
        assert unicodedata.is_normalized("NFC", key.rpartition("@")[0])


@given(st.text(string.ascii_letters))
def test_names_compare_without_case(value: str) -> None:
    assert search_key("lastName", value.upper()) == search_key("lastName", value.lower())
    assert folded("STRASSE") == folded("straße")


@given(st.text(string.digits, min_size=1), st.lists(st.sampled_from(" +-/."), max_size=5))
def test_telephone_numbers_compare_by_their_digits(digits: str, marks: list[str]) -> None:
    assert search_key("phone", "".join(marks) + digits + "".join(marks)) == digits


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("+61 (0)400 000 000", "61400000000"),
        ("+61(0) 400 000 000", "61400000000"),
        ("+44 ( 0 ) 20 7946 0000", "442079460000"),
        ("(0)400 000 000", "0400000000"),
        ("(02) 9999 0000", "0299990000"),
        ("٠٤٠٠ ١٢٣ ٤٥٦", "0400123456"),
        ("\uff10\uff14\uff10\uff10", "0400"),
        ("x²", ""),
    ],
)
def test_every_digit_counts_but_a_bracketed_trunk_zero_behind_a_country_code(number: str, key: str) -> None:
    assert search_key("mobile", number) == key


def test_references_compare_in_nfc_and_keep_their_case() -> None:
    assert search_key("customerRef", "e\u0301") == "é"
    assert search_key("customerRef", "E") != search_key("customerRef", "e")


def test_blank_values_are_not_owned() -> None:
    assert unique_values({"email": "A@b.example", "customerRef": ""}) == {"email": "a@b.example"}

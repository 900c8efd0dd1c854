"""The columns of an export follow what a customer may have."""

from functions.customers.customer import MAX_ADDRESSES
from functions.customers.request import Address, OptinPreference, OptinPreferences
from functions.exports.columns import ADDRESS_FIELDS, CSV_COLUMNS, OPTIN_FIELDS, is_column


def test_every_field_of_an_address_is_a_column_and_no_other() -> None:
    assert sorted(ADDRESS_FIELDS) == sorted(Address.__annotations__)


def test_every_field_of_a_consent_is_a_column_on_every_channel_and_no_other() -> None:
    assert sorted(OPTIN_FIELDS) == sorted(OptinPreference.__annotations__)
    assert {one for one in CSV_COLUMNS if one.startswith("optin_preferences.")} == {
        f"optin_preferences.{channel}.{field}"
        for channel in OptinPreferences.__annotations__
        for field in OptinPreference.__annotations__
    }


def test_every_address_that_a_customer_may_have_is_a_column_and_none_beyond() -> None:
    assert all(is_column(f"addresses.{place}.city") for place in range(MAX_ADDRESSES))
    assert not is_column(f"addresses.{MAX_ADDRESSES}.city")
    assert not is_column("addresses.00.city")


def test_a_channel_is_a_column_by_its_name_alone() -> None:
    assert all(is_column(f"optin_preferences.{channel}") for channel in OptinPreferences.__annotations__)
    assert not is_column("optin_preferences.post")

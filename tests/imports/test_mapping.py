"""What columns mean: by their own names or a mapping, which fields there are, what a blank cell says."""

from typing import Any

import pytest

from functions.imports.lines import RefusedFileError
from functions.imports.mapping import columns_of, path_of, reader_of


def body(
    header: str, cells: str, mapping: dict[str, Any] | None = None, *, keeps: bool = False
) -> dict[str, Any]:
    return reader_of(columns_of(header.split(","), mapping or {}), keeps=keeps)(cells.split(","))


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("email", ("email",)),
        ("id", ("id",)),
        ("addresses.0.city", ("addresses", 0, "city")),
        ("addresses.49.countryCode", ("addresses", 49, "countryCode")),
        ("taxExemptions.1", ("taxExemptions", 1)),
        ("optin_preferences.sms.opted_in_at", ("optin_preferences", "sms", "opted_in_at")),
        ("attributeGroups.g.attributes.a", ("attributeGroups", "g", "attributes", "a")),
        ("attributeGroups.a.b.attributes.c.d", ("attributeGroups", "a.b", "attributes", "c.d")),
        ("attributeGroups.a.b.description", ("attributeGroups", "a.b", "description")),
    ],
)
def test_a_field_is_named_by_its_path(field: str, path: tuple[str | int, ...]) -> None:
    assert path_of(field) == path


@pytest.mark.parametrize(
    "field",
    [
        "",
        "Email",
        "addresses",
        "addresses.city",
        "addresses.50.city",
        "addresses.00.city",
        "addresses.²..city",
        "addresses.0.",
        "addresses.0.town",
        "taxExemptions",
        "optin_preferences.fax.opt_in_active",
        "optin_preferences.sms",
        "attributeGroups.g",
        "attributeGroups..attributes.a",
        "attributeGroups.g.attributes.",
        "totalSpend",
        "email.0",
    ],
)
def test_anything_else_is_no_field(field: str) -> None:
    assert path_of(field) is None


def test_columns_are_known_by_their_own_names_and_others_ignored() -> None:
    assert body("email,colour,addresses.1.city,addresses.0.city", "a@b.example,red,Two,One") == {
        "email": "a@b.example",
        "addresses": [{"city": "One"}, {"city": "Two"}],
    }


def test_a_mapping_goes_before_a_columns_own_name_and_null_takes_a_column_out() -> None:
    assert body("E-mail,email,phone", "a,b,1", {"E-mail": "email", "email": None}) == {
        "email": "a",
        "phone": "1",
    }


@pytest.mark.parametrize(
    ("cell", "value"), [("yes", True), ("Y", True), ("n", False), (" yes ", True), ("", "")]
)
def test_cells_are_true_as_the_mapping_says_and_false_otherwise(cell: str, value: Any) -> None:
    mapping = {"News": {"field": "optin_preferences.email.opt_in_active", "true": ["yes", "Y"]}}

    assert body("News,phone", f"{cell},1", mapping)["optin_preferences"] == {
        "email": {"opt_in_active": value}
    }


@pytest.mark.parametrize(("cell", "value"), [("y", True), ("n", False), ("maybe", "maybe")])
def test_where_a_mapping_says_what_is_false_anything_else_stays_for_the_rules_to_refuse(
    cell: str, value: Any
) -> None:
    mapping = {"VIP": {"field": "vipStatus", "true": ["y"], "false": ["n"]}}

    assert body("VIP", cell, mapping) == {"vipStatus": value}


@pytest.mark.parametrize(
    ("cell", "value"), [("TRUE", True), ("1", True), ("False", False), ("0", False), ("x", "x")]
)
def test_booleans_are_read_as_spreadsheets_write_them(cell: str, value: Any) -> None:
    assert body("active,firstName", f"{cell},true") == {"active": value, "firstName": "true"}


def test_a_blank_cell_is_given_as_blank_or_with_keep_not_at_all() -> None:
    header, cells = "email,firstName,addresses.0.city", " ,,"

    assert body(header, cells) == {"firstName": "", "addresses": None}
    assert body(header, cells, keeps=True) == {}


@pytest.mark.parametrize(
    ("header", "mapping", "named"),
    [
        ("email", {"Mail": "email"}, "Mail"),
        ("Mail,email", {"Mail": "email"}, "email"),
        ("colour,size", {}, "No column"),
    ],
)
def test_a_header_that_the_mapping_does_not_fit_is_refused(
    header: str, mapping: dict[str, Any], named: str
) -> None:
    with pytest.raises(RefusedFileError) as refused:
        columns_of(header.split(","), mapping)

    assert named in refused.value.message

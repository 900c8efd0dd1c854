"""The known exports: each is recognised by its columns, and means fields that the API has."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.imports.lines import RefusedFileError
from functions.imports.request import NewImport, check
from functions.shared.validation import validator
from infra.transfer.checking import checked, first_rows
from infra.transfer.copy import copied
from infra.transfer.importing import Options
from infra.transfer.layout import Layout
from infra.transfer.sources import Source, recognised, sources

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEPT = Options(blank="keep")

NAMES = {
    "klaviyo": "Klaviyo",
    "magento": "Magento",
    "mailchimp_subscribed": "Mailchimp, subscribed",
    "mailchimp_unsubscribed": "Mailchimp, unsubscribed",
    "shopify": "Shopify",
    "shopify_older": "Shopify",
    "woocommerce": "WooCommerce",
}


def rows(name: str) -> list[dict[str, object]]:
    """The valid rows of a sample, as the API reads them."""
    with copied(Layout.of(SAMPLES / f"{name}.csv"), lambda _count: None) as sent:
        return first_rows(sent, KEPT, 10, now=NOW)


def test_every_sample_is_of_a_known_export_and_every_known_export_has_a_sample() -> None:
    found = {}
    for file in SAMPLES.glob("*.csv"):
        source = Layout.of(file).source
        assert source is not None, file
        found[file.stem] = source.name
    assert found == NAMES
    assert {source.name for source in sources()} == set(NAMES.values())


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_every_mapping_is_one_that_the_api_takes(source: Source) -> None:
    for columns in source.recognised_by:
        # What is recognised is recognised again in what is sent, as the rows that were refused are.
        assert set(columns) <= source.mapping.keys()
    assert source.columns_from.startswith("https://")
    fields: dict[str, str] = {}
    for column, rule in source.mapping.items():
        field = rule if isinstance(rule, str) else rule["field"]
        # Two columns of one field are two names of it, which one file does not have.
        one = {column: rule}
        check(validator(NewImport)({"format": "csv", "size": 1, "mapping": one}, NOW))
        fields.setdefault(field, column)
    assert "email" in fields


@pytest.mark.parametrize("name", NAMES)
def test_the_mapping_of_every_sample_is_one_that_the_api_takes(name: str) -> None:
    with copied(Layout.of(SAMPLES / f"{name}.csv"), lambda _count: None) as sent:
        check(validator(NewImport)(KEPT.asked(sent), NOW))


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_of_every_sample_are_valid_but_for_one_without_email(name: str, tmp_path: Path) -> None:
    with copied(Layout.of(SAMPLES / f"{name}.csv"), lambda _count: None) as sent:
        verdict = checked(sent, KEPT, tmp_path / "failed.csv", now=NOW, advance=lambda _count: None)
    wrong = {"shopify": ["email"]}
    assert verdict.rows
    assert [error["field"] for error in verdict.errors] == wrong.get(name, [])


def test_other_columns_are_of_no_known_export() -> None:
    assert recognised(["Email", "First Name", "Last Name"]) is None
    assert recognised([]) is None


def test_a_file_of_nothing_known_is_refused_and_says_what_helps(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Who,Where\nAnn,Sydney\n")
    with pytest.raises(RefusedFileError) as refused:
        Layout.of(file)
    assert "a mapping says what they mean" in refused.value.message


def test_a_file_with_the_names_of_fields_needs_no_mapping(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "email,addresses.0.city,optin_preferences.sms.opt_in_active\nann@example.com,Sydney,true\n"
    )
    assert first_rows(Layout.of(file), Options(), 1, now=NOW) == [
        {
            "row": 1,
            "email": "ann@example.com",
            "addresses": [{"city": "Sydney"}],
            "optin_preferences": {"sms": {"opt_in_active": True}},
        }
    ]


def test_shopify_marks_numbers_with_an_apostrophe_that_is_none_of_theirs() -> None:
    zoe = rows("shopify")[0]
    assert (zoe["customerRef"], zoe["mobile"]) == ("7001", "+61400000001")
    assert zoe["addresses"] == [
        {
            "address1": "1 Wish Street",
            "city": "Sydney",
            "provinceCode": "NSW",
            "countryCode": "AU",
            "postcode": "2000",
            "phone": "+61400000001",
        }
    ]


def test_an_unsubscribed_contact_of_mailchimp_withdrew_when_it_did() -> None:
    (dora,) = rows("mailchimp_unsubscribed")
    assert dora["optin_preferences"] == {
        "email": {
            "opt_in_active": False,
            "opted_in_at": "2018-06-12T07:55:00.000Z",
            "opt_in_updated_at": "2023-04-05T06:07:08.000Z",
        }
    }


def test_a_subscribed_contact_of_mailchimp_gave_consent_when_it_did() -> None:
    assert rows("mailchimp_subscribed")[0]["optin_preferences"] == {
        "email": {
            "opt_in_active": True,
            "opted_in_at": "2018-06-12T07:55:00.000Z",
            "opt_in_updated_at": "2018-06-12T07:55:00.000Z",
        }
    }


def test_klaviyo_tells_who_never_subscribed_from_who_unsubscribed() -> None:
    ann, bob, cleo = rows("klaviyo")
    given, withdrawn = "2024-01-01T00:00:00.000Z", "2025-05-06T07:08:09.000Z"
    assert ann["optin_preferences"] == {"email": _consent(True, given)}
    assert bob["optin_preferences"] == {"email": _consent(False, withdrawn)}
    # Nothing is withdrawn that she may have said elsewhere.
    assert "optin_preferences" not in cleo


def _consent(active: bool, at: str) -> dict[str, object]:
    return {"opt_in_active": active, "opted_in_at": at, "opt_in_updated_at": at}


def test_magento_dates_of_birth_are_written_as_the_api_reads_them() -> None:
    assert [row.get("dob") for row in rows("magento")] == ["15-06-1985", None]

"""The request for an export, as pydantic checks it (see `customers.request`)."""

from typing import Annotated, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from functions.exports.columns import is_column, is_field
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.validation import Given, Plain, refused

Format = Literal["jsonl", "csv"]

MAX_FIELDS = 500


def _once(fields: list[str]) -> list[str]:
    for number, field in enumerate(fields):
        if field in fields[:number]:
            raise refused("is there twice", at=(number,))
    return fields


@with_config(ConfigDict(extra="forbid"))
class NewExport(TypedDict):
    """What to export."""

    format: Annotated[
        Format,
        Field(
            description="`jsonl`: a line a customer, as a GET shows it; an import takes it. `csv`: a row a "
            "customer, to be read by people and spreadsheets"
        ),
    ]
    fields: NotRequired[
        Annotated[
            Annotated[
                list[Annotated[str, Field(min_length=1, max_length=256), Plain]],
                Field(min_length=1, max_length=MAX_FIELDS),
                AfterValidator(_once),
            ]
            | None,
            Given,
            Field(
                description="The customer's fields to export, in this order; without it all. Of a CSV they "
                "are the columns, and dots lead to what is below a field: `addresses.1.city`, "
                "`attributeGroups.shoes.attributes.size`",
                examples=[["id", "email", "addresses.0.city"]],
            ),
        ]
    ]


def require_known(wanted: NewExport) -> None:
    """Raise InvalidRequestError, naming every field that a customer has not, as the format names them."""
    known = is_column if wanted["format"] == "csv" else is_field
    wrong = [
        FieldError(f"fields.{number}", "is not a field of a customer")
        for number, field in enumerate(wanted.get("fields") or ())
        if not known(field)
    ]
    if wrong:
        raise InvalidRequestError("Some fields are not valid", wrong)

"""The body that announces a file to import."""

from typing import Annotated, Any, Literal, Required

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from functions.customers.request import Name
from functions.imports.mapping import is_boolean, path_of
from functions.imports.records import CSV, JSON_LINES
from functions.shared.errors import FieldError, InvalidRequestError
from functions.shared.validation import Boolean, Given, Trimmed, refused
from functions.uploads.chunk import MatchBy, Mode

Format = Literal["csv", "jsonl"]
Blank = Literal["clear", "keep"]

MAX_FILE_BYTES = 10_000_000_000
MAX_COLUMNS = 1000


def _column(value: Any) -> Any:
    match value:
        case None:
            return {}
        case str():
            value = {"field": value}
        case dict() if isinstance(value.get("field"), str):
            pass
        case _:
            raise refused("must be a field, an object with a field, or null")
    path = path_of(value["field"])
    if path is None:
        raise refused("is not a field of a customer: see the guide on files")
    if "true" in value and not is_boolean(path):
        raise refused("is not true or false", at=("true",))
    if "false" in value and "true" not in value:
        raise refused("is required where false is given", at=("true",))
    return value


def _one_column_a_field(mapping: dict[str, "ColumnRule"]) -> dict[str, "ColumnRule"]:
    fields: dict[str, str] = {}
    for column, rule in mapping.items():
        if not (field := rule.get("field")):
            continue
        if field in fields:
            raise refused(f"fills {field}, as another column does", at=(column,))
        fields[field] = column
    return mapping


Words = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=256)]], Field(min_length=1, max_length=100)
]


@with_config(ConfigDict(extra="forbid"))
class ColumnRule(TypedDict, total=False):
    """What a column of true and false means."""

    field: Annotated[str, Field(description="Path of the field", examples=["vipStatus"])]
    true: Annotated[Words, Field(description="Cells that mean true", examples=[["yes", "Y"]])]
    false: Annotated[Words, Field(description="Cells that mean false; without them, all others do")]


Column = Annotated[str | ColumnRule | None, BeforeValidator(_column)]


@with_config(ConfigDict(extra="forbid"))
class NewImport(TypedDict, total=False):
    """A file to come, and what is to be done with its rows."""

    format: Required[
        Annotated[
            Format,
            Field(description="CSV (RFC 4180) with a header, or a JSON object a line"),
        ]
    ]
    size: Required[
        Annotated[
            int, Field(ge=1, le=MAX_FILE_BYTES, description="The file's size in bytes", examples=[48_112])
        ]
    ]
    mode: Annotated[
        Mode | None,
        Trimmed,
        Field(description="What a row does: as for a bulk upload; `create` where not given"),
    ]
    matchBy: Annotated[
        MatchBy | None,
        Trimmed,
        Field(description="What finds the customer of a row of `update` and `upsert`, as for a bulk upload"),
    ]
    partial: Annotated[
        Boolean,
        Field(
            description="True where not given: rows that are not valid fail alone. False: all rows are "
            "checked first, and none is imported unless all are valid"
        ),
    ]
    dryRun: Annotated[Boolean, Field(description="Only say what would become of each row")]
    mapping: Annotated[
        Annotated[dict[Name, Column], Field(max_length=MAX_COLUMNS), AfterValidator(_one_column_a_field)]
        | None,
        Given,
        Field(
            description="What the columns of a CSV mean, by their names: the path of a field; an object, for "
            "what is true or false; null for nothing. A column not named here is known by its own name",
            examples=[
                {
                    "E-mail": "email",
                    "City": "addresses.0.city",
                    "Newsletter": {"field": "optin_preferences.email.opt_in_active", "true": ["yes", "Y"]},
                }
            ],
        ),
    ]
    blank: Annotated[
        Blank | None,
        Trimmed,
        Field(
            description="What a blank cell of a CSV does to a customer that has the field: `clear` it, where "
            "not given, as a blank value does in a request; or `keep` it"
        ),
    ]
    restore: Annotated[
        Boolean,
        Field(
            description="For rows of an export, with `create`: a customer has its row's `createdDate`, "
            "`lastModifiedDate` and `marketing_preferences_updated_at`"
        ),
    ]


def check(asked: NewImport) -> None:
    """Raises InvalidRequestError for options that do not go together, naming all of them."""
    wrong: list[FieldError] = []
    mode = asked.get("mode") or "create"
    if asked["format"] == JSON_LINES:
        wrong += [FieldError(name, f"is for {CSV}") for name in ("mapping", "blank") if asked.get(name)]
    if mode == "create" and asked.get("matchBy"):
        wrong.append(FieldError("matchBy", "is for update and upsert"))
    if mode != "create" and asked.get("restore"):
        wrong.append(FieldError("restore", "is for create"))
    if wrong:
        raise InvalidRequestError("Some options do not go together", wrong)

"""Answers of bulk uploads."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from infra.reference.answers.values import Id, Moment


class RowError(TypedDict):
    """Why one row failed; a row that is not valid has one for each wrong field."""

    row: Annotated[int, Field(ge=0, description="The row's place in the array, counted from 0")]
    code: Annotated[
        Literal["duplicate_value", "not_found", "invalid_request", "too_many_rows"],
        Field(
            description="What went wrong, for a machine: a unique value is taken; the row names no customer "
            "there is; it is not valid; too many rows before it name the same customer"
        ),
    ]
    field: NotRequired[Annotated[str, Field(description="The field to blame", examples=["email"])]]
    message: Annotated[str, Field(description="What went wrong, for a person")]


class _Upload(TypedDict):
    uploadId: Annotated[Id, Field(description="Leads to the upload's report")]
    status: Annotated[
        Literal["accepted", "processing", "completed"],
        Field(description="`completed` once every row has its verdict"),
    ]
    mode: NotRequired[
        Annotated[
            Literal["update", "upsert"],
            Field(description="What the rows are to do, as it was asked; absent where they only create"),
        ]
    ]
    dryRun: NotRequired[
        Annotated[Literal[True], Field(description="The report says what would be; nothing is changed")]
    ]
    received: Annotated[int, Field(ge=1, description="How many rows the upload has")]
    createdDate: Annotated[Moment, Field(description="When the upload was accepted (UTC)")]


class AcceptedUpload(_Upload):
    """A bulk upload all of whose good rows are queued."""

    errors: NotRequired[
        Annotated[
            list[RowError],
            Field(description="With `partial`, what is wrong with the rows that are not valid"),
        ]
    ]


class UploadReport(_Upload):
    """What became of a bulk upload so far."""

    created: Annotated[int, Field(ge=0, description="How many rows made a customer")]
    updated: Annotated[int, Field(ge=0, description="How many rows changed a customer")]
    unchanged: Annotated[int, Field(ge=0, description="How many rows said what their customer was already")]
    failed: Annotated[int, Field(ge=0, description="How many rows did nothing, for they could not")]
    completedDate: NotRequired[Annotated[Moment, Field(description="When the last row was done (UTC)")]]
    errors: Annotated[list[RowError], Field(description="Why rows failed, at most 10,000 errors a page")]

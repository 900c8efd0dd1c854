"""Answers of exports."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from functions.exports.request import Format
from infra.reference.answers.values import Id, Moment


class ListedExport(TypedDict):
    """An export of all customers, without its files."""

    exportId: Annotated[Id, Field(description="Leads to the export")]
    status: Annotated[
        Literal["running", "completed"], Field(description="`completed` once every file is written")
    ]
    format: Annotated[Format, Field(description="As it was asked for")]
    fields: NotRequired[Annotated[list[str], Field(description="As they were asked for")]]
    createdDate: Annotated[Moment, Field(description="When the export began (UTC)")]
    completedDate: NotRequired[Annotated[Moment, Field(description="When its last file was written (UTC)")]]
    expiresDate: Annotated[Moment, Field(description="When it and its files are gone (UTC)")]


class ExportFile(TypedDict):
    """One file of an export, compressed with gzip."""

    name: Annotated[str, Field(description="What to save it as", examples=["customers-a-00000.jsonl.gz"])]
    customers: Annotated[int, Field(ge=1, description="How many customers it has")]
    bytes: Annotated[int, Field(ge=1, description="How large it is, compressed as it comes")]
    sha256: Annotated[
        str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of it, compressed as it comes")
    ]
    url: NotRequired[
        Annotated[
            str,
            Field(
                description="Where to `GET` it within fifteen minutes, without a token",
                json_schema_extra={"format": "uri"},
            ),
        ]
    ]
    deletedDate: NotRequired[
        Annotated[Moment, Field(description="When one of its customers was deleted, and the file with it")]
    ]


class Export(ListedExport):
    """An export of all customers: how far it is and, once it is completed, its files."""

    customers: Annotated[int, Field(ge=0, description="How many customers were written so far")]
    files: NotRequired[
        Annotated[list[ExportFile], Field(description="Once it is completed, all files; 500 a page")]
    ]

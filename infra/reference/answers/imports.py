"""Answers of imports of files."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from functions.imports.progress import STATES
from functions.imports.request import Format
from functions.uploads.chunk import MatchBy, Mode
from infra.reference.answers.values import Id, Moment


class FilePart(TypedDict):
    """One part of a file, and where it is to be put."""

    part: Annotated[int, Field(ge=1, description="Number of the part")]
    start: Annotated[int, Field(ge=0, description="The part's first byte in the file, counted from 0")]
    size: Annotated[int, Field(ge=1, description="How many bytes the part has")]
    url: Annotated[str, Field(description="PUT the bytes here", json_schema_extra={"format": "uri"})]


class FileUpload(TypedDict):
    """Where to send a file, for an hour; `POST …/upload` gives fresh addresses.

    Up to 100 MB as a form: POST its `fields` and then the file as `file`. Beyond, PUT each of the `parts`, in
    any order and several at once, and then POST to `complete`.
    """

    method: Annotated[Literal["POST", "PUT"], Field(description="`POST` for a form, `PUT` for parts")]
    url: NotRequired[
        Annotated[str, Field(description="POST the form here", json_schema_extra={"format": "uri"})]
    ]
    fields: NotRequired[
        Annotated[dict[str, str], Field(description="The form's fields, before that of the file")]
    ]
    parts: NotRequired[
        Annotated[list[FilePart], Field(description="The parts that have not come; 100 an answer")]
    ]
    complete: NotRequired[
        Annotated[
            str,
            Field(
                description="POST here once all parts are sent, or for addresses of those that are missing",
                json_schema_extra={"format": "uri"},
            ),
        ]
    ]


class FilesOfImport(TypedDict):
    """Addresses, good for a quarter of an hour, of files that are kept for seven days."""

    failed: Annotated[
        list[str],
        Field(
            description="The rows that failed, as they came and in the same format, with `error.row`, "
            "`error.field`, `error.code` and `error.message`: corrected, they can be sent again"
        ),
    ]
    results: Annotated[
        list[str], Field(description="What became of each row: JSON Lines of `row`, `status` and its error")
    ]


class Import(TypedDict):
    """A file and what became of it so far."""

    importId: Annotated[Id, Field(description="The import's identifier")]
    state: Annotated[
        str,
        Field(
            description="`splitting`: the file is read through; `checking`: with `partial` false, all rows "
            "are checked; `failed`: `reason` says why the file was refused whole",
            json_schema_extra={"enum": [*STATES]},
        ),
    ]
    format: Annotated[Format, Field(description="As it was announced")]
    size: Annotated[int, Field(ge=1, description="The file's size in bytes")]
    mode: Annotated[Mode, Field(description="What its rows do")]
    matchBy: NotRequired[
        Annotated[
            MatchBy,
            Field(description="The one field that names a row's customer"),
        ]
    ]
    partial: Annotated[bool, Field(description="Whether good rows are imported where others are not valid")]
    dryRun: Annotated[bool, Field(description="Whether nothing is written but what would become of each row")]
    reason: NotRequired[Annotated[str, Field(description="Why the file was refused whole, for a person")]]
    received: NotRequired[
        Annotated[int, Field(ge=1, description="How many rows the file has, once it was read through")]
    ]
    created: Annotated[int, Field(ge=0, description="How many rows made a customer")]
    updated: Annotated[int, Field(ge=0, description="How many rows changed a customer")]
    unchanged: Annotated[int, Field(ge=0, description="How many rows found a customer as they would have it")]
    failed: Annotated[int, Field(ge=0, description="How many rows failed")]
    rowsPerSecond: NotRequired[
        Annotated[int, Field(ge=0, description="Rows done a second, since the file had come")]
    ]
    createdDate: Annotated[Moment, Field(description="When the file was announced (UTC)")]
    startedDate: NotRequired[Annotated[Moment, Field(description="When the file had come (UTC)")]]
    completedDate: NotRequired[Annotated[Moment, Field(description="When the import ended (UTC)")]]


class ImportWithUpload(Import):
    """An import, and while its file is awaited where to send it."""

    upload: NotRequired[FileUpload]


class ImportWithFiles(Import):
    """An import, and once it has ended the files that tell of its rows."""

    files: NotRequired[FilesOfImport]

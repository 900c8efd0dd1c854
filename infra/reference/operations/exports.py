"""What the reference says of exports."""

from collections.abc import Mapping

from functions.exports.errors import TooManyExportsError
from functions.exports.request import NewExport
from functions.shared.errors import (
    IdempotencyKeyReusedError,
    NotFoundError,
)
from infra.reference.answers import exports as answers
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    IDEMPOTENCY_KEY,
    LINK,
    LOCATION,
    NEXT_TOKEN,
)

OPERATIONS: Mapping[str, Operation] = {
    "exports.create_export": Operation(
        "createExport",
        tags.EXPORTS,
        "Begin an export",
        answers.Export,
        status=202,
        body=NewExport,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError, TooManyExportsError),
        body_example={"format": "jsonl"},
    ),
    "exports.list_exports": Operation(
        "listExports", tags.EXPORTS, "List exports", list[answers.ListedExport]
    ),
    "exports.get_export": Operation(
        "getExport",
        tags.EXPORTS,
        "Get an export and its files",
        answers.Export,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
    "exports.delete_export": Operation(
        "deleteExport", tags.EXPORTS, "Delete an export and its files", status=204, errors=(NotFoundError,)
    ),
}

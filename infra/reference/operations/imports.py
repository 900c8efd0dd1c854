"""What the reference says of imports of files."""

from collections.abc import Mapping

from functions.imports.request import NewImport
from functions.shared.errors import (
    IdempotencyKeyReusedError,
    NotFoundError,
)
from infra.reference.answers import imports as answers
from infra.reference.examples import NEW_IMPORT
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    IDEMPOTENCY_KEY,
    LINK,
    LOCATION,
    NEXT_TOKEN,
    PAGE,
)

OPERATIONS: Mapping[str, Operation] = {
    "imports.create_import": Operation(
        "createImport",
        tags.IMPORTS,
        "Announce a file of customers",
        answers.ImportWithUpload,
        status=201,
        body=NewImport,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError,),
        body_example=NEW_IMPORT,
    ),
    "imports.list_imports": Operation(
        "listImports",
        tags.IMPORTS,
        "List imports",
        list[answers.Import],
        query=PAGE,
        answer_headers={"Link": LINK},
    ),
    "imports.get_import": Operation(
        "getImport",
        tags.IMPORTS,
        "Get an import's report",
        answers.ImportWithFiles,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
    "imports.cancel_import": Operation(
        "cancelImport",
        tags.IMPORTS,
        "Cancel an import",
        answers.Import,
        errors=(NotFoundError,),
    ),
    "imports.continue_upload": Operation(
        "continueUpload",
        tags.IMPORTS,
        "Complete or go on with a file's upload",
        answers.ImportWithUpload,
        errors=(NotFoundError,),
    ),
}

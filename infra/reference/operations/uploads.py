"""What the reference says of bulk uploads."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from functions.customers.request import CustomerChanges
from functions.shared.errors import (
    IdempotencyKeyReusedError,
    NotFoundError,
)
from functions.shared.validation import Identifier
from infra.reference.answers import uploads as answers
from infra.reference.examples import NEW_CUSTOMER
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    IDEMPOTENCY_KEY,
    LINK,
    LOCATION,
    NEXT_TOKEN,
    UPLOAD,
)


class UploadRow(CustomerChanges, total=False):
    """A customer as for a create; with `mode` update or upsert, as for a change of the one it names.

    A new customer needs an `email`.
    """

    id: Annotated[
        Identifier,
        Field(description="With update and upsert, the customer's `id`: it names that one or nobody"),
    ]


UploadRows = Annotated[list[UploadRow], Field(min_length=1)]
"""The body of a bulk upload, whose rows the handler validates one by one."""

OPERATIONS: Mapping[str, Operation] = {
    "uploads.create_upload": Operation(
        "createUpload",
        tags.UPLOADS,
        "Create or change many customers",
        answers.AcceptedUpload,
        status=202,
        body=UploadRows,
        query=UPLOAD,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"Location": LOCATION},
        errors=(IdempotencyKeyReusedError,),
        body_example=[NEW_CUSTOMER],
    ),
    "uploads.get_upload": Operation(
        "getUpload",
        tags.UPLOADS,
        "Get an upload's report",
        answers.UploadReport,
        query=(NEXT_TOKEN,),
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
    ),
}

"""All operations, by handler, as in the route table."""

from collections.abc import Mapping

from functions.shared.errors import ApiError, ConflictError, InvalidRequestError, UnavailableError
from infra.reference.operations import customers, exports, imports, notes, tokens, uploads
from infra.reference.operations.operation import Operation

OPERATIONS: Mapping[str, Operation] = {
    **tokens.OPERATIONS,
    **customers.OPERATIONS,
    **uploads.OPERATIONS,
    **exports.OPERATIONS,
    **imports.OPERATIONS,
    **notes.OPERATIONS,
}
"""By handler, as in the route table."""

ANYWHERE: tuple[type[ApiError], ...] = (InvalidRequestError, ConflictError, UnavailableError)
"""Errors that any handler may raise."""

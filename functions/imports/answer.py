"""An import as an endpoint finds and shows it."""

from typing import Any

from functions.imports import store
from functions.imports.progress import Import, report
from functions.shared import clock
from functions.shared.endpoint import Request
from functions.shared.errors import NotFoundError
from functions.shared.ids import ID


def found_import(request: Request) -> Import:
    """The import that the path names. Raises NotFoundError."""
    if not ID.fullmatch(request.key):
        raise NotFoundError("There is no such import")
    return store.find(request.tenant_id, request.key)


def shown(request: Request, one: Import) -> dict[str, Any]:
    """The import's report as it stands."""
    return report(one, clock.timestamp(request.now))

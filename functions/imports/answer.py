"""An import as the answer of an endpoint, and where its file is to be sent."""

from collections.abc import Sequence
from typing import Any

from functions.imports import files, store
from functions.imports.progress import AWAITING_UPLOAD, Import, in_parts, part_sizes, report
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


def with_upload(
    request: Request, one: Import, url: str, missing: Sequence[int] | None = None
) -> dict[str, Any]:
    """The report, and while the file is awaited where to send it: all of it, or the parts `missing`.

    `url` is the import's own address.
    """
    told = shown(request, one)
    if one["state"] != AWAITING_UPLOAD:
        return told
    host, key = request.headers.get("host", ""), files.file_key(request.tenant_id, one["importId"])
    if in_parts(one):
        numbers = list(part_sizes(one["size"])) if missing is None else missing
        upload = {
            "method": "PUT",
            "parts": files.part_addresses(host, one, key, numbers),
            "complete": f"{url}/upload",
        }
    else:
        upload = files.upload_address(host, one, key)
    return told | {"upload": upload}

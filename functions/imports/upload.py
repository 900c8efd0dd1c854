"""Where the file of an import is to be sent."""

from collections.abc import Sequence
from typing import Any

from functions.imports import files, store
from functions.imports.answer import shown
from functions.imports.progress import AWAITING_UPLOAD, Import, in_parts, part_sizes
from functions.shared.endpoint import Request


def with_parts(tenant_id: str, one: Import) -> Import:
    """The import with S3's id of its upload, if its file is awaited in parts; begun here where it was not."""
    if one["state"] != AWAITING_UPLOAD or not in_parts(one) or "multipart" in one:
        return one
    return store.keep_upload(tenant_id, one, files.begin_parts(files.file_key(tenant_id, one["importId"])))


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

"""POST /api/v2/imports/{key}/upload.

200 with the import. A file sent in parts is put together once all parts are there; until then, and while a
file is awaited at all, the answer says where to send what is missing, at fresh addresses.
"""

from functions.imports import files
from functions.imports.answer import found_import
from functions.imports.progress import AWAITING_UPLOAD
from functions.imports.upload import with_parts, with_upload
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    # The request that announced the file may have failed half way.
    one = with_parts(request.tenant_id, found_import(request))
    url = request.url.removesuffix("/upload")
    if one["state"] != AWAITING_UPLOAD or "multipart" not in one:
        return Response(200, with_upload(request, one, url))
    key = files.file_key(request.tenant_id, one["importId"])
    missing = files.joined(key, one["multipart"], one["size"])
    return Response(200, with_upload(request, one, url, missing))

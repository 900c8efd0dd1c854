"""POST /api/v2/imports.

201 with the import, its `Location` and where to send the file; it starts by itself once the file is there.
"""

import uuid

from functions.imports import store
from functions.imports.progress import new_import
from functions.imports.request import NewImport, check
from functions.imports.upload import with_parts, with_upload
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.idempotency import id_for, request_hash
from functions.shared.validation import validator

validate = validator(NewImport)


@endpoint()
def handler(request: Request) -> Response:
    body = request.json_object()
    asked = validate(body, request.now)
    check(asked)
    key = request.idempotency_key()
    import_id = id_for(request.tenant_id, "import", key) if key else str(uuid.uuid4())
    new = new_import(import_id, asked, now=clock.timestamp(request.now))
    one = store.open_import(request.tenant_id, new, request_hash=request_hash(key, body))
    one = with_parts(request.tenant_id, one)
    url = f"{request.url}/{import_id}"
    return Response(201, with_upload(request, one, url), {"Location": url})

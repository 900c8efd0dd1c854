"""POST /api/v2/upload-customers.

202 with the upload and its `Location` once every row is queued; one bad row refuses all, and each is named.
"""

import uuid
from typing import Any

from functions.shared import clock, sqs
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.idempotency import id_for, request_hash
from functions.shared.sqs import Message
from functions.uploads import store
from functions.uploads.request import MAX_UPLOAD_BYTES, valid_rows
from functions.uploads.upload import chunks, report

ANSWERED = ("uploadId", "status", "received", "createdDate")


@endpoint()
def handler(request: Request) -> Response:
    body = request.json(MAX_UPLOAD_BYTES)
    rows = valid_rows(body, request.now)
    key = request.idempotency_key()
    new = {
        "uploadId": id_for(request.tenant_id, "upload", key) if key else str(uuid.uuid4()),
        "received": len(rows),
        "createdDate": clock.timestamp(request.now),
    }
    upload = store.open_upload(request.tenant_id, new, request_hash=request_hash(key, body))
    results = [] if upload is new else store.find(request.tenant_id, upload["uploadId"])[1]
    answer: dict[str, Any] = report(upload, results)
    if answer["status"] != "completed":
        # Also on a repeat, for the first request may have failed half way; no row counts twice.
        sent = chunks(request.tenant_id, upload, rows)
        sqs.send_all("imports", [Message(chunk.to_json(), request.tenant_id) for chunk in sent])
    return Response(
        202, {name: answer[name] for name in ANSWERED}, {"Location": f"{request.url}/{upload['uploadId']}"}
    )

"""POST /api/v2/upload-customers.

202 with the upload and its `Location` once every row is queued; one bad row refuses all, and each is named,
unless `partial=true` has the good ones queued. `mode` is `create`, `update` or `upsert`; `matchBy` names the
field that finds the customers; with `dryRun=true` the report says what would become of the rows.
"""

import uuid
from typing import Any

from functions.shared import clock, sqs
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.idempotency import id_for, request_hash
from functions.shared.sqs import Message
from functions.uploads import store
from functions.uploads.chunking import chunks
from functions.uploads.options import NAMES, Options
from functions.uploads.request import MAX_UPLOAD_BYTES, valid_rows
from functions.uploads.upload import OPTIONS, report

ANSWERED = ("uploadId", "status", *OPTIONS, "received", "createdDate")


@endpoint(*NAMES)
def handler(request: Request) -> Response:
    options = Options.of(request.query)
    body = request.json(MAX_UPLOAD_BYTES)
    rows, errors = valid_rows(body, options, request.now)
    key = request.idempotency_key()
    new = {
        "uploadId": id_for(request.tenant_id, "upload", key) if key else str(uuid.uuid4()),
        **{name: value for name, value in options.asked.items() if name in OPTIONS},
        "received": len(body),
        "createdDate": clock.timestamp(request.now),
    }
    asked = [body, options.asked] if options.asked else [body]
    upload = store.open_upload(request.tenant_id, new, request_hash=request_hash(key, *asked))
    if upload is not new:
        # A row is valid each time or never.
        rows, errors = valid_rows(body, options, clock.moment(upload["createdDate"]))
    counters = [] if upload is new else store.find(request.tenant_id, upload["uploadId"])[1]
    answer: dict[str, Any] = report(upload, counters, errors)
    if answer["status"] != "completed":
        # Also on a repeat, for the first request may have failed half way; no row counts twice.
        made, refused = chunks(request.tenant_id, upload, rows, options)
        store.refuse(request.tenant_id, upload, [*errors, *refused], now=clock.timestamp(request.now))
        sqs.send_all("imports", [Message(chunk.to_json(), request.tenant_id) for chunk in made])
    names = (*ANSWERED, "errors") if errors else ANSWERED
    location = {"Location": f"{request.url}/{upload['uploadId']}"}
    return Response(202, {name: answer[name] for name in names if name in answer}, location)

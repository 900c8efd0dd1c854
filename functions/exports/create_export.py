"""POST /api/v2/exports.

202 with the export and its `Location`: workers write its files, and its report says when it is complete. Two
exports of a tenant run at once, a third is 429 with `Retry-After`.
"""

import uuid
from typing import Any

from functions.exports import store
from functions.exports.deletion import delete_export
from functions.exports.export import first_steps, report
from functions.exports.request import NewExport, require_known
from functions.shared import clock, sqs
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.errors import UnavailableError
from functions.shared.idempotency import id_for, request_hash
from functions.shared.sqs import Message
from functions.shared.validation import validator

validate = validator(NewExport)


@endpoint()
def handler(request: Request) -> Response:
    body = request.json_object()
    wanted = validate(body, request.now)
    require_known(wanted)
    key = request.idempotency_key()
    new: dict[str, Any] = {
        "exportId": id_for(request.tenant_id, "export", key) if key else str(uuid.uuid4()),
        "format": wanted["format"],
        "createdDate": clock.timestamp(request.now),
    }
    if fields := wanted.get("fields"):
        new["fields"] = fields
    export = store.open_export(request.tenant_id, new, request_hash=request_hash(key, body))
    answer = report(export, store.parts(request.tenant_id, export["exportId"]) if key else [])
    if answer["status"] != "completed":
        # Also on a repeat, for the first request may have failed half way; no part is written twice.
        steps = first_steps(request.tenant_id, export["exportId"])
        try:
            sqs.send_all("exports", [Message(step.to_json(), step.tenant_id) for step in steps])
        except UnavailableError:
            if key is None:
                # Nobody can ask for this one again: it must not take the place of another.
                delete_export(request.tenant_id, export["exportId"], clock.timestamp(clock.now()))
            raise
    return Response(202, answer, {"Location": f"{request.url}/{export['exportId']}"})

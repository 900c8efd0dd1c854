"""GET /api/v2/customer/note/{key}.

200 with the note of this id; 304 where `If-None-Match` has its version.
"""

from functions.notes import store
from functions.notes.answer import note_answer
from functions.notes.note import version
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.etags import etag, is_known


@endpoint()
def handler(request: Request) -> Response:
    note, customer = store.find(request.tenant_id, request.key)
    if is_known(request.headers.get("if-none-match"), version(note)):
        return Response(304, None, {"ETag": etag(version(note))})
    return note_answer(note, customer)

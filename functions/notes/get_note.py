"""GET /api/v2/customer/note/{key}.

200 with the note of this id; 304 where `If-None-Match` has its version.
"""

from functions.notes import store
from functions.notes.answer import note_answer
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    return note_answer(*store.find(request.tenant_id, request.key))

"""GET /api/v2/customer/note/{key}.

200 with the note of this id.
"""

from functions.notes import store
from functions.notes.note import present_note
from functions.shared.endpoint import Request, Response, endpoint


@endpoint
def handler(request: Request) -> Response:
    return Response(200, present_note(*store.find(request.tenant_id, request.key)))

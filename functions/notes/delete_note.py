"""DELETE /api/v2/customer/note/{key}.

200 with the note that is deleted, as it was.
"""

from functions.notes import store
from functions.notes.note import present_note
from functions.shared.endpoint import Request, Response, endpoint


@endpoint()
def handler(request: Request) -> Response:
    deleted = store.delete(request.tenant_id, request.key, if_match=request.headers.get("if-match"))
    return Response(200, present_note(*deleted))

"""DELETE /api/v2/customer/note/{key}.

200 with the note that is deleted, as it was.
"""

from functions.shared import note_store
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.note import present_note


@endpoint
def handler(request: Request) -> Response:
    return Response(200, present_note(*note_store.delete(request.tenant_id, request.key)))

"""PUT /api/v2/customer/note.

200 with the note after the change; the body's `id` names it.
"""

from functions.notes import store
from functions.notes.note import changes_of_note, present_note
from functions.notes.request import NoteChanges
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.validation import validator

validate = validator(NoteChanges, one_of=("note", "author"))


@endpoint
def handler(request: Request) -> Response:
    fields = validate(request.json_object(), request.now.date())
    changes = changes_of_note(fields, now=clock.timestamp(request.now))
    return Response(200, present_note(*store.update(request.tenant_id, fields["id"], changes)))

"""PUT /api/v2/customer/note.

200 with the note after the change; the body's `id` names it.
"""

from functions.notes import store
from functions.notes.answer import note_answer
from functions.notes.note import changed_note
from functions.notes.request import NoteChanges
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.validation import validator

validate = validator(NoteChanges, one_of=("note", "author"))


@endpoint()
def handler(request: Request) -> Response:
    fields = validate(request.json_object(), request.now)
    changed = store.update(
        request.tenant_id,
        fields["id"],
        lambda note: changed_note(note, fields, now=clock.timestamp(request.now)),
        if_match=request.headers.get("if-match"),
    )
    return note_answer(*changed)

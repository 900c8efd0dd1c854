"""What the reference says of notes."""

from collections.abc import Mapping

from functions.notes.request import NewNote, NoteChanges
from functions.shared.errors import (
    IdempotencyKeyReusedError,
    NotFoundError,
    PreconditionFailedError,
)
from infra.reference.answers import notes as answers
from infra.reference.examples import NEW_NOTE, NOTE
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LINK,
    LOCATION,
    PAGE,
    WHICH_CUSTOMER,
    WHICH_CUSTOMER_OF_NOTE,
)

OPERATIONS: Mapping[str, Operation] = {
    "notes.create_note": Operation(
        "createNote",
        tags.NOTES,
        "Create a note",
        answers.Note,
        body=NewNote,
        query=WHICH_CUSTOMER_OF_NOTE,
        headers=(IDEMPOTENCY_KEY,),
        answer_headers={"ETag": ETAG, "Location": LOCATION},
        errors=(NotFoundError, IdempotencyKeyReusedError),
        body_example=NEW_NOTE,
        answer_example=NOTE,
    ),
    "notes.update_note": Operation(
        "updateNote",
        tags.NOTES,
        "Change a note",
        answers.Note,
        body=NoteChanges,
        headers=(IF_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError, PreconditionFailedError),
        body_example={"id": NOTE["id"], "note": "Prefers to be called before nine"},
        answer_example=NOTE,
    ),
    "notes.get_note": Operation(
        "getNote",
        tags.NOTES,
        "Get a note",
        answers.Note,
        headers=(IF_NONE_MATCH,),
        answer_headers={"ETag": ETAG},
        errors=(NotFoundError,),
        answer_example=NOTE,
    ),
    "notes.delete_note": Operation(
        "deleteNote",
        tags.NOTES,
        "Delete a note",
        answers.Note,
        headers=(IF_MATCH,),
        errors=(NotFoundError, PreconditionFailedError),
        answer_example=NOTE,
    ),
    "notes.list_notes": Operation(
        "listNotes",
        tags.NOTES,
        "List a customer's notes",
        list[answers.Note],
        which=WHICH_CUSTOMER,
        query=PAGE,
        answer_headers={"Link": LINK},
        errors=(NotFoundError,),
        answer_example=[NOTE],
    ),
    "notes.delete_notes": Operation(
        "deleteNotes",
        tags.NOTES,
        "Delete all of a customer's notes",
        answers.DeletedNotes,
        which=WHICH_CUSTOMER,
        errors=(NotFoundError,),
        answer_example={"deleted": 2},
    ),
}

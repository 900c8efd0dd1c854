"""A note as the answer of an endpoint."""

from collections.abc import Mapping

from functions.customers.customer import Customer
from functions.notes.note import Note, present_note, version
from functions.shared.endpoint import Response
from functions.shared.etags import etag


def note_answer(note: Note, customer: Customer, *, headers: Mapping[str, str] | None = None) -> Response:
    """200 with the note and its `ETag`."""
    return Response(200, present_note(note, customer), {"ETag": etag(version(note)), **(headers or {})})

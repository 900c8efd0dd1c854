"""POST /api/v2/customer/note.

200 with the note and its `Location`; the customer is named by `id` or `customerRef` in the query, else by
`customerId` or `customerRef` in the body; the `Idempotency-Key` makes a repeat safe.
"""

import secrets

from functions.notes import store
from functions.notes.answer import note_answer
from functions.notes.lookup import lookup_in_note, with_customer_named
from functions.notes.note import new_note, note_id, note_key
from functions.notes.request import NewNote
from functions.notes.store import KeyedRequest
from functions.shared import clock
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.idempotency import id_for, request_hash
from functions.shared.validation import validator

validate = validator(NewNote, one_of=("customerId", "customerRef"))


@endpoint("id", "customerRef")
def handler(request: Request) -> Response:
    body = request.json_object()
    fields = validate(with_customer_named(request, body), request.now)
    note, customer = store.create(
        request.tenant_id,
        lookup_in_note(fields),
        new_note(note_key(request.now, secrets.token_hex(5)), fields, now=clock.timestamp(request.now)),
        keyed=_keyed(request, body),
    )
    made = note_id(customer["id"], note["noteKey"])
    return note_answer(note, customer, headers={"Location": f"{request.url}/{made}"})


def _keyed(request: Request, body: object) -> KeyedRequest | None:
    key = request.idempotency_key()
    asked = request_hash(key, request.query.get("id"), request.query.get("customerRef"), body)
    return KeyedRequest(id_for(request.tenant_id, "note", key), asked) if key and asked else None

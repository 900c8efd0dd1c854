"""GET /api/v2/customer/notes, GET /api/v2/customer/notes/{key}.

200 with the customer's notes, the newest first, maybe none, in pages.
"""

from functions.customers import directory
from functions.customers.keys import IDENTIFIERS
from functions.customers.lookup import required_lookup
from functions.notes import store
from functions.notes.note import NOTE_KEY, present_note
from functions.shared.endpoint import Request, Response, endpoint
from functions.shared.paging import PAGE_QUERY, next_page, requested_page


@endpoint(*IDENTIFIERS, *PAGE_QUERY)
def handler(request: Request) -> Response:
    customer = directory.find(request.tenant_id, required_lookup(request))
    scope = {"customerId": customer["id"]}
    page = requested_page(request, scope, NOTE_KEY)
    notes, last = store.newest(request.tenant_id, customer, page)
    return Response(200, [present_note(note, customer) for note in notes], next_page(request, scope, last))

"""One good request for every route of the API, against one customer, a note, an upload and an import."""

from dataclasses import dataclass
from typing import Any

import pytest

from infra.routes import ENDPOINTS, IMPORTS
from tests.account import Content, content, empty_account, put_back
from tests.api import CUSTOMERS, EXPORTS, NOTE, NOTES, UPLOADS, Api, gateway_event
from tests.builders import PERSONAL

ROUTES = [route for endpoint in ENDPOINTS if endpoint.authorized for route in endpoint.routes]


@dataclass(frozen=True)
class Call:
    """A request that succeeds."""

    method: str
    url: str
    json_body: Any = None

    def by(self, api: Api) -> Any:
        """Send it."""
        return api.send(self.method, self.url, json_body=self.json_body)


@pytest.fixture(scope="session")
def made() -> tuple[dict[str, Call], Content]:
    """A good request by route, as the route table names it, and the account that they find something in."""
    with empty_account():
        calls = _calls(Api("demo"))
        return {route_of(call): call for call in calls}, content()


@pytest.fixture
def calls(aws: None, made: tuple[dict[str, Call], Content]) -> dict[str, Call]:
    """A good request by route, as the route table names it."""
    calls, account = made
    put_back(account)
    return calls


def _calls(api: Api) -> list[Call]:
    customer = api.create(**PERSONAL, customerRef="C1", alternateCustomerRef="A1")
    key = customer["id"]
    upload = api.post(UPLOADS, json_body=[PERSONAL | {"email": "private.row@example.com"}])
    assert upload.status == 202, upload.text
    export = api.post(EXPORTS, json_body={"format": "csv"})
    assert export.status == 202, export.text
    announced = {"format": "csv", "size": 10, "mapping": {"Privatecolumn": "email"}}
    file = f"{IMPORTS}/{api.post(IMPORTS, json_body=announced).json['importId']}"
    note = api.post(NOTE, json_body={"customerId": key, "note": "Private words", "author": "Private"}).json
    return [
        Call("POST", CUSTOMERS, PERSONAL | {"email": "private.new@example.com"}),
        Call("PUT", CUSTOMERS, {"id": key, "lastName": "Privatenew"}),
        Call("PUT", f"{CUSTOMERS}/email=private.ann@example.com", {"lastName": "Privatenew"}),
        Call("DELETE", f"{CUSTOMERS}?id={key}"),
        Call("DELETE", f"{CUSTOMERS}/email=private.ann@example.com"),
        Call("DELETE", f"{CUSTOMERS}/C1/ref"),
        Call("GET", f"{CUSTOMERS}/{key}"),
        Call("GET", f"{CUSTOMERS}?email=private.ann@example.com"),
        Call("GET", f"{CUSTOMERS}/C1/ref"),
        Call("GET", f"{CUSTOMERS}/private.ann@example.com/email"),
        Call("GET", f"{CUSTOMERS}/A1/alternateCustomerRef"),
        Call("GET", f"{CUSTOMERS}/search?email=private.ann@example.com&lastName=Privatelee"),
        Call("POST", f"{CUSTOMERS}/validate", PERSONAL | {"email": "private.new@example.com"}),
        Call("POST", f"{CUSTOMERS}/{key}/address", {"address1": "Privatestreet 2"}),
        Call("DELETE", f"{CUSTOMERS}/{key}/address/{customer['addresses'][0]['addressID']}"),
        Call("POST", UPLOADS, [PERSONAL | {"email": "private.row2@example.com"}]),
        Call("GET", f"{UPLOADS}/{upload.json['uploadId']}"),
        Call("POST", EXPORTS, {"format": "jsonl"}),
        Call("GET", EXPORTS),
        Call("GET", f"{EXPORTS}/{export.json['exportId']}"),
        Call("DELETE", f"{EXPORTS}/{export.json['exportId']}"),
        Call("POST", IMPORTS, announced),
        Call("GET", IMPORTS),
        Call("GET", file),
        Call("DELETE", file),
        Call("POST", f"{file}/upload"),
        Call("POST", NOTE, {"customerId": key, "note": "Private words"}),
        Call("PUT", NOTE, {"id": note["id"], "note": "Private news"}),
        Call("GET", f"{NOTE}/{note['id']}"),
        Call("DELETE", f"{NOTE}/{note['id']}"),
        Call("GET", f"{NOTES}?id={key}"),
        Call("GET", f"{NOTES}/email=private.ann@example.com"),
        Call("DELETE", f"{NOTES}?id={key}"),
        Call("DELETE", f"{NOTES}/email=private.ann@example.com"),
    ]


def route_of(call: Call) -> str:
    """The route that a request takes."""
    return f"{call.method} {gateway_event(call.method, call.url)['resource']}"

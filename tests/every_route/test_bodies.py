"""What every route says of the bytes of a body."""

import pytest

from tests.api import CUSTOMERS, NOTE, UPLOADS, Api
from tests.builders import new_email

TAKERS = [("POST", CUSTOMERS), ("PUT", CUSTOMERS), ("POST", UPLOADS), ("POST", NOTE), ("PUT", NOTE)]


@pytest.mark.parametrize(("method", "url"), TAKERS)
def test_bytes_that_are_not_utf_8_are_refused(api: Api, method: str, url: str) -> None:
    body = '{"email": "ann@example.com", "firstName": "Ren\u00e9e", "note": "\u00e9"}'.encode("latin-1")

    reply = api.send(method, url, text=body)

    assert (reply.status, reply.json["message"]) == (400, "The body is not UTF-8 text")


@pytest.mark.parametrize(("method", "url"), TAKERS)
@pytest.mark.parametrize("charset", ["iso-8859-1", "UTF-16", '"windows-1252"'])
def test_a_charset_other_than_utf_8_is_refused(api: Api, method: str, url: str, charset: str) -> None:
    reply = api.send(method, url, text="{}", headers={"Content-Type": f"application/json; charset={charset}"})

    assert (reply.status, reply.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("parameters", ["", "; charset=utf-8", '; charset="UTF-8"; v=1', ";charset=us-ascii"])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/json ", "text/plain", "application/x-www-form-urlencoded"]
)
def test_json_is_taken_whatever_its_content_type_calls_it(api: Api, kind: str, parameters: str) -> None:
    body = f'{{"email": "{new_email()}", "firstName": "Ren\u00e9e"}}'

    reply = api.post(CUSTOMERS, text=body, headers={"Content-Type": kind + parameters})

    assert (reply.status, reply.json["firstName"]) == (201, "Ren\u00e9e")


def test_a_byte_order_mark_is_ignored(api: Api) -> None:
    body = f'\ufeff{{"email": "{new_email()}"}}'

    assert api.post(CUSTOMERS, text=body).status == 201
    assert (
        api.post(CUSTOMERS, text=body.replace("@", "2@"), headers={"Content-Type": "text/plain"}).status
        == 201
    )

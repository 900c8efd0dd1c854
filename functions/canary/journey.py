"""A customer's life through the API's own address: token, create, find, change, search, delete."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

TIMEOUT_SECONDS = 10
CUSTOMERS = "/services/customerservice/api/v2/customers"


class CanaryError(Exception):
    """A step went otherwise than it should; says which, and nothing of what was sent."""


@dataclass(frozen=True)
class Reply:
    """An answer of the API; `body` is what its JSON says, None where there is none."""

    status: int
    body: Any


def live_and_die(url: str, tenant: str, client_id: str, client_secret: str) -> None:
    """Take one customer of `tenant` from its creation to its deletion. Raises CanaryError.

    Nothing is left when a step goes wrong, as far as the API still takes a deletion.
    """
    token = _token(url, tenant, client_id, client_secret)
    headers = {
        "Authorization": f"Bearer {token}",
        "X-TWC-Tenant": tenant,
        "Content-Type": "application/json",
    }
    api, ref = f"{url}{CUSTOMERS}", f"canary-{uuid.uuid4()}"

    def call(method: str, path: str, expected: int, body: Mapping[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        reply = _send(method, api + path, headers, data)
        if reply.status != expected:
            raise CanaryError(f"{method} was answered {reply.status}, not {expected}")
        return reply.body

    made = call("POST", "", 201, {"email": f"{ref}@example.com", "customerRef": ref, "firstName": "Canary"})
    try:
        _same("the customer found by its reference", call("GET", f"/{ref}/ref", 200)["id"], made["id"])
        changed = call("PUT", f"/id={made['id']}", 200, {"lastName": "Bird"})
        _same("the change", (changed["firstName"], changed["lastName"]), ("Canary", "Bird"))
        _same("the customer read again", call("GET", f"/{made['id']}", 200), changed)
        # The index may be behind; whom it shows must match all the same.
        for found in call("GET", f"/search?email={ref}@example.com", 200):
            _same("the customer searched for", found["id"], made["id"])
    finally:
        call("DELETE", f"/id={made['id']}", 204)
    call("GET", f"/{made['id']}", 404)


def _token(url: str, tenant: str, client_id: str, client_secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    reply = _send(
        "POST",
        f"{url}/auth/realms/{tenant}/protocol/openid-connect/token",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urlencode(form).encode(),
    )
    if reply.status != 200:
        raise CanaryError(f"The token was answered {reply.status}, not 200")
    return str(reply.body["access_token"])


def _send(method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> Reply:
    request = urllib.request.Request(url, data, dict(headers), method=method)  # noqa: S310  the stage's own
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return Reply(answer.status, _json(answer.read()))
    except urllib.error.HTTPError as error:
        return Reply(error.code, None)
    except OSError as error:
        raise CanaryError(f"{method} was not answered: {type(error).__name__}") from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        raise CanaryError("An answer is no JSON") from None


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise CanaryError(f"{what[0].upper()}{what[1:]} is not as it was written")

"""As whom a command calls the API: a tenant's client, of a stage or of the stack that `uv run local` runs."""

import getpass
import os
import sys
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from infra.commands.place import PlaceError, running_api
from infra.commands.terminal import FLAG
from infra.transfer.credentials import Credentials

SECRET_VARIABLE = "CUSTOMERSERVICE_CLIENT_SECRET"  # noqa: S105
"""Where the client secret is read from; a command line would be in the history of the shell."""


def _one_address(_type: object, caller: "Caller | None") -> None:
    if caller and caller.local and caller.url:
        raise ValueError("Say --url or --local, not both.")
    if caller and caller.url and not (caller.tenant and caller.client_id):
        raise ValueError("--url needs --tenant and --client-id.")


@Parameter(name="*", group="Who calls", validator=_one_address)
@dataclass(frozen=True)
class Caller:
    """The options that say who calls, and where."""

    tenant: str | None = None
    """The tenant's key; with `--local` the demo tenant's where it is left out."""

    local: Annotated[bool, FLAG] = False
    """The stack that `uv run local` runs."""

    url: str | None = None
    """The API's address, such as `https://api.example.com`."""

    client_id: str | None = None
    """The tenant's client id. Its secret is read from CUSTOMERSERVICE_CLIENT_SECRET, or asked for."""


NOBODY = Caller()


def credentials_of(caller: Caller) -> Credentials:
    """What the options name. Raises PlaceError where they name nobody, or no local stack runs."""
    if not caller.local:
        if not (caller.url and caller.tenant and caller.client_id):
            raise PlaceError("Say where: --local, or --url with --tenant and --client-id")
        address = urlsplit(caller.url)
        if address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
            raise PlaceError("--url must begin with https://, for a secret goes there")
        return Credentials(caller.url, caller.tenant, caller.client_id, _secret())
    api = running_api()
    if caller.client_id is None and caller.tenant in {None, api["tenant"]}:
        return Credentials(api["url"], api["tenant"], api["clientId"], api["clientSecret"])
    if not (caller.tenant and caller.client_id):
        raise PlaceError(f"Another tenant than {api['tenant']} needs --tenant and --client-id")
    return Credentials(api["url"], caller.tenant, caller.client_id, _secret())


def _secret() -> str:
    if secret := os.environ.get(SECRET_VARIABLE):
        return secret
    if not sys.stdin.isatty():
        raise PlaceError(f"Put the client secret into {SECRET_VARIABLE}")
    return getpass.getpass("Client secret: ")

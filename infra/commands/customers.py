"""`uv run customers`: import, export, get, search and delete customers, as a tenant's client of the API."""

import sys
from typing import Annotated
from urllib.parse import urlencode

from cyclopts import Parameter

from functions.customers.keys import IDENTIFIERS
from infra.commands import customers_export, customers_import, terminal
from infra.commands.caller import NOBODY, Caller, credentials_of
from infra.commands.place import PlaceError
from infra.commands.terminal import AsJson, Yes
from infra.routes import CUSTOMERS
from infra.transfer.client import Client, ServiceError
from infra.transfer.retries import ConnectionLostError

EXPECTED = (
    ConnectionLostError,
    PlaceError,
    ServiceError,
    *customers_export.EXPECTED,
    *customers_import.EXPECTED,
)

Who = Annotated[
    str,
    Parameter(
        help="An email address, `customerRef=…`, `alternateCustomerRef=…` or the `id` of the service itself."
    ),
]
SHOWN = ("id", "customerRef", "email", "firstName", "lastName", "mobile")

app = terminal.command(
    "customers",
    """Take customers in and out of the API, and look at them.

For example:

    python3 -m uv run customers import customers.csv --local
""",
)
app.command(customers_import.app)
app.command(customers_export.app)


@app.command
def get(who: Who, /, *, caller: Caller = NOBODY) -> None:
    """Show a customer, as JSON.

    For example:

        python3 -m uv run customers get jane.doe@example.com --local
    """
    with Client(credentials_of(caller)) as client:
        terminal.show_json(client.get(_path(who)))


@app.command
def search(
    *,
    email: str | None = None,
    mobile: str | None = None,
    phone: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    caller: Caller = NOBODY,
    as_json: AsJson = False,
) -> None:
    """Show the customers that match all that is given.

    For example:

        python3 -m uv run customers search --last-name Doe --local
    """
    given = {
        "email": email,
        "mobile": mobile,
        "phone": phone,
        "firstName": first_name,
        "lastName": last_name,
    }
    criteria = {name: value for name, value in given.items() if value is not None}
    with Client(credentials_of(caller)) as client:
        found = [one for page in client.pages(f"{CUSTOMERS}/search", criteria) for one in page]
    if as_json:
        terminal.show_json(found)
    else:
        terminal.show_table({name: str(one.get(name, "")) for name in SHOWN} for one in found)


@app.command
def delete(who: Who, /, *, yes: Yes = False, caller: Caller = NOBODY, as_json: AsJson = False) -> int:
    """Delete a customer, whose personal data is gone then, for good.

    For example:

        python3 -m uv run customers delete customerRef=C-1001 --local
    """
    with Client(credentials_of(caller)) as client:
        customer = client.get(_path(who))
        name = " ".join(customer[part] for part in ("firstName", "lastName") if part in customer)
        if not (yes or terminal.agreed(f"Delete {name} <{customer['email']}> for good?")):
            return terminal.FAILED
        client.delete(f"{CUSTOMERS}/id={customer['id']}")
    if as_json:
        terminal.show_json({"deleted": customer["id"]})
    else:
        terminal.say(f"Deleted {customer['id']}")
    return 0


def _path(who: str) -> str:
    """The path of the customer that somebody names; its value in the query, where a slash is one anywhere."""
    field, equals, value = who.partition("=")
    if not equals or field not in IDENTIFIERS:
        field, value = "email" if "@" in who else "id", who
    return f"{CUSTOMERS}?{urlencode({field: value})}"


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app, *EXPECTED))


if __name__ == "__main__":
    main()

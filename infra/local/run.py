"""The local stack as a run keeps it: one demo tenant, files that say where it is, data that outlives it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from infra.local.access import write_private
from infra.local.stack import LOCAL, LocalStack
from infra.routes import CUSTOMERS
from infra.tenant_registry import Credentials, TenantRegistry

DEFAULT_PORT = 4566
DEMO = "demo"

TOKEN_SECONDS = 10 * 365 * 86_400
"""The demo token outlives every run."""

ANSWER_SECONDS = 30.0

STATE = LOCAL / "emulator"
API_FILE = LOCAL / "api.json"
"""Where the running API is and how to use it; there while it answers, gone when it stops."""

ACCESS_FILE = LOCAL / "aws"
"""How this stack's own programs reach the emulator, an AWS configuration file; there as long as API_FILE."""

DEMO_FILE = LOCAL / "demo.json"
"""The demo tenant's secret and token, which its table knows only by their hashes."""


class LocalRunError(Exception):
    """The run cannot go on; the message is for the person who started it."""


@dataclass(frozen=True)
class Run:
    """A stack that answers, and what its demo tenant calls it with."""

    stack: LocalStack
    credentials: Credentials
    token: str

    def stay(self) -> None:
        """Wait for as long as the emulator runs."""
        while self.stack.emulator.running:
            time.sleep(0.2)


@contextmanager
def started(*, port: int, fresh: bool) -> Iterator[Run]:
    """The stack, once it answers, and its files for as long as it is there."""
    with LocalStack(STATE, port=port, fresh=fresh) as stack:
        run = Run(stack, *_demo_tenant(stack.tenants))
        _wait_until_it_answers(stack, run.token)
        with _announced(run):
            yield run


def _demo_tenant(registry: TenantRegistry) -> tuple[Credentials, str]:
    """The demo tenant's credentials and a token: those of the last run while they are good."""
    if DEMO_FILE.exists():
        kept = json.loads(DEMO_FILE.read_text())
        credentials, token = Credentials(**kept["credentials"]), kept["token"]
        if registry.holds(credentials, token):
            return credentials, token
    credentials = registry.rotate(DEMO) if registry.find(DEMO) else registry.register(DEMO)
    token = registry.issue_token(DEMO, seconds=TOKEN_SECONDS)
    write_private(DEMO_FILE, json.dumps({"credentials": asdict(credentials), "token": token}, indent=2))
    return credentials, token


def _wait_until_it_answers(stack: LocalStack, token: str) -> None:
    """Ask the API for something it must find nothing for, through authorizer, function and table."""
    request = urllib.request.Request(
        f"{stack.url}{CUSTOMERS}/search?email=nobody@example.com",
        headers={"Authorization": f"Bearer {token}", "X-TWC-Tenant": DEMO},
    )
    deadline, answer = time.monotonic() + ANSWER_SECONDS, ""
    while stack.emulator.running and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):
                return
        except urllib.error.HTTPError as error:
            answer = f"{error.code} {error.read().decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        time.sleep(0.5)
    raise LocalRunError(f"The API does not answer as it should: {answer}")


@contextmanager
def _announced(run: Run) -> Iterator[None]:
    api = {
        "url": run.stack.url,
        "tenant": run.credentials.tenant_id,
        "clientId": run.credentials.client_id,
        "clientSecret": run.credentials.client_secret,
        "accessToken": run.token,
    }
    run.stack.emulator.access.keep(ACCESS_FILE)
    write_private(API_FILE, json.dumps(api, indent=2))
    try:
        yield
    finally:
        API_FILE.unlink(missing_ok=True)
        ACCESS_FILE.unlink(missing_ok=True)

"""`uv run local`: the real stack on this machine, until Ctrl-C. Data survives; `--fresh` begins anew."""

import argparse
import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Never

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.address import REFERENCE_PATH
from infra.local.access import write_private
from infra.local.assembly import SynthesisError
from infra.local.deployment import DeploymentError
from infra.local.emulator import EmulatorError
from infra.local.stack import LOCAL, LocalStack
from infra.reference.viewer import viewer
from infra.routes import CUSTOMERS
from infra.tenant_registry import Credentials, TenantRegistry

DEFAULT_PORT = 4566
DEMO = "demo"

WITHOUT_VIEWER = """
  (without its viewer, which could not be fetched; the next start tries again)
"""

TOKEN_SECONDS = 10 * 365 * 86_400
"""The demo token outlives every run."""

ANSWER_SECONDS = 30.0

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

STATE = LOCAL / "emulator"
API_FILE = LOCAL / "api.json"
"""Where the running API is and how to use it; there while it answers, gone when it stops."""

ACCESS_FILE = LOCAL / "aws"
"""How this stack's own programs reach the emulator, an AWS configuration file; there as long as API_FILE."""

DEMO_FILE = LOCAL / "demo.json"
"""The demo tenant's secret and token, which its table knows only by their hashes."""


class LocalRunError(Exception):
    """The run cannot go on; the message is for the person who started it."""


def main() -> None:
    """Run the stack until Ctrl-C or SIGTERM."""
    arguments = _arguments()
    # A shell that starts it in the background has it ignore Ctrl-C's signal.
    for stop in STOP_SIGNALS:
        signal.signal(stop, _interrupt)
    try:
        run(port=arguments.port, fresh=arguments.fresh)
    except KeyboardInterrupt:
        print("Stopped; the data stays for the next start.")
    except (DeploymentError, EmulatorError, LocalRunError, SynthesisError) as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"The emulator does not do as it should: {error}")


def run(*, port: int, fresh: bool) -> Never:
    """Start, announce, and stay. Leaves by an exception only."""
    print("Starting …", flush=True)
    with LocalStack(STATE, port=port, fresh=fresh) as stack:
        credentials, token = _demo_tenant(stack.tenants)
        _wait_until_it_answers(stack, token)
        try:
            with _announced(stack, credentials, token):
                while stack.emulator.running:
                    time.sleep(0.2)
        except KeyboardInterrupt:
            print("Saving the data …", flush=True)
            raise
    raise LocalRunError("Somebody else has stopped the emulator; the data stays for the next start.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local", description=__doc__)
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--fresh", action="store_true", help="forget all data of earlier runs")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 65535")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> Never:
    """Stop, once: who asks again while the data is being saved must not lose it."""
    for stop in STOP_SIGNALS:
        signal.signal(stop, signal.SIG_IGN)
    raise KeyboardInterrupt


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
def _announced(stack: LocalStack, credentials: Credentials, token: str) -> Iterator[None]:
    """Say where the API is, in print and in files, for as long as it is there."""
    api = {
        "url": stack.url,
        "tenant": credentials.tenant_id,
        "clientId": credentials.client_id,
        "clientSecret": credentials.client_secret,
        "accessToken": token,
    }
    stack.emulator.access.keep(ACCESS_FILE)
    write_private(API_FILE, json.dumps(api, indent=2))
    print(
        f"""The customer API is at

  {stack.url}{CUSTOMERS}

and its reference, with guides and a console to try every call, at

  {stack.url}{REFERENCE_PATH}
{"" if viewer() else WITHOUT_VIEWER}
  tenant         {credentials.tenant_id}
  client id      {credentials.client_id}
  client secret  {credentials.client_secret}
  access token   {token}

Create a customer:

  curl -i '{stack.url}{CUSTOMERS}' \\
    -H 'Authorization: Bearer {token}' \\
    -H 'X-TWC-Tenant: {credentials.tenant_id}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"email": "jane.doe@example.com", "customerRef": "C-1001", "firstName": "Jane", "lastName": "Doe"}}'

Stop with Ctrl-C.""",
        flush=True,
    )
    try:
        yield
    finally:
        API_FILE.unlink(missing_ok=True)
        ACCESS_FILE.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

"""`uv run local`: the real stack on this machine, until Ctrl-C."""

import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType
from typing import Annotated, Never

from botocore.exceptions import BotoCoreError, ClientError
from cyclopts import Parameter, Token
from rich.text import Text

from functions.shared.address import REFERENCE_PATH
from infra.commands import terminal
from infra.commands.terminal import FLAG
from infra.local.assembly import SynthesisError
from infra.local.deployment import DeploymentError
from infra.local.emulator import EmulatorError
from infra.local.run import DEFAULT_PORT, LocalRunError, Run, started
from infra.reference.viewer import viewer
from infra.routes import CUSTOMERS

WITHOUT_VIEWER = """
  (without its viewer, which could not be fetched; the next start tries again)
"""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _port(_type: object, tokens: Sequence[Token]) -> int:
    text = tokens[0].value
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise ValueError(f"{text!r} is not a number from 1 to 65535.")
    return int(text)


Port = Annotated[int, Parameter(converter=_port, help="Where it listens, on this machine alone.")]
Fresh = Annotated[bool, FLAG, Parameter(help="Forget all data of earlier runs.")]

app = terminal.command("local")


@app.default
def local(
    *,
    port: Port = DEFAULT_PORT,
    fresh: Fresh = False,
) -> None:
    """Run the API on this machine, until Ctrl-C: the real stack, on an emulator of AWS.

    It prints its address, a tenant's credentials and a first call. Data survives a stop. For example:

        python3 -m uv run local --port 8080 --fresh
    """
    # A shell that starts it in the background has it ignore Ctrl-C's signal.
    for stop in STOP_SIGNALS:
        signal.signal(stop, _interrupt)
    try:
        _run_until_stopped(port=port, fresh=fresh)
    except KeyboardInterrupt:
        terminal.say("Stopped; the data stays for the next start.")
    except (BotoCoreError, ClientError) as error:
        raise LocalRunError(f"The emulator does not do as it should: {error}") from error


def _run_until_stopped(*, port: int, fresh: bool) -> Never:
    with ExitStack() as running:
        with terminal.working("Starting …"):
            run = running.enter_context(started(port=port, fresh=fresh))
        terminal.say(announcement(run))
        try:
            run.stay()
        except KeyboardInterrupt:
            terminal.say("Saving the data …")
            raise
    raise LocalRunError("Somebody else has stopped the emulator; the data stays for the next start.")


def announcement(run: Run) -> Text:
    """What a newcomer needs: two addresses, a tenant's credentials, a first call."""
    url, credentials, token = run.stack.url, run.credentials, run.token
    text = Text(
        f"""The customer API is at

  {url}{CUSTOMERS}

and its reference, with guides and a console to try every call, at

  {url}{REFERENCE_PATH}
{"" if viewer() else WITHOUT_VIEWER}
  tenant         {credentials.tenant_id}
  client id      {credentials.client_id}
  client secret  {credentials.client_secret}
  access token   {token}

Create a customer:

  curl -i '{url}{CUSTOMERS}' \\
    -H 'Authorization: Bearer {token}' \\
    -H 'X-TWC-Tenant: {credentials.tenant_id}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"email": "jane.doe@example.com", "customerRef": "C-1001", "firstName": "Jane", "lastName": "Doe"}}'

Stop with Ctrl-C."""
    )
    text.highlight_regex(r"(?m)^  http\S+", "bold cyan")
    text.highlight_regex(r"(?m)^  (tenant|client id|client secret|access token) ", "bold")
    return text


def _interrupt(_signal: int, _frame: FrameType | None) -> Never:
    """Stop, once: who asks again while the data is being saved must not lose it."""
    for stop in STOP_SIGNALS:
        signal.signal(stop, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app, DeploymentError, EmulatorError, LocalRunError, SynthesisError))


if __name__ == "__main__":
    main()

"""The canary against the deployed API: it flies where all is well, and says which step is not."""

import os
import subprocess
import sys

import pytest

from functions.canary.journey import CanaryError, live_and_die
from infra.local.access import REGION
from infra.local.access import ROOT as ROOT_KEY
from infra.local.assembly import ROOT
from infra.local.stack import LocalStack
from infra.settings import TENANTS_TABLE_OUTPUT
from infra.tenant_registry import Credentials
from tests.api import CUSTOMERS
from tests.deployed.http_api import HttpApi

FLY = "from functions.canary.try_api import handler; handler({}, None)"


def fly(stack: LocalStack, url: str) -> subprocess.CompletedProcess[str]:
    """The canary's function as Lambda would run it."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": stack.emulator.access.endpoint_url,
        "API_URL": url,
        "TENANTS_TABLE": stack.outputs[TENANTS_TABLE_OUTPUT],
    }
    command = [sys.executable, "-c", FLY]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_it_needs_no_secret_that_is_kept_and_can_fly_again(stack: LocalStack) -> None:
    for _ in range(2):
        flight = fly(stack, stack.url)
        assert flight.returncode == 0, flight.stderr


def test_it_leaves_no_customer_behind(stack: LocalStack, api: HttpApi, demo: Credentials) -> None:
    live_and_die(stack.url, demo.tenant_id, demo.client_id, demo.client_secret)

    assert api.get(f"{CUSTOMERS}/search?firstName=Canary").json == []


def test_an_api_that_is_not_there_is_an_error_of_the_function(stack: LocalStack) -> None:
    flight = fly(stack, f"{stack.url}/nowhere")

    assert flight.returncode != 0
    assert "CanaryError: The token was answered" in flight.stderr


def test_wrong_credentials_are_told_without_a_value_that_was_sent(
    stack: LocalStack, demo: Credentials
) -> None:
    with pytest.raises(CanaryError, match="The token was answered 401, not 200") as told:
        live_and_die(stack.url, demo.tenant_id, demo.client_id, "wrong-secret")

    assert "wrong-secret" not in str(told.value)

"""`uv run tenants`: what an operator does to a tenant decides who gets in, at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.auth import authorize
from infra.commands import tenants, terminal
from infra.commands.place import Where
from infra.tenant_registry import Credentials, TenantRegistry
from tests.account import empty_account
from tests.api import Api
from tests.clients import client, resource

STAGE_ARN = "arn:aws:execute-api:ap-southeast-2:123456789012:abc123/prod"


class Clock:
    """Epoch seconds that pass when somebody sleeps; the operator's clock may be behind AWS's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 1_800_000_000.5
        self.operator_is_behind = 0.0
        monkeypatch.setattr("time.time", lambda: self.time)

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def registry(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TenantRegistry]:
    """The tenants that the command finds, wherever it is told to look."""
    with empty_account():
        table = resource("dynamodb").Table("tenants")
        found = TenantRegistry(table, now=lambda: clock.time - clock.operator_is_behind, sleep=clock.sleep)

        @contextmanager
        def opened(_where: Where) -> Iterator[tuple[TenantRegistry, None]]:
            yield found, None

        monkeypatch.setattr(tenants, "opened", opened)
        yield found


@contextmanager
def each_answer(operation: str, do: Callable[..., None]) -> Iterator[None]:
    """Have something done with each of DynamoDB's answers to the registry."""
    events, name = resource("dynamodb").meta.client.meta.events, f"after-call.dynamodb.{operation}"
    events.register(name, do)
    try:
        yield
    finally:
        events.unregister(name, do)


def command(*arguments: str) -> int:
    """The exit code of `tenants` with these arguments."""
    return terminal.run(tenants.app, *tenants.EXPECTED, arguments=arguments)


def shown(capsys: pytest.CaptureFixture[str]) -> Credentials:
    lines = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines()[:3])
    return Credentials(lines["tenant"], lines["client id"], lines["client secret"])


def token(credentials: Credentials) -> str | None:
    """An access token for these credentials, None where they are refused."""
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
    )
    url = f"/auth/realms/{credentials.tenant_id}/protocol/openid-connect/token"
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = Api(None).post(url, text=form, headers=form_type)
    return str(reply.json["access_token"]) if reply.status == 200 else None


def decision(access_token: str | None, tenant: str = "acme") -> str:
    """What the authorizer says to a token."""
    event: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {access_token}", "X-TWC-Tenant": tenant},
        "methodArn": f"{STAGE_ARN}/GET/x",
        "requestContext": {"stage": "prod", "requestId": "r"},
    }
    try:
        policy = authorize.handler(event, None)
    except Exception as error:  # noqa: BLE001  the words API Gateway knows
        return str(error)
    return str(policy["policyDocument"]["Statement"][0]["Effect"])


def test_a_registered_tenant_gets_in_with_the_secret_that_is_shown_once(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")

    credentials = shown(capsys)
    assert decision(token(credentials)) == "Allow"
    command("list")
    assert credentials.client_secret not in capsys.readouterr().out
    assert credentials.client_secret not in str(client("dynamodb").scan(TableName="tenants"))


def test_a_tenant_is_registered_once_and_keeps_its_secret(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    credentials = shown(capsys)

    assert command("register", "acme") == 1
    assert capsys.readouterr().err == "The tenant acme is registered already\n"
    assert token(credentials)


@pytest.mark.parametrize("wrong", ["", "Acme", "a b", "a#b", "x" * 65])
def test_what_is_no_tenant_key_is_refused(
    registry: TenantRegistry, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("register", wrong) == 1
    assert "is no tenant key" in capsys.readouterr().err


def test_a_rotation_ends_the_old_secret_and_its_tokens_and_the_new_one_works_at_once(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    old = shown(capsys)
    old_token = token(old)

    command("rotate", "acme")

    new = shown(capsys)
    assert token(old) is None
    assert decision(old_token) == "Unauthorized"
    assert decision(token(new)) == "Allow"


@pytest.mark.parametrize("seconds", [600, -600])
def test_a_rotation_ends_old_tokens_and_no_others_though_the_operators_clock_is_wrong(
    registry: TenantRegistry, clock: Clock, seconds: float, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.operator_is_behind = seconds
    command("register", "acme")
    old_token = token(shown(capsys))

    command("rotate", "acme")

    assert decision(old_token) == "Unauthorized"
    assert decision(token(shown(capsys))) == "Allow"


def test_a_rotation_ends_a_token_that_the_old_secret_got_while_it_ran(
    registry: TenantRegistry, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    old = shown(capsys)
    tokens = []

    def got_in_the_next_second(**_: Any) -> None:
        clock.sleep(1)
        tokens.append(token(old))

    with each_answer("GetItem", got_in_the_next_second):
        command("rotate", "acme")

    assert [decision(one) for one in tokens] == ["Unauthorized"]
    assert decision(token(shown(capsys))) == "Allow"


def test_a_rotation_that_cannot_know_the_time_changes_nothing(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    credentials = shown(capsys)

    with each_answer("GetItem", lambda parsed, **_: parsed["ResponseMetadata"]["HTTPHeaders"].pop("date")):
        assert command("rotate", "acme") == 1

    assert "no date" in capsys.readouterr().err
    assert decision(token(credentials)) == "Allow"


def test_a_rotation_that_keeps_the_old_secret_keeps_it_so_long_and_no_longer(
    registry: TenantRegistry, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    old = shown(capsys)
    old_token = token(old)

    command("rotate", "acme", "--keep-old-for", "2")

    new = shown(capsys)
    assert decision(old_token) == "Allow"
    clock.sleep(2 * 3600 - 2)
    assert token(old)
    assert token(new)
    clock.sleep(3)
    assert token(old) is None
    assert token(new)


def test_a_disabled_tenant_is_refused_until_it_is_enabled(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    command("register", "acme")
    credentials = shown(capsys)
    good = token(credentials)

    command("disable", "acme")
    assert decision(good) == "Deny"
    assert token(credentials) is None

    command("enable", "acme")
    assert decision(good) == "Allow"


@pytest.mark.parametrize("name", ["rotate", "disable", "enable"])
def test_an_unknown_tenant_is_no_tenant_afterwards_either(
    registry: TenantRegistry, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(name, "acme") == 1
    assert capsys.readouterr().err == "There is no tenant acme\n"
    assert list(registry.all()) == []


def test_the_list_has_every_tenant_with_its_status(
    registry: TenantRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    for tenant in ("zeta", "acme"):
        command("register", tenant)
    command("disable", "zeta")
    capsys.readouterr()

    command("list")

    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [["acme", "active"], ["zeta", "disabled"]]


def test_a_script_reads_json(registry: TenantRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    command("register", "acme", "--json")
    made = json.loads(capsys.readouterr().out)
    assert token(Credentials(made["tenant"], made["clientId"], made["clientSecret"]))
    command("rotate", "acme", "--json")
    assert json.loads(capsys.readouterr().out)["clientSecret"] != made["clientSecret"]
    command("list", "--json")
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["tenant"], told["status"]) == ("acme", "active")


@pytest.mark.parametrize("hours", ["0", "-1", "2161", "many"])
def test_a_period_of_grace_is_some_hours(
    registry: TenantRegistry, hours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("rotate", "acme", f"--keep-old-for={hours}") == 2
    assert "--keep-old-for" in capsys.readouterr().err

"""`uv run smoke`: try what only a deployed stage can tell."""

import sys
from dataclasses import asdict, dataclass

from botocore.exceptions import ClientError
from rich.text import Text

from infra.commands import terminal
from infra.commands.place import HERE, Place, PlaceError, Where, opened
from infra.commands.terminal import AsJson
from infra.settings import API_URL_OUTPUT, BUS_OUTPUT, TENANTS_TABLE_OUTPUT
from infra.smoke.checks import CHECKS, Check, SkippedError
from infra.smoke.target import TENANTS, CheckError, Target
from infra.smoke.target import opened as opened_tenants
from infra.tenant_registry import TenantError, TenantRegistry
from infra.tenant_tiers import TenantTiers

app = terminal.command("smoke")


@dataclass(frozen=True)
class Result:
    """What became of a check: `ok`, `skipped` or `FAILED`, and why."""

    check: str
    verdict: str
    note: str


@app.default
def try_stage(
    *,
    where: Where = HERE,
    as_json: AsJson = False,
) -> int:
    """Try what only a deployed stage can tell: a line for each check, and nothing left behind.

    The exit code is 1 where a check fails. For example:

        python3 -m uv run smoke --stage prod
    """
    with opened(where) as place:
        results = smoke(place, say=(lambda _line: None) if as_json else terminal.say)
    if as_json:
        terminal.show_json([asdict(one) for one in results])
    return 0 if passed(results) else terminal.FAILED


def smoke(place: Place, say: terminal.Say = terminal.say) -> list[Result]:
    """Try every check, say a line for each, and clean up."""
    outputs = place.outputs
    registry = TenantRegistry(place.resource("dynamodb").Table(outputs[TENANTS_TABLE_OUTPUT]))
    tiers = TenantTiers(place.client("apigateway"), place.stage, outputs)
    for tenant in TENANTS:
        tiers.put(tenant)
    with opened_tenants(registry) as (credentials, other):
        target = Target(
            stage=place.stage,
            url=place.api_url or outputs[API_URL_OUTPUT],
            bus=outputs[BUS_OUTPUT],
            client=place.client,
            credentials=credentials,
            other=other,
        )
        try:
            return [_tried(check, target, say) for check in CHECKS]
        finally:
            target.clean_up()


def passed(results: list[Result]) -> bool:
    """Whether no check failed."""
    return all(one.verdict != "FAILED" for one in results)


def _tried(check: Check, target: Target, say: terminal.Say) -> Result:
    name = check.__name__.replace("_", " ")
    try:
        note, verdict = check(target), "ok"
    except SkippedError as reason:
        note, verdict = str(reason), "skipped"
    except (CheckError, OSError, KeyError, TypeError, ClientError) as error:
        note, verdict = str(error) or type(error).__name__, "FAILED"
    say(Text.assemble(terminal.styled(f"{verdict:<8}"), f" {name:<42} {note}"))
    return Result(name, verdict, note)


def main() -> None:
    """Do what the command line asks for."""
    sys.exit(terminal.run(app, TenantError, PlaceError))


if __name__ == "__main__":
    main()

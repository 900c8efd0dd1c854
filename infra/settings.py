"""What differs between the stages. Choose one with `-c stage=dev`."""

from dataclasses import dataclass

SERVICE = "customerservice"

# Names of stack outputs, by which tools find what was deployed.
API_ID_OUTPUT = "ApiId"
API_URL_OUTPUT = "ApiUrl"
ALARMS_TOPIC_OUTPUT = "AlarmsTopic"
TENANTS_TABLE_OUTPUT = "TenantsTable"


@dataclass(frozen=True)
class Stage:
    """A deployment of the service.

    `durable`: tables are retained, deletion-protected and have point-in-time recovery.
    `emulated`: runs on MiniStack: code without bundled libraries, nothing the emulator lacks.
    `snap_start`: functions start from snapshots (costs by cached size and by restore).
    `log_days`: retention of every log group. `requests_per_second`, `burst`: the API's throttle.
    `authorizer_cache_seconds`: how long a revoked token may still open the door.
    """

    name: str
    durable: bool = False
    emulated: bool = False
    snap_start: bool = False
    log_days: int = 30
    requests_per_second: int = 100
    burst: int = 200
    authorizer_cache_seconds: int = 60

    def stack_name(self, part: str) -> str:
        """Name of the stage's `data` or `service` stack."""
        return f"{SERVICE}-{self.name}-{part}"


STAGES = {
    stage.name: stage
    for stage in (
        Stage(name="local", emulated=True, log_days=1, requests_per_second=10_000, burst=5_000),
        Stage(name="dev"),
        Stage(name="prod", durable=True, log_days=365, requests_per_second=1_000, burst=2_000),
    )
}


def stage_named(name: str) -> Stage:
    """The stage of that name. Raises SystemExit with the names there are."""
    if name not in STAGES:
        raise SystemExit(f"There is no stage {name!r}; choose one of {', '.join(STAGES)} with -c stage=NAME")
    return STAGES[name]

"""What differs between the stages. Choose one with `-c stage=dev`."""

from dataclasses import dataclass

SERVICE = "customerservice"

# Names of stack outputs, by which tools find what was deployed.
API_ID_OUTPUT = "ApiId"
API_URL_OUTPUT = "ApiUrl"
ALARMS_TOPIC_OUTPUT = "AlarmsTopic"
TENANTS_TABLE_OUTPUT = "TenantsTable"
BUS_OUTPUT = "BusName"


@dataclass(frozen=True)
class Stage:
    """A deployment of the service.

    `durable`: tables are retained, deletion-protected and have point-in-time recovery.
    `emulated`: runs on MiniStack: code without bundled libraries, nothing the emulator lacks.
    `snap_start`: functions start from snapshots (costs by cached size and by restore).
    `log_days`: retention of every log group. `requests_per_second`, `burst`: the API's throttle.
    `access_token_seconds`: how long an access token is good.
    `authorizer_cache_seconds`: how long a revoked token may still open the door.
    `retry_after_timeouts`: when a failed message comes again, in times its worker's timeout (AWS: six).
    `queue_workers`: how many functions may work at one queue, so how much a flood may take from the callers.
    """

    name: str
    durable: bool = False
    emulated: bool = False
    snap_start: bool = False
    log_days: int = 30
    requests_per_second: int = 100
    burst: int = 200
    access_token_seconds: int = 5 * 3600
    authorizer_cache_seconds: int = 60
    retry_after_timeouts: int = 6
    queue_workers: int = 2

    def stack_name(self, part: str) -> str:
        """Name of the stage's `data` or `service` stack."""
        return f"{SERVICE}-{self.name}-{part}"

    @property
    def bus_name(self) -> str:
        """Name of the stage's event bus, which other services know."""
        return f"{SERVICE}-{self.name}"


STAGES = {
    stage.name: stage
    for stage in (
        Stage(
            name="local",
            emulated=True,
            log_days=1,
            requests_per_second=10_000,
            burst=5_000,
            retry_after_timeouts=1,
        ),
        Stage(name="dev"),
        Stage(
            name="prod",
            durable=True,
            log_days=365,
            requests_per_second=1_000,
            burst=2_000,
            queue_workers=5,
        ),
    )
}


def stage_named(name: str) -> Stage:
    """The stage of that name. Raises SystemExit with the names there are."""
    if name not in STAGES:
        raise SystemExit(f"There is no stage {name!r}; choose one of {', '.join(STAGES)} with -c stage=NAME")
    return STAGES[name]

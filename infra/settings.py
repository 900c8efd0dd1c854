"""What differs between the stages. Choose one with `-c stage=dev`; edit the settings here, under review."""

from dataclasses import dataclass

SERVICE = "customerservice"

CDK_CLI = "aws-cdk@2.1148.1"
"""The npm package of the CDK's command; its versions are not the library's (AWS: AWS CDK versioning)."""

AT_ONCE = "rolloutAtOnce"
"""The context by which all calls go over to new versions of the functions together (`rollouts.py`)."""

# Names of stack outputs, by which tools find what was deployed.
API_ID_OUTPUT = "ApiId"
API_URL_OUTPUT = "ApiUrl"
ALARMS_TOPIC_OUTPUT = "AlarmsTopic"
TICKETS_TOPIC_OUTPUT = "TicketsTopic"
TENANTS_TABLE_OUTPUT = "TenantsTable"
BUS_OUTPUT = "BusName"
FILES_BUCKET_OUTPUT = "FilesBucket"


@dataclass(frozen=True)
class Domain:
    """The address callers use: a name, its certificate of this region, the hosted zone it is written to."""

    name: str
    certificate_arn: str
    hosted_zone_id: str
    hosted_zone_name: str


@dataclass(frozen=True)
class Tier:
    """What one tenant may do: requests a second, and as many as `burst` at once. Best effort (AWS)."""

    name: str
    requests_per_second: int
    burst: int


def usage_plan_output(tier: Tier) -> str:
    """Name of the stack output that has the tier's usage plan."""
    return f"UsagePlan{tier.name.capitalize()}"


@dataclass(frozen=True)
class Stage:
    """A deployment of the service.

    `durable`: tables are retained, deletion-protected and have point-in-time recovery; a new version of a
    function takes over step by step, and is taken back when its alarm rings.
    `emulated`: runs on MiniStack: code without bundled libraries, nothing the emulator lacks.
    `account`, `region`: where alone it may be deployed; without them, the environment says.
    `cost_centre`: who pays, a tag on everything.
    `domain`: the address callers use; the gateway's own is closed then.
    `order_sources`: the event sources whose orders are counted.
    `archive_days`: how long the bus keeps its events for a replay; 0 for not at all.
    `table_key_arn`: the KMS key of the tables' data; without it, one that AWS owns, at no cost.
    It needs `region`, and a key policy that lets the account use it through DynamoDB (`kms:ViaService`).
    `warm_reads`, `warm_writes`: units a second each table is ready for from the first; without them, what
    DynamoDB gives a new table (4,000 writes, 12,000 reads).
    `snap_start`: functions start from snapshots (costs by cached size and by restore).
    `access_token_seconds`: how long an access token is good.
    `alarms`: alarms and dashboard (.github/DEPLOYMENT.md, "What a stage costs").
    `account_concurrency`: the account's quota of concurrent functions, for the alarm that watches it.
    `canary_minutes`: how often a synthetic tenant tries the API; 0 for never.
    `web_acl`: AWS WAF before the API.
    `log_days`: retention of every log group.
    `requests_per_second`, `burst`: the throttle of each route by itself, all its callers together (AWS: a
    stage's throttle is each method's, not their sum).
    `token_requests_per_second`, `upload_requests_per_second`: the same for the token endpoint, for uploads.
    `tiers`: what single tenants may do, the default first; without any, only the throttles above hold.
    `authorizer_concurrency`, `token_concurrency`: functions kept free for these two, and the most there
    may be; None leaves them to the account's pool.
    `authorizer_cache_seconds`: how long a revoked token may still open the door.
    `retry_after_timeouts`: when a failed message comes again, in times its worker's timeout (AWS: six).
    `queue_workers`: how many functions may work at one queue, so how much a flood may take from the callers.
    """

    name: str
    durable: bool = False
    emulated: bool = False
    account: str | None = None
    region: str | None = None
    cost_centre: str = "customer-service"
    domain: Domain | None = None
    order_sources: tuple[str, ...] = ("shop",)
    archive_days: int = 0
    table_key_arn: str | None = None
    warm_reads: int | None = None
    warm_writes: int | None = None
    snap_start: bool = False
    alarms: bool = False
    account_concurrency: int = 1000
    canary_minutes: int = 0
    web_acl: bool = False
    log_days: int = 30
    requests_per_second: int = 100
    burst: int = 200
    access_token_seconds: int = 5 * 3600
    token_requests_per_second: int = 10
    upload_requests_per_second: int = 5
    tiers: tuple[Tier, ...] = ()
    authorizer_concurrency: int | None = None
    token_concurrency: int | None = None
    authorizer_cache_seconds: int = 60
    retry_after_timeouts: int = 6
    queue_workers: int = 2

    def stack_name(self, part: str) -> str:
        """Name of the stage's `data` or `service` stack."""
        return f"{SERVICE}-{self.name}-{part}"

    @property
    def usage_key_prefix(self) -> str:
        """What the tenants' usage keys are made of beside their own; an account's are all different."""
        return f"{SERVICE}-{self.name}-"

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
            token_requests_per_second=10_000,
            upload_requests_per_second=10_000,
            retry_after_timeouts=1,
        ),
        Stage(name="dev"),
        Stage(
            name="prod",
            durable=True,
            archive_days=30,
            alarms=True,
            canary_minutes=5,
            web_acl=True,
            log_days=365,
            requests_per_second=1_000,
            burst=2_000,
            token_requests_per_second=50,
            tiers=(Tier("standard", 100, 200), Tier("large", 500, 1_000)),
            upload_requests_per_second=20,
            queue_workers=5,
        ),
    )
}


def stage_named(name: str) -> Stage:
    """The stage of that name. Raises SystemExit with the names there are."""
    if name not in STAGES:
        raise SystemExit(f"There is no stage {name!r}; choose one of {', '.join(STAGES)} with -c stage=NAME")
    return STAGES[name]

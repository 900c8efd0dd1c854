"""The local stage on an emulator: what `uv run local` and the tests over HTTP run on."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.local.assembly import ROOT, synthesized
from infra.local.deployment import Outputs, deploy
from infra.local.emulator import Emulator
from infra.reference.viewer import viewer
from infra.settings import API_ID_OUTPUT, FILES_BUCKET_OUTPUT, TENANTS_TABLE_OUTPUT, stage_named
from infra.tenant_registry import TenantRegistry

LOCAL = ROOT / ".local"
"""Where runs on this machine keep what they need; not in version control."""

STAGE = stage_named("local")


def local_assembly() -> Path:
    """The cloud assembly of the local stage, kept until its sources change. Raises SynthesisError."""
    # What was made without the page's viewer is not kept for when it is there.
    missing = {} if viewer() else {"viewer": "missing"}
    return synthesized(STAGE.name, LOCAL / "assemblies", **missing)


class LocalStack:
    """The deployed local stage; a context manager that starts, deploys and stops.

    `directory` keeps the data from one start to the next, unless `fresh`, or `ephemeral` and never saved;
    `port` None takes a free one.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, fresh: bool = False, ephemeral: bool = False
    ) -> None:
        self.emulator = Emulator(directory, port=port, fresh=fresh, ephemeral=ephemeral)
        self.outputs: Outputs = {}

    def __enter__(self) -> Self:
        # First, for nothing runs yet that would have to be stopped should it fail.
        assembly = local_assembly()
        self.emulator.start()
        try:
            self.outputs = deploy(assembly, self.emulator.client)
            self.emulator.open_bucket(self.outputs[FILES_BUCKET_OUTPUT])
            self.emulator.open(f"{self._path}/")
        except BaseException:
            self.emulator.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.emulator.stop()

    @property
    def url(self) -> str:
        """The API's base address: before the paths of the route table."""
        return f"{self.emulator.url}{self._path}"

    @property
    def tenants(self) -> TenantRegistry:
        """The tenants of this stack."""
        return TenantRegistry(self.table(TENANTS_TABLE_OUTPUT))

    def table(self, output: str) -> Any:
        """The boto3 table that an output of the stacks names."""
        return self.emulator.resource("dynamodb").Table(self.outputs[output])

    @property
    def _path(self) -> str:
        return f"/_aws/execute-api/{self.outputs[API_ID_OUTPUT]}/{STAGE.name}"

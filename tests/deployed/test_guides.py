"""The commands of the guides, typed as they stand, do what the guides say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.assembly import ROOT
from infra.local.stack import LocalStack

BASH = shutil.which("bash") or ""

GUIDES = sorted((ROOT / ".github" / "guides").glob("*.md"))

WITH_COMMANDS = {"01-first-call.md", "06-bulk-upload.md", "09-getting-data-out.md", "07-files.md"}

PATIENCE_SECONDS = 120

STRICT = """
set -e -o pipefail
curl() { command curl --max-time 30 --fail-with-body "$@" || echo "curl ended with $?" >&2; }
"""
"""The shell ends at the first command that fails, and a refusal that nobody prints is told of."""

ELSEWHERE = ("AWS_CONFIG_FILE=.local/aws ", "aws ")
"""An order is placed in `tests/local`; the AWS CLI is not among what the tests install."""


def commands(guide: Path) -> str:
    """All that a reader of this guide types."""
    blocks = re.findall(r"```sh\n(.*?)```", guide.read_text(), re.DOTALL)
    return "\n".join(block for block in blocks if not block.startswith(ELSEWHERE))


def for_reader(text: str, stack: LocalStack) -> str:
    """The commands with the reader's own address and credentials where the guide has samples."""
    one = stack.tenants.register("reader")
    mine = f"tenant={one.tenant_id} clientId={one.client_id} clientSecret={one.client_secret}"
    text, addresses = re.subn(r"(?m)^url=.*$", f"url={stack.url}", text)
    text, clients = re.subn(r"(?m)^tenant=.*$", mine, text)
    assert (addresses, clients) == (1, 1)
    return text


@pytest.fixture(scope="module")
def statuses(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """The statuses that a reader sees of each guide, who reads them in order, in one shell."""
    if not (BASH and shutil.which("curl")):
        pytest.skip("needs bash and curl")
    lines = [f"echo 'guide {guide.name}'\n{text}" for guide in GUIDES if (text := commands(guide))]
    done = subprocess.run(
        [BASH, "-c", STRICT + for_reader("\n".join(lines), stack)],
        cwd=tmp_path_factory.mktemp("reader"),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = re.findall(r"(?m)^guide (\S+)$|^HTTP/[\d.]+ (\d+)", done.stdout)
    seen: dict[str, list[int]] = {}
    guide = ""
    for name, status in told:
        guide = name or guide
        seen.setdefault(guide, [])
        if status:
            seen[guide].append(int(status))
    return seen


def test_the_first_call_leads_from_a_token_to_a_deletion(statuses: dict[str, list[int]]) -> None:
    assert statuses["01-first-call.md"] == [201, 200, 200, 200, 200, 200, 204]


def test_a_bulk_upload_is_accepted_and_its_report_is_there(statuses: dict[str, list[int]]) -> None:
    assert statuses["06-bulk-upload.md"][:2] == [202, 200]


def test_no_command_of_a_guide_fails(statuses: dict[str, list[int]]) -> None:
    assert statuses.keys() == WITH_COMMANDS
    assert {guide: seen for guide, seen in statuses.items() if not seen or max(seen) >= 400} == {}

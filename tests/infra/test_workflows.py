"""The workflows use the CDK's command that the code names, and what a release says is in the changelog."""

import re
from pathlib import Path

import pytest

from infra.local.assembly import ROOT
from infra.settings import CDK_CLI

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / ".github" / "DEPLOYMENT.md"], ids=lambda path: path.name)
def test_the_cdks_command_has_one_version_everywhere(path: Path) -> None:
    text = path.read_text()
    assert set(re.findall(r"aws-cdk@[\w.]*\w", text)) <= {CDK_CLI}


def test_every_job_has_a_limit_of_time_and_no_workflow_more_rights_than_it_says() -> None:
    for path in WORKFLOWS:
        text = path.read_text()
        assert text.count("timeout-minutes:") == text.count("runs-on:"), path.name
        assert "\npermissions:\n" in text, path.name

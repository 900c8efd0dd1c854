"""Where a stage lives. Nothing here guesses a region: the CDK's command would take us-east-1."""

import os

import botocore.session

from infra.settings import Stage


def region_of(stage: Stage) -> str:
    """The region that the stage's settings, the environment or the AWS profile name.

    Raises SystemExit where none of them does, and where the environment names another than the settings.
    """
    variables = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    given = next(filter(None, variables), None) or botocore.session.Session().get_config_variable("region")
    if stage.region and given and given != stage.region:
        raise SystemExit(f"The stage {stage.name} lives in {stage.region}; the environment says {given}")
    region = stage.region or given
    if not region:
        raise SystemExit(
            f"No region is named for the stage {stage.name}: set AWS_REGION (Sydney is ap-southeast-2), "
            "or `region` in infra/settings.py"
        )
    return str(region)

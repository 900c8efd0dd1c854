"""What the stack tells a function through its environment."""

import os
from functools import cache

API_URL_FORMAT = os.environ.get("API_URL_FORMAT", "https://{domainName}{path}")
"""The caller's view of a request's URL, from `requestContext` and the `host` header."""

FILES_URL_FORMAT = os.environ.get("FILES_URL_FORMAT", "")
"""Where callers reach the bucket of files, from their `host` header; empty for S3's own address."""

PATH_VALUES_ARE_ENCODED = os.environ.get("PATH_VALUES_ARE_ENCODED", "true") == "true"
"""API Gateway hands path values over percent-encoded; the emulator has decoded them."""


ACCESS_TOKEN_SECONDS = int(os.environ.get("ACCESS_TOKEN_SECONDS", "18000"))
"""How long an access token is good; five hours on the platform."""


@cache
def table_name(table: str) -> str:
    """The deployed name of a table of `infra/tables.py`; a KeyError for one that was not granted."""
    return os.environ[f"{table.upper()}_TABLE"]


def queue_url(queue: str) -> str:
    """The deployed URL of a queue of `infra/queues.py`; a KeyError for one that was not granted."""
    return os.environ[f"{queue.upper()}_QUEUE_URL"]


def files_bucket() -> str:
    """The deployed name of the bucket of files; a KeyError for who was granted none of them."""
    return os.environ["FILES_BUCKET"]


def bus_name() -> str:
    """The deployed name of the event bus; a KeyError where it was not granted."""
    return os.environ["BUS_NAME"]


def api_url() -> str:
    """The API's address, before the paths of its routes; a KeyError for who does not call it."""
    return os.environ["API_URL"]


def usage_key_prefix() -> str:
    """What the gateway's usage keys are made of beside a tenant's key; empty where it counts nobody's."""
    return os.environ.get("USAGE_KEY_PREFIX", "")

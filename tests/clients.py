"""Clients of moto, each made once: that takes longer than most tests."""

from functools import cache
from typing import Any

import boto3


@cache
def client(service: str) -> Any:
    """The boto3 client of a service."""
    return boto3.client(service)  # type: ignore[call-overload]


@cache
def resource(service: str) -> Any:
    """The boto3 resource of a service."""
    return boto3.resource(service)  # type: ignore[call-overload]

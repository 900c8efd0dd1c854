"""How this stack's own programs reach the emulator behind its guard."""

import configparser
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from infra.settings import SERVICE
from infra.whole_file import OWNER_ALONE, whole_file

REGION = "ap-southeast-2"
LOOPBACK = "127.0.0.1"
PROFILE = f"{SERVICE}-local"

ROOT = "test"
"""Key and secret of the emulator's root. It takes others too: what keeps strangers out is the address."""

_CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=60)


class _Own(threading.local):
    """A thread's session, no other's (boto3: multithreading); it keeps what it reads of AWS's data."""

    def __init__(self) -> None:
        self.session = boto3.Session(aws_access_key_id=ROOT, aws_secret_access_key=ROOT, region_name=REGION)


_OWN = _Own()


@dataclass(frozen=True)
class Access:
    """The emulator's AWS address, which cannot be guessed: whoever knows it has every right."""

    endpoint_url: str

    @classmethod
    def new(cls, port: int) -> Self:
        """An address at this port of this machine, with a new key."""
        return cls(f"http://{LOOPBACK}:{port}/{secrets.token_urlsafe(32)}")

    @classmethod
    def kept(cls, file: Path) -> Self | None:
        """The address kept in `file`, None where there is no such file."""
        parser = configparser.ConfigParser(interpolation=None)
        return cls(parser[f"profile {PROFILE}"]["endpoint_url"]) if parser.read(file) else None

    def keep(self, file: Path) -> None:
        """Write an AWS configuration file that only this user may read, with one profile, PROFILE."""
        write_private(
            file,
            f"[profile {PROFILE}]\nregion = {REGION}\nendpoint_url = {self.endpoint_url}\n"
            f"aws_access_key_id = {ROOT}\naws_secret_access_key = {ROOT}\n",
        )

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator, with every right."""
        return _OWN.session.client(service, endpoint_url=self.endpoint_url, config=_CONFIG)  # type: ignore[call-overload]

    def resource(self, service: str) -> Any:
        """A boto3 resource of the emulator, with every right."""
        return _OWN.session.resource(service, endpoint_url=self.endpoint_url, config=_CONFIG)  # type: ignore[call-overload]


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, mode=OWNER_ALONE) as file:
        file.write(text.encode())

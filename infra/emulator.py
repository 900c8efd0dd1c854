"""MiniStack, the AWS emulator, as a child process that only this machine can reach."""

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import boto3
from botocore.config import Config

REGION = "ap-southeast-2"
LOOPBACK = "127.0.0.1"

START_SECONDS = 60.0
STOP_SECONDS = 30.0
"""Saving the state takes about two; a process killed earlier forgets what came in since its start."""

SERVICES = (
    "apigateway",
    "cloudformation",
    "dynamodb",
    "dynamodbstreams",
    "ecr",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)


class EmulatorError(Exception):
    """The emulator cannot run; the message is for the person who started it."""


class Emulator:
    """MiniStack with its state in `directory`; a context manager that starts and stops it.

    `port` None takes a free one. `enforce_iam` makes it refuse what a role does not grant; its root
    credentials are made anew for each start, so no other program here can use it.
    """

    def __init__(self, directory: Path, *, port: int | None = None, enforce_iam: bool = False) -> None:
        self._directory = directory
        self._enforce_iam = enforce_iam
        self._access_key = "test"
        self._secret_key = secrets.token_urlsafe(32) if enforce_iam else "test"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self.port = port or _free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log_file = directory / "ministack.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it is ready. Raises EmulatorError when it cannot run."""
        _ensure_free(self.port)
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / "tmp").mkdir(exist_ok=True)
        self._lock = _locked(self._directory)
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=self._environment(),
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to hear: the state is saved when we say stop.
                start_new_session=True,
                # It holds the lock too, so a state that outlived us is not opened twice.
                pass_fds=[self._lock.fileno()],
            )
        try:
            self._lock.write(str(self._process.pid))
            self._lock.flush()
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and wait for its state to be saved. Does nothing when it does not run."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator, with every right."""
        return self._session().client(service, endpoint_url=self.url, config=_CONFIG)  # type: ignore[call-overload]

    def resource(self, service: str) -> Any:
        """A boto3 resource of the emulator, with every right."""
        return self._session().resource(service, endpoint_url=self.url, config=_CONFIG)  # type: ignore[call-overload]

    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=self._access_key,
            aws_secret_access_key=self._secret_key,
            region_name=REGION,
        )

    def _environment(self) -> dict[str, str]:
        """All it gets to see: it hands its whole environment to the functions it runs."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(self._directory),
            "TMPDIR": str(self._directory / "tmp"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_SECRET_ACCESS_KEY": self._secret_key,
            "AUTH": str(self._enforce_iam).lower(),
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": "32",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "S3_DATA_DIR": str(self._directory / "s3"),
            "S3_PERSIST": "1",
            "SERVICES": ",".join(SERVICES),
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._directory / "state"),
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise EmulatorError(f"The emulator did not start; its log is {self.log_file}")


_CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _ensure_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise EmulatorError(f"Port {port} is in use or not allowed; choose another with --port") from error


def _locked(directory: Path) -> IO[str]:
    lock = (directory / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        process = lock.read() or "unknown"
        lock.close()
        raise EmulatorError(
            f"The state in {directory} is in use by another local run (emulator process {process}); stop that first"
        ) from None
    lock.truncate(0)
    return lock

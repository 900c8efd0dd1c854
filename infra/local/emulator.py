"""MiniStack, the AWS emulator, as a child process that only this machine can reach."""

import fcntl
import os
import shutil
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

ROOT_KEY = "test"
"""The emulator's root credentials: key and secret, which it does not keep from anybody."""

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

    It enforces IAM: a function can do what its role grants and nothing else. `port` None takes a
    free one; `fresh` forgets the state.
    """

    def __init__(self, directory: Path, *, port: int | None = None, fresh: bool = False) -> None:
        self._directory = directory
        self._fresh = fresh
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
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(self._directory)
        try:
            _ensure_free(self.port)
            self._prepare()
            self._process = self._spawn(self._lock)
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
        return session().client(service, endpoint_url=self.url, config=_CONFIG)  # type: ignore[call-overload]

    def resource(self, service: str) -> Any:
        """A boto3 resource of the emulator, with every right."""
        return session().resource(service, endpoint_url=self.url, config=_CONFIG)  # type: ignore[call-overload]

    def _prepare(self) -> None:
        # What it left in its temporary folder is of no use to the next process.
        for leftover in ("tmp", *(("state", "s3") if self._fresh else ())):
            shutil.rmtree(self._directory / leftover, ignore_errors=True)
        (self._directory / "tmp").mkdir()

    def _spawn(self, lock: IO[str]) -> subprocess.Popen[bytes]:
        with self.log_file.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=self._environment(),
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to hear: the state is saved when we say stop.
                start_new_session=True,
                # It holds the lock too, so a state that outlived us is not opened twice.
                pass_fds=[lock.fileno()],
            )

    def _environment(self) -> dict[str, str]:
        """All it gets to see: it hands its whole environment to the functions it runs."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(self._directory),
            "TMPDIR": str(self._directory / "tmp"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AUTH": "true",
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


def session() -> boto3.Session:
    """A boto3 session with the emulator's root credentials."""
    return boto3.Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=REGION)


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
            raise EmulatorError(
                f"Port {port} is in use or not allowed; choose another with --port"
            ) from error


def _locked(directory: Path) -> IO[str]:
    lock = (directory / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        process = lock.read() or "unknown"
        lock.close()
        raise EmulatorError(
            f"Another local run (emulator process {process}) uses {directory}; stop that first"
        ) from None
    lock.truncate(0)
    return lock

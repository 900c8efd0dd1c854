"""MiniStack, the AWS emulator, as a child process behind a guard (`guard.py`)."""

import errno
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from infra.local.access import LOOPBACK, REGION, Access
from infra.local.guard import AT_ONCE, OPENING, OPENING_BUCKET

START_SECONDS = 60.0
STOP_SECONDS = 240.0
"""Saving the state takes about two, with a hundred thousand customers a minute and more; a process killed
earlier forgets what came in since its start.
"""

NAMED_PORT = "4566"
"""The port in the names of queues, which outlive the process: always the same, wherever it listens."""

WORKERS_AT_ONCE = 16

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

    It enforces IAM: a function can do what its role grants and nothing else. `port` is the one at which
    a browser may reach what is opened, None takes a free one; `fresh` forgets the state, and what is
    `ephemeral` saves none.
    """

    url: str
    """The address of what is opened; there once it has started, as is `access`."""

    access: Access
    """How to reach all of it."""

    def __init__(
        self, directory: Path, *, port: int | None = None, fresh: bool = False, ephemeral: bool = False
    ) -> None:
        self._directory = directory
        self._port = port or 0
        self._fresh = fresh
        self._ephemeral = ephemeral
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
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
            # Ours until it has them, so no other program takes the ports in between.
            with _listening(self._port) as public, _listening(0) as private:
                self.url = f"http://{LOOPBACK}:{_port_of(public)}"
                self.access = Access.new(_port_of(private))
                self._prepare()
                self._process = self._spawn(self._lock, public, private)
            self._lock.write(str(self._process.pid))
            self._lock.flush()
            self._wait_until_ready(self._process)
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop it and wait for its state to be saved. Does nothing when it does not run.

        Raises EmulatorError when the state is not saved.
        """
        status = self._end()
        if status:
            how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
            raise EmulatorError(
                f"The emulator {how} and has not saved its data: what came in since it started may be lost. "
                f"Its log is {self.log_file}"
            )

    def open(self, path: str) -> None:
        """Let everybody on this machine, pages in a browser too, reach `path` and all below it.

        It has to ask for credentials itself: the emulator's own check of a key takes strangers for root.
        """
        self._put(f"{OPENING}{path}")

    def open_bucket(self, name: str) -> None:
        """Let what a function signed for a file of this bucket reach it from everywhere on this machine."""
        self._put(f"{OPENING_BUCKET}/{name}")

    def _put(self, path: str) -> None:
        opening = urllib.request.Request(f"{self.access.endpoint_url}{path}", method="PUT")
        with urllib.request.urlopen(opening):
            pass

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator, with every right."""
        return self.access.client(service)

    def resource(self, service: str) -> Any:
        """A boto3 resource of the emulator, with every right."""
        return self.access.resource(service)

    def _end(self) -> int:
        """Stop the process, if there is one, let go of what it held, and return its exit status."""
        status = 0
        if self._process is not None:
            try:
                # It ends with its input, and saves its state.
                self._process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            status = self._process.wait()
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        return status

    def _prepare(self) -> None:
        # What it left in its temporary folder is of no use to the next process.
        for leftover in ("tmp", *(("state", "s3") if self._fresh else ())):
            shutil.rmtree(self._directory / leftover, ignore_errors=True)
        (self._directory / "tmp").mkdir()

    def _spawn(self, lock: IO[str], public: socket.socket, private: socket.socket) -> subprocess.Popen[bytes]:
        sockets = [public.fileno(), private.fileno()]
        with self.log_file.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "infra.local.server", *map(str, sockets)],
                env=self._environment(),
                cwd=self._directory,
                # Ends with us, however we end.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to hear: the state is saved when we say stop.
                start_new_session=True,
                # It holds the lock too, so a state that outlived us is not opened twice.
                pass_fds=[lock.fileno(), *sockets],
            )

    def _environment(self) -> dict[str, str]:
        """All it gets to see: it hands its whole environment to the functions it runs."""
        saved = "0" if self._ephemeral else "1"
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(self._directory),
            "TMPDIR": str(self._directory / "tmp"),
            "AUTH": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.access.endpoint_url,
            "GATEWAY_PORT": NAMED_PORT,
            "IOT_MTLS_ENABLED": "0",
            # Enough for the workers beside all requests, which wait their turn at the guard.
            "LAMBDA_ACCOUNT_CONCURRENCY": str(WORKERS_AT_ONCE + AT_ONCE),
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": saved,
            "S3_DATA_DIR": str(self._directory / "s3"),
            "S3_PERSIST": saved,
            "SERVICES": ",".join(SERVICES),
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._directory / "state"),
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(
                    f"{self.access.endpoint_url}/_ministack/ready", timeout=START_SECONDS
                ):
                    return
            except OSError:
                time.sleep(0.05)
        raise EmulatorError(f"The emulator did not start; its log is {self.log_file}")


def _listening(port: int) -> socket.socket:
    """A listening socket of this machine; port 0 takes a free one. Raises EmulatorError when it cannot be."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        what = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise EmulatorError(f"Port {port} {what}; choose another with --port") from error


def _port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


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

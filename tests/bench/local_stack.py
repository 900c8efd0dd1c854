"""What a caller on this machine waits for: the local stack's answers, beside a trivial function's.

The trivial function stands behind a gateway of its own on the same emulator, without an authorizer and a
table: what is left is the emulator's.
"""

import io
import json
import statistics
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from infra.local.emulator import Emulator
from infra.local.stack import LocalStack
from infra.reference.examples import NEW_CUSTOMER
from tests.api import CUSTOMERS
from tests.deployed.http_api import request

CALLERS = (1, 4, 16)

TRIVIAL = 'def handler(event, context):\n    print("request")\n    return {"statusCode": 200, "body": "{}"}\n'

Call = Callable[[], int]
"""One request; the status of its answer."""


@dataclass(frozen=True)
class Waits:
    """How long callers waited, in seconds; the first are those of functions that had to start."""

    first: Sequence[float]
    warm: Sequence[float]

    @property
    def p50(self) -> float:
        """Half of the warm answers came within this."""
        return statistics.median(self.warm)

    @property
    def p95(self) -> float:
        """19 of 20 warm answers came within this."""
        return statistics.quantiles(self.warm, n=20)[-1]


def waits(*, seconds: float) -> Mapping[str, Mapping[int, Waits]]:
    """Waits by call and number of callers at once, each measured for so many seconds on a fresh stack."""
    with tempfile.TemporaryDirectory() as directory, LocalStack(Path(directory), ephemeral=True) as stack:
        calls = {"trivial": _trivial(stack.emulator), **_service(stack)}
        return {
            name: {callers: _measure(call, callers, seconds) for callers in CALLERS}
            for name, call in calls.items()
        }


def _measure(call: Call, callers: int, seconds: float) -> Waits:
    """`callers` threads, each sending its next request when it has its answer."""
    gate = threading.Barrier(callers)
    first: list[float] = []
    warm: list[float] = []

    def keep_calling(_: int) -> None:
        gate.wait()
        end = time.perf_counter() + seconds
        own = list(_until(end, call))
        first.extend(islice(own, FIRST))
        warm.extend(islice(own, FIRST, None))

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(keep_calling, range(callers)))
    return Waits(first, warm)


FIRST = 3
"""Requests of each caller that may have met a function that was not running yet."""


def _until(end: float, call: Call) -> Iterator[float]:
    while (started := time.perf_counter()) < end:
        status = call()
        if status >= 400:
            raise RuntimeError(f"the local stack answered {status}")
        yield time.perf_counter() - started


def _service(stack: LocalStack) -> Mapping[str, Call]:
    credentials = stack.tenants.register("bench")
    headers = {
        "Authorization": f"Bearer {stack.tenants.issue_token(credentials.tenant_id, seconds=3600)}",
        "X-TWC-Tenant": credentials.tenant_id,
        "Content-Type": "application/json",
    }

    def create() -> int:
        unique = {"email": f"{uuid.uuid4().hex}@example.com", "customerRef": uuid.uuid4().hex}
        body = json.dumps({**NEW_CUSTOMER, **unique, "alternateCustomerRef": uuid.uuid4().hex})
        return request("POST", f"{stack.url}{CUSTOMERS}", body, headers).status

    made = request(
        "POST", f"{stack.url}{CUSTOMERS}", json.dumps({"email": "bench@example.com"}), headers
    ).json["id"]
    return {
        "get": lambda: request("GET", f"{stack.url}{CUSTOMERS}/{made}", None, headers).status,
        "create": create,
    }


def _trivial(emulator: Emulator) -> Call:
    """A function that does nothing but print a line, behind a gateway of its own."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("trivial.py", TRIVIAL)
    role = emulator.client("iam").create_role(
        RoleName="trivial",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )["Role"]["Arn"]
    function = emulator.client("lambda").create_function(
        FunctionName="trivial",
        Runtime="python3.14",
        Role=role,
        Handler="trivial.handler",
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="trivial")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    place = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    region = emulator.client("lambda").meta.region_name
    gateway.put_integration(
        **place,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations",
    )
    emulator.client("lambda").add_permission(
        FunctionName="trivial",
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    gateway.create_deployment(restApiId=api, stageName="v1")
    path = f"/_aws/execute-api/{api}/v1/"
    emulator.open(path)
    return lambda: request("GET", f"{emulator.url}{path}", None, {}).status

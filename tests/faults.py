"""What may go wrong with a call of AWS, put where it goes wrong: between botocore and the network.

A call is what a function asks for once, with all of botocore's attempts at it. `Faults` counts the calls and
lets one fault happen at one of them; DynamoDB's memory of client tokens, which moto lacks, is there always.
"""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.response import StreamingBody

Parsed = dict[str, Any]
Outcome = tuple[tuple[AWSResponse, Parsed] | None, Exception | None]

OF_FILES = frozenset(
    {
        "CompleteMultipartUpload",
        "CreateMultipartUpload",
        "DeleteObject",
        "GetObject",
        "ListParts",
        "PutObject",
    }
)
SINGLE_WRITES = frozenset({"DeleteItem", "PutItem", "UpdateItem"})


class KilledError(BaseException):
    """The function's process ends here."""


@dataclass
class Attempt:
    """One attempt at a call: `number` from 1, `answer` lets it happen and gives what AWS answers."""

    operation: str
    number: int
    request: Any
    answer: Callable[[], Outcome]

    @property
    def body(self) -> Any:
        """The request, parsed; of S3 alone it is no JSON."""
        return json.loads(self.request.body)

    def answer_part(self, name: str, part: Any) -> Outcome:
        """Let it happen with less than was asked for in one field."""
        self.request.body = json.dumps(self.body | {name: part}).encode()
        return self.answer()


Happening = Callable[[Attempt], Outcome | None]


@dataclass(frozen=True)
class Fault:
    """What happens to an attempt, None where it goes on undisturbed; of which operations, None for any.

    `lasting` is for good: to every call of the operation from there on.
    """

    name: str
    happens: Happening
    of: frozenset[str] | None = None
    lasting: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass
class Faults:
    """Counts the calls while it is armed, and lets `fault` happen at call `at`."""

    operations: list[str] = field(default_factory=list)
    """The calls so far, by operation."""
    happened: bool = False
    _fault: Fault | None = None
    _at: int = 0
    _kind: str = ""
    _context: Any = None
    _attempt: int = 0
    _armed: bool = False
    _by_token: dict[str, Outcome] = field(default_factory=dict)

    @contextlib.contextmanager
    def armed(self, fault: Fault | None = None, at: int = 0) -> Iterator[None]:
        """Count from here on, and let `fault` happen at call number `at`."""
        self.operations, self.happened, self._kind = [], False, ""
        self._fault, self._at, self._armed = fault, at, True
        try:
            yield
        finally:
            self._armed = False

    def before(self, at: int, act: Callable[[], Any]) -> contextlib.AbstractContextManager[None]:
        """Count, and let `act` be done before call number `at`; its own calls are not counted."""

        def happens(_attempt: Attempt) -> None:
            self._armed, self._fault, self.happened = False, None, True
            try:
                act()
            finally:
                self._armed = True

        return self.armed(Fault("somebody else", happens), at)

    def outcome(self, attempt: Attempt, context: Any) -> Outcome:
        """What becomes of an attempt."""
        answer = attempt.answer
        attempt.answer = lambda: self._remembered(attempt, answer)
        if not self._armed:
            return attempt.answer()
        if context is not self._context:
            self._context, self._attempt = context, 0
            self.operations.append(attempt.operation)
        self._attempt += 1
        attempt.number = self._attempt
        call, fault = len(self.operations), self._fault
        if call == self._at:
            self._kind = attempt.operation
        due = call == self._at or (fault is not None and fault.lasting and call > self._at > 0)
        if fault is not None and due and attempt.operation == self._kind:
            try:
                outcome = fault.happens(attempt)
            except KilledError:
                self.happened = True
                raise
            if outcome is not None:
                self.happened = True
                return outcome
        return attempt.answer()

    def _remembered(self, attempt: Attempt, answer: Callable[[], Outcome]) -> Outcome:
        token = attempt.body.get("ClientRequestToken") if attempt.operation == "TransactWriteItems" else None
        if token in self._by_token:
            return self._by_token[token]
        outcome = answer()
        if token and outcome[0] is not None and outcome[0][0].status_code == 200:
            self._by_token[token] = outcome
        return outcome


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Faults of this test's calls; nobody waits between attempts."""
    return injected(monkeypatch)


def injected(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The same, for as long as `monkeypatch` lasts."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    real = vars(Endpoint)["_get_response"]
    made = Faults()

    def get_response(self: Endpoint, request: Any, operation: Any, context: Any) -> Outcome:
        attempt = Attempt(operation.name, 0, request, lambda: real(self, request, operation, context))
        return made.outcome(attempt, context)

    monkeypatch.setattr(Endpoint, "_get_response", get_response)
    return made


def _refusal(code: str, status: int = 400, **more: Any) -> Outcome:
    parsed = {
        "Error": {"Code": code, "Message": code},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        **more,
    }
    return (AWSResponse("https://aws", status, HTTPHeaders(), io.BytesIO(b"{}")), parsed), None


def _success(parsed: Parsed) -> Outcome:
    whole = parsed | {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}
    return (AWSResponse("https://aws", 200, HTTPHeaders(), io.BytesIO(b"{}")), whole), None


def _cancelled(*codes: str) -> Happening:
    def happens(attempt: Attempt) -> Outcome | None:
        actions = len(attempt.body["TransactItems"])
        if actions < len(codes):
            return None
        reasons = [{"Code": code} for code in (*codes, *["None"] * (actions - len(codes)))]
        return _refusal("TransactionCanceledException", CancellationReasons=reasons)

    return happens


def _conflict(attempt: Attempt) -> Outcome | None:
    if attempt.operation in SINGLE_WRITES:
        return _refusal("TransactionConflictException")
    return _cancelled("TransactionConflict")(attempt)


def _lost(attempt: Attempt) -> Outcome:
    attempt.answer()
    return None, ReadTimeoutError(endpoint_url="https://aws")


def _reset(attempt: Attempt) -> Outcome:
    return None, ConnectionClosedError(endpoint_url="https://aws")


def _killed_before(attempt: Attempt) -> Outcome:
    raise KilledError


def _killed_after(attempt: Attempt) -> Outcome:
    attempt.answer()
    raise KilledError


def _busy(attempt: Attempt) -> Outcome:
    if attempt.operation in OF_FILES:
        return _refusal("SlowDown", 503)
    return _refusal("ThrottlingException")


def _busy_after(attempt: Attempt) -> Outcome:
    attempt.answer()
    return _refusal("InternalServerError", 500)


def _broken_off(attempt: Attempt) -> Outcome:
    """Only the first half of a file comes."""
    answered, error = attempt.answer()
    if answered is not None and "Body" in answered[1]:
        content = answered[1]["Body"].read()
        half = io.BytesIO(content[: len(content) // 2])
        answered[1]["Body"] = StreamingBody(half, len(content))
    return answered, error


def _first(happens: Happening) -> Happening:
    return lambda attempt: happens(attempt) if attempt.number == 1 else None


def _unprocessed(attempt: Attempt) -> Outcome | None:
    """Only the first half of a batch is done; of a batch of one, nothing."""
    body = attempt.body
    if attempt.operation == "BatchGetItem":
        return _success({"Responses": {}, "UnprocessedKeys": body["RequestItems"]})
    if attempt.operation == "BatchWriteItem":
        ((table, writes),) = body["RequestItems"].items()
        half = len(writes) // 2
        if half:
            attempt.answer_part("RequestItems", {table: writes[:half]})
        return _success({"UnprocessedItems": {table: writes[half:]}})
    if attempt.operation == "SendMessageBatch":
        entries = body["Entries"]
        half = len(entries) // 2
        if half:
            attempt.answer_part("Entries", entries[:half])
        failed = [{"Id": one["Id"], "SenderFault": False, "Code": "InternalError"} for one in entries[half:]]
        return _success({"Successful": [{"Id": one["Id"]} for one in entries[:half]], "Failed": failed})
    if attempt.operation == "PutEvents":
        entries = body["Entries"]
        half = len(entries) // 2
        if half:
            attempt.answer_part("Entries", entries[:half])
        results = [{"EventId": "1"}] * half + [{"ErrorCode": "InternalFailure"}] * (len(entries) - half)
        return _success({"Entries": results, "FailedEntryCount": len(entries) - half})
    return None


TRANSACTION = frozenset({"TransactWriteItems"})
BATCHES = frozenset({"BatchGetItem", "BatchWriteItem", "PutEvents", "SendMessageBatch"})

FAULTS = (
    Fault("busy before", _first(_busy)),
    Fault("busy for good", _busy, lasting=True),
    Fault("busy after it took effect", _first(_busy_after)),
    Fault("answer lost", _first(_lost)),
    Fault("every answer lost", _lost),
    Fault("connection reset", _reset),
    Fault("killed before", _killed_before),
    Fault("killed after", _killed_after),
    Fault("conflict once", _conflict, TRANSACTION | SINGLE_WRITES),
    Fault("conflict for good", _conflict, TRANSACTION | SINGLE_WRITES, lasting=True),
    Fault("no capacity once", _cancelled("ThrottlingError"), TRANSACTION),
    Fault("no capacity for good", _cancelled("ThrottlingError"), TRANSACTION, lasting=True),
    Fault("condition and conflict", _cancelled("ConditionalCheckFailed", "TransactionConflict"), TRANSACTION),
    Fault("file broken off", _broken_off, frozenset({"GetObject"})),
    Fault("unprocessed once", _unprocessed, BATCHES),
    Fault("unprocessed for good", _unprocessed, BATCHES, lasting=True),
)

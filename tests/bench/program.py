"""What runs in a fresh process of `uv run bench`: one way of building the service, its start and its calls.

Run by the runtime's Python beside one directory of code, it imports nothing of this repository. It reads
one of
- `{"path", "start": module}` and prints `{"start": seconds}`,
- `{"path", "create": module, "get": module, "events": {"create", "get"}, "rounds", "floor"}` and prints
  `{"create": seconds, "get": seconds}`,
- `{"path", "replays": {title: {"handler": module, "event", "calls": [[operation, arguments]], "answers"}},
  "rounds", "floor"}` and prints `{title: seconds}`.

Seconds are CPU time of one call. AWS is a stub below botocore's HTTP session, so every call does all of
botocore's work; with `floor` the same calls are measured without what is around them, by boto3's own client.
"""

import contextlib
import gc
import importlib
import io
import itertools
import json
import sys
import time


class Context:
    """Lambda's context, as much of it as frameworks ask for."""

    function_name = "bench"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:ap-southeast-2:123456789012:function:bench"
    aws_request_id = "3b0f6f4e-64a5-4f2c-9d3e-0c4a8b7f2d15"
    function_version = "1"

    def get_remaining_time_in_millis(self):
        return 25_000


class Table:
    """DynamoDB: what was last put is what there is."""

    def __init__(self):
        self.item = {}
        self.requests = {}

    def answer(self, request):
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        asked = json.loads(request.body)
        self.requests[operation] = asked
        if operation == "TransactWriteItems":
            self.item = asked["TransactItems"][0]["Put"]["Item"]
        return answered(request, json.dumps({"Item": self.item} if operation == "GetItem" else {}))


class Replay:
    """DynamoDB: what it answered when the call was recorded, again and again."""

    def __init__(self, answers):
        self.answers = itertools.cycle(answers)

    def answer(self, request):
        return answered(request, next(self.answers))


def answered(request, body):
    from botocore.awsrequest import AWSResponse

    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 200, headers, _Raw(body.encode()))


class _Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def bare(client, requests):
    """The calls that the handlers made, by botocore alone: the floor."""
    return {
        "create": lambda: client.transact_write_items(**requests["TransactWriteItems"]),
        "get": lambda: client.get_item(**requests["GetItem"]),
    }


def seconds(call, rounds):
    """CPU seconds of one call, the median of five lots."""
    lots = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(rounds):
            call()
        lots.append((time.process_time() - started) / rounds)
    return sorted(lots)[2]


def main():
    job = json.load(sys.stdin)
    sys.path[:0] = job["path"]
    # The frameworks log; a call's line is part of its work, where it goes is not.
    with contextlib.redirect_stdout(io.StringIO()):
        if "start" in job:
            answer = started(job["start"])
        else:
            answer = replayed(job) if "replays" in job else called(job)
    print(json.dumps(answer))


def started(module):
    before = time.process_time()
    importlib.import_module(module)
    return {"start": time.process_time() - before}


def replayed(job):
    client = None
    if job["floor"]:
        import boto3

        client = boto3.client("dynamodb")
    found = {}
    for title, one in job["replays"].items():
        stub(Replay(one["answers"]))
        way = _alone(client, one) if job["floor"] else _whole(one)
        way()
        gc.collect()
        found[title] = seconds(way, job["rounds"])
    return found


def _alone(client, one):
    def call():
        for operation, arguments in one["calls"]:
            getattr(client, operation)(**arguments)

    return call


def _whole(one):
    module = importlib.import_module(one["handler"])

    def call():
        answer = module.handler(one["event"], Context)
        assert answer["statusCode"] < 300, answer

    return call


def stub(aws):
    import botocore.httpsession

    botocore.httpsession.URLLib3Session.send = lambda _, request: aws.answer(request)


def called(job):
    table = Table()
    stub(table)
    modules = {name: importlib.import_module(job[name]) for name in ("create", "get")}

    def create():
        return modules["create"].handler(job["events"]["create"], Context)

    made = create()
    assert made["statusCode"] == 201, made
    identifier = json.loads(made["body"])["id"]
    event = json.loads(
        json.dumps(job["events"]["get"]).replace("%7Bkey%7D", identifier).replace("{id}", identifier)
    )

    def get():
        return modules["get"].handler(event, Context)

    assert json.loads(get()["body"])["id"] == identifier, get()
    ways = {"create": create, "get": get}
    if job["floor"]:
        import boto3

        ways = bare(boto3.client("dynamodb"), table.requests)
    gc.collect()
    return {name: seconds(way, job["rounds"]) for name, way in ways.items()}


main()

"""What the endpoints and workers of files are asked for: imports, exports."""

import json
from typing import Any

from functions.erasure import erase_customer
from functions.exports import write_exports
from functions.imports import import_rows
from infra.routes import IMPORTS
from tests import queues, streams
from tests.api import CUSTOMERS, EXPORTS, Api
from tests.clients import client
from tests.files import BUCKET, put_file
from tests.imports.sending import half_announced
from tests.trust.scenarios import KEY, SCENARIOS, Ask, Prepare, Record, Work, ann

ROWS = b"email,customerRef\nx@example.com,X\nann@example.com,Y\nnobody,Z\n"
GOOD_ROWS = ROWS.replace(b"nobody", b"z@example.com")
FILE = {"format": "csv", "size": len(ROWS)}
PARTS_FROM = 1000
"""From this size on a file comes in parts, where these scenarios are run."""

IN_PARTS = {"format": "jsonl", "size": PARTS_FROM + 1}


def _imports_work(records: list[Record]) -> Work:
    return Work(import_rows.handler, records, lambda record: str(record["messageId"]))


def _sent(api: Api, content: bytes, **options: Any) -> str:
    """A file that has come, its news alone in the queue; the address of its import."""
    queues.take_all("imports")
    announced = api.post(IMPORTS, json_body={"format": "csv", "size": len(content), **options})
    assert announced.status == 201, announced.text
    put_file(announced.json["upload"]["fields"]["key"], content)
    return f"{IMPORTS}/{announced.json['importId']}"


def after(steps: int, content: bytes = ROWS, **options: Any) -> Prepare:
    """The messages of an import after so many steps of the worker."""

    def prepare(api: Api) -> Work:
        ann(api)
        _sent(api, content, **options)
        for _ in range(steps):
            assert import_rows.handler({"Records": queues.take_all("imports")}, None) == NONE_FAILED
        return _imports_work(queues.take_all("imports"))

    return prepare


NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}


def _imported(api: Api) -> Ask:
    ann(api)
    url = _sent(api, ROWS)
    while records := queues.take_all("imports"):
        assert import_rows.handler({"Records": records}, None) == NONE_FAILED
    return Ask("GET", url)


def _announced(api: Api, body: dict[str, Any]) -> str:
    reply = api.post(IMPORTS, json_body=body, headers=KEY)
    assert reply.status == 201, reply.text
    return f"{IMPORTS}/{reply.json['importId']}"


def _imports_listed(api: Api) -> Ask:
    _announced(api, FILE)
    return Ask("GET", IMPORTS)


def _exports_listed(api: Api) -> Ask:
    begun(api)
    return Ask("GET", EXPORTS)


def parts_sent(api: Api) -> Ask:
    """All parts of a file have come; that it be put together."""
    url = _announced(api, IN_PARTS)
    s3, import_id = client("s3"), url.rpartition("/")[2]
    (begun,) = [one for one in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"] if import_id in one["Key"]]
    s3.upload_part(
        Bucket=BUCKET,
        Key=begun["Key"],
        UploadId=begun["UploadId"],
        PartNumber=1,
        Body=b"x" * (PARTS_FROM + 1),
    )
    return Ask("POST", f"{url}/upload")


def begun(api: Api) -> str:
    """The address of an export; its first messages wait alone in the queue."""
    queues.take_all("exports")
    reply = api.post(EXPORTS, json_body={"format": "jsonl"}, headers=KEY)
    assert reply.status == 202, reply.text
    return f"{EXPORTS}/{reply.json['exportId']}"


def _exports_work(records: list[Record]) -> Work:
    return Work(write_exports.handler, records, lambda record: str(record["messageId"]))


def _first_part(api: Api) -> Work:
    bucket = ann(api)["id"][0]
    begun(api)
    records = queues.take_all("exports")
    return _exports_work([one for one in records if json.loads(one["body"])["bucket"] == bucket])


def _written(api: Api) -> tuple[str, list[Record]]:
    """An export of which all parts are written, and the messages of its last checks."""
    url = begun(api)
    assert write_exports.handler({"Records": queues.take_all("exports")}, None) == NONE_FAILED
    return url, queues.take_all("exports")


def _completed(api: Api) -> str:
    url, records = _written(api)
    assert write_exports.handler({"Records": records[-1:]}, None) == NONE_FAILED
    return url


def _deleted_meanwhile(api: Api) -> Work:
    made, begin = ann(api), streams.iterator_at()
    _, records = _written(api)
    assert api.delete(f"{CUSTOMERS}/{made['id']}").status == 204
    assert erase_customer.handler({"Records": streams.records(begin)}, None) == NONE_FAILED
    return _exports_work(records[-1:])


def _exported_and_deleted(api: Api) -> Work:
    made, begin = ann(api), streams.iterator_at()
    _completed(api)
    assert api.delete(f"{CUSTOMERS}/{made['id']}").status == 204
    return Work(
        erase_customer.handler,
        streams.records(begin),
        lambda record: str(record["dynamodb"]["SequenceNumber"]),
    )


def _export_of_ann(api: Api) -> str:
    ann(api)
    return _completed(api)


EVERY_SCENARIO: dict[str, dict[str, Prepare]] = {
    **SCENARIOS,
    "imports.create_import": {
        "of one piece": lambda _: Ask("POST", IMPORTS, FILE, KEY),
        "in parts": lambda _: Ask("POST", IMPORTS, IN_PARTS, KEY),
    },
    "imports.list_imports": {"": _imports_listed},
    "imports.get_import": {"": _imported},
    "imports.cancel_import": {"": lambda api: Ask("DELETE", _announced(api, FILE))},
    "imports.continue_upload": {
        "all parts there": parts_sent,
        "none there": lambda api: Ask("POST", f"{_announced(api, IN_PARTS)}/upload"),
        "announced half way": lambda api: Ask("POST", f"{half_announced(api, size=PARTS_FROM + 1)}/upload"),
    },
    "imports.import_rows": {
        **SCENARIOS["imports.import_rows"],
        "a file has come": after(0),
        "divide": after(1),
        "a range": after(2),
        "check": after(2, GOOD_ROWS, partial=False),
    },
    "exports.create_export": {"": lambda _: Ask("POST", EXPORTS, {"format": "csv"}, KEY)},
    "exports.list_exports": {"": _exports_listed},
    "exports.get_export": {"": lambda api: Ask("GET", _export_of_ann(api))},
    "exports.delete_export": {"": lambda api: Ask("DELETE", _export_of_ann(api))},
    "exports.write_exports": {"a part": _first_part, "the end": _deleted_meanwhile},
    "erasure.erase_customer": {
        **SCENARIOS["erasure.erase_customer"],
        "of an export": _exported_and_deleted,
    },
}
"""All of them; a new endpoint or worker has its place here, or in `scenarios.py`."""

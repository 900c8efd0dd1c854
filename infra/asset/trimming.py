"""What of the libraries ships: the parts that some function loads, and of botocore's data what it calls.

A smaller asset starts sooner and is unpacked sooner. `tests/asset/test_asset.py` runs every function from the
trimmed asset, in a process that can import nothing else.
"""

import gzip
import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

OPERATIONS: Mapping[str, Collection[str]] = {
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "events": frozenset({"PutEvents"}),
    "s3": frozenset(
        {
            "CompleteMultipartUpload",
            # Never called: botocore signs forms in its name.
            "CreateBucket",
            "CreateMultipartUpload",
            "DeleteObject",
            "GetObject",
            "HeadObject",
            "ListParts",
            "PutObject",
            "UploadPart",
        }
    ),
    "sqs": frozenset({"ChangeMessageVisibility", "SendMessageBatch"}),
}
"""The operations that the functions call, by service; botocore's data about any other stays behind."""

UNUSED_MEMBERS: Mapping[str, Collection[str]] = {"AttributeValue": frozenset({"B", "BS"})}
"""What is left out of a shape: no item here holds bytes (`functions/shared/item.py`)."""

TRANSLATED = frozenset({"blob", "timestamp"})
"""The types of which botocore has another form than JSON (botocore: serialize, parsers)."""

UNUSED = (
    # Of Powertools the logger alone is used; of its utilities that one imports `jmespath_utils`.
    *(f"aws_lambda_powertools/{name}" for name in ("event_handler", "metrics", "tracing")),
    "aws_lambda_powertools/utilities/[!_j]*",
    # What describes a client's methods, and what finds a path in an answer.
    *("botocore/docs/[!_du]*", "jmespath/[!_]*"),
    # email-validator's, to ask the mail servers of a domain.
    "dns",
    # A tar of time zones; Python's own are used.
    "dateutil/zoneinfo",
    "dateutil/rrule.py",
    # What pydantic makes schemas with (`core_schemas`).
    *("annotated_types", "pydantic", "typing_inspection"),
    *(f"urllib3/contrib/{name}" for name in ("emscripten", "pyopenssl.py", "socks.py")),
    # What installers need.
    "*.dist-info",
    "bin",
    ".lock",
)
"""What no function loads, as patterns below the asset."""

_NAMES = "def __getattr__(name):\n    return object\n"

STUBS = {
    # Single modules are loaded of these packages: what the package itself imports, nobody uses.
    **{f"{name}/__init__.py": "" for name in ("aws_lambda_powertools", "botocore/docs", "urllib3/http2")},
    "aws_lambda_powertools/utilities/jmespath_utils/__init__.py": _NAMES,
    "botocore/docs/docstring.py": "def __getattr__(name):\n    return lambda **_: None\n",
    "botocore/paginate.py": _NAMES,
    "botocore/waiter.py": _NAMES,
    "jmespath/__init__.py": _NAMES,
    # Names of types, of which only a type checker reads more.
    "pydantic_core/core_schema.py": _NAMES,
}
"""What stands in for modules that are loaded and not used."""

Model = dict[str, Any]

DOCUMENT: Model = {"type": "structure", "members": {}, "document": True}


def trim(directory: Path) -> None:
    """Leave in `directory`, where the libraries are, what the functions use of them."""
    for pattern in UNUSED:
        for unwanted in directory.glob(pattern):
            if unwanted.is_dir():
                shutil.rmtree(unwanted)
            else:
                unwanted.unlink()
    for module, stub in STUBS.items():
        (directory / module).write_text(stub)
    data = directory / "botocore" / "data"
    for service in filter(Path.is_dir, data.iterdir()):
        if service.name in OPERATIONS:
            _trim_service(service, OPERATIONS[service.name])
        else:
            shutil.rmtree(service)
    # A megabyte that every start parses; what is left out has no rule of its own and needs none.
    endpoints = data / "endpoints.json"
    rules = json.loads(endpoints.read_text())
    for partition in rules["partitions"]:
        services = partition["services"].items()
        partition["services"] = {name: rule for name, rule in services if name in OPERATIONS}
    _write(endpoints, rules)


def _trim_service(service: Path, operations: Collection[str]) -> None:
    *older, latest = sorted(service.iterdir())
    for version in older:
        shutil.rmtree(version)
    for unread in (*latest.glob("examples-*"), *latest.glob("paginators-*"), *latest.glob("waiters-*")):
        unread.unlink()
    packed = latest / "service-2.json.gz"
    model = json.loads(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    _write(latest / "service-2.json", only(model, operations))


def only(model: Model, operations: Collection[str]) -> Model:
    """A service's model with some of its operations and the shapes they speak of, without descriptions.

    Where a service speaks JSON, what holds nothing but JSON is one document (Smithy: document type), which
    botocore passes on as it is instead of walking through each of its values.
    Raises KeyError for an operation that the service has not.
    """
    wanted = {name: _operation(model["operations"][name]) for name in operations}
    shapes = {name: _without_unused(name, shape) for name, shape in model["shapes"].items()}
    if model["metadata"]["protocol"] == "json":
        shapes |= dict.fromkeys(_plain_json(shapes, wanted), DOCUMENT)
    trimmed: Model = _undocumented(model | {"operations": wanted, "shapes": _reached(shapes, wanted)})
    # botocore reads the descriptions of these, which S3 alone has.
    kept = "clientContextParams"
    return trimmed | {kept: model[kept]} if kept in model else trimmed


def _operation(model: Model) -> Model:
    # DynamoDB's, to find an account in ARNs of tables: a search through all a transaction's writes at each
    # call. Tables are named here, never by ARN, so no endpoint follows from it.
    return {name: value for name, value in model.items() if name != "operationContextParams"}


def _without_unused(name: str, shape: Model) -> Model:
    unused = UNUSED_MEMBERS.get(name, ())
    return (
        shape | {"members": {member: one for member, one in shape["members"].items() if member not in unused}}
        if unused
        else shape
    )


def _plain_json(shapes: Mapping[str, Model], operations: Model) -> Iterator[str]:
    """The structures, maps and lists below the operations' own in which nothing is translated."""
    own = set(_shapes_of(operations))
    for name, shape in shapes.items():
        if shape["type"] in {"structure", "map", "list"} and name not in own:
            types = {one["type"] for one in _reached(shapes, {"shape": name}).values()}
            if not types & TRANSLATED:
                yield name


def _reached(shapes: Mapping[str, Model], part: Any) -> Model:
    """The shapes that a part of a model speaks of, directly or through others."""
    reached: Model = {}
    waiting = list(_shapes_of(part))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = shapes[name]
            waiting += _shapes_of(shapes[name])
    return reached


def _shapes_of(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes_of(value)


def _undocumented(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _undocumented(value)
            for name, value in part.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_undocumented(value) for value in part] if isinstance(part, list) else part


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, separators=(",", ":")))

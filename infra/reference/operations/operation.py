"""One endpoint to its reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_pydantic import Header, Parameter

from functions.shared.errors import ApiError


@dataclass(frozen=True)
class Operation:
    """One endpoint to its reader.

    `id` names it in generated clients; `body` is the request's type, `answer` that of the answer with
    `status`, and of a 201 beside it where there are `created_headers`; `which` are the query names that
    stand in for a path value on the routes without one. `errors` are those beside what every route can
    answer.
    """

    id: str
    tag: str
    summary: str
    answer: Any = None
    status: int = 200
    body: Any = None
    form: bool = False
    query: tuple[Parameter, ...] = ()
    which: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    answer_headers: Mapping[str, Header] = field(default_factory=dict)
    created_headers: Mapping[str, Header] | None = None
    errors: tuple[type[ApiError], ...] = ()
    body_example: Any = None
    answer_example: Any = None

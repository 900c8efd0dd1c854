"""A row of an upload or an import, before anything is read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.shared.errors import InvalidRequestError
from functions.uploads.options import Options
from functions.uploads.request import valid_row

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_a_row_that_is_nested_deeper_than_json_is_written_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(InvalidRequestError, match="nested too deep"):
        valid_row(0, {"email": "a@example.com", "unknown": deep}, Options(), NOW)

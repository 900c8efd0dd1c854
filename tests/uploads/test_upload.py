"""A report is the sum of what is counted, whatever the order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.uploads.progress import VERDICTS
from functions.uploads.upload import report

UPLOAD = {"uploadId": "5d4d3c2a-7a53-4c39-9d2b-0f1f3a5c9e11", "createdDate": "t"}
counts = st.fixed_dictionaries({}, optional=dict.fromkeys(VERDICTS, st.integers(0, 5)))


@given(st.lists(counts, max_size=6))
def test_a_report_is_the_sum_of_its_counters(parts: list[dict[str, int]]) -> None:
    counters: list[dict[str, Any]] = [part | {"completedDate": f"t{n}"} for n, part in enumerate(parts)]
    settled = sum(sum(part.values()) for part in parts)

    open_report = report(UPLOAD | {"received": settled + 1}, counters[::-1], [])

    assert open_report["status"] == ("processing" if parts else "accepted")
    assert "completedDate" not in open_report
    assert {verdict: open_report[verdict] for verdict in VERDICTS} == {
        verdict: sum(part.get(verdict, 0) for part in parts) for verdict in VERDICTS
    }
    if settled:
        done_report = report(UPLOAD | {"received": settled}, counters, [])
        assert (done_report["status"], done_report["completedDate"]) == ("completed", f"t{len(parts) - 1}")


def test_errors_are_told_in_the_order_of_their_rows() -> None:
    errors = [{"row": row} for row in (7, 2, 2, 5)]

    assert [error["row"] for error in report(UPLOAD | {"received": 9}, [], errors)["errors"]] == [2, 2, 5, 7]

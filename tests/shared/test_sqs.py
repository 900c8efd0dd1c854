"""Sending to a queue: everything arrives, within what SQS takes, and what fails is sent again alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import sqs
from functions.shared.errors import UnavailableError
from functions.shared.sqs import MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, Message, RefusedMessageError, send_all


class Queue:
    """Stands for SQS: takes what `fails` does not name by its body, once each."""

    def __init__(self, *fails: str, sender_fault: bool = False) -> None:
        self.fails = list(fails)
        self.sender_fault = sender_fault
        self.calls: list[list[str]] = []
        self.taken: list[str] = []

    def call(
        self,
        _operation: str,
        *,
        Entries: list[dict[str, Any]],  # noqa: N803  AWS's name
        **_queue: str,
    ) -> dict[str, Any]:
        self.calls.append([entry["MessageBody"] for entry in Entries])
        assert len(Entries) <= MAX_BATCH_MESSAGES
        assert len(Entries) == 1 or sum(len(entry["MessageBody"]) for entry in Entries) <= MAX_BATCH_BYTES
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in Entries:
            if entry["MessageBody"] in self.fails:
                self.fails.remove(entry["MessageBody"])
                fault = {"Code": "Refused", "SenderFault": self.sender_fault}
                answer["Failed"].append({"Id": entry["Id"], **fault})
            else:
                self.taken.append(entry["MessageBody"])
                answer["Successful"].append({"Id": entry["Id"]})
        return answer


def send(queue: Queue, *bodies: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", lambda _: None)
        patch.setattr(sqs, "call", queue.call)
        send_all("imports", [Message(body, "demo") for body in bodies])


@given(st.lists(st.integers(1, MAX_BATCH_BYTES), max_size=25))
def test_all_messages_arrive_in_batches_that_sqs_takes(sizes: list[int]) -> None:
    queue = Queue()

    send(queue, *("x" * size for size in sizes))

    assert sorted(map(len, queue.taken)) == sorted(sizes)


def test_small_messages_share_a_call() -> None:
    queue = Queue()

    send(queue, *(str(number) for number in range(25)))

    assert [len(call) for call in queue.calls] == [10, 10, 5]


def test_entries_that_fail_are_sent_again_alone() -> None:
    queue = Queue("b", "b", "d")

    send(queue, "a", "b", "c", "d")

    assert queue.calls == [["a", "b", "c", "d"], ["b", "d"], ["b"]]
    assert sorted(queue.taken) == ["a", "b", "c", "d"]


def test_entries_that_keep_failing_are_unavailable() -> None:
    with pytest.raises(UnavailableError):
        send(Queue(*["b"] * 100), "a", "b")


def test_a_message_that_sqs_will_never_take_is_our_fault_not_the_callers() -> None:
    with pytest.raises(RefusedMessageError):
        send(Queue("b", sender_fault=True), "a", "b")

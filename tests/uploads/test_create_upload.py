"""POST /upload-customers: every row is valid and in the queue, or nothing is."""

import hashlib
import json
from typing import Any

import pytest

from functions.imports import import_rows
from functions.shared import dynamo, sqs
from functions.shared.errors import UnavailableError
from functions.uploads import request
from tests.api import UPLOADS, Api
from tests.builders import document_sample, new_email
from tests.queues import deliver, messages_in

LAMBDA_ANSWER_BYTES = 6_291_556


def rows(number: int) -> list[dict[str, Any]]:
    return [{"email": new_email(), "customerRef": new_email()} for _ in range(number)]


def queued_rows() -> list[tuple[int, dict[str, Any]]]:
    chunks = [json.loads(message["body"]) for message in messages_in("imports")]
    return sorted((row["number"], row["fields"]) for chunk in chunks for row in chunk["rows"])


def test_an_upload_is_accepted_with_the_address_of_its_report(api: Api) -> None:
    reply = api.post(UPLOADS, json_body=[document_sample(), {"email": new_email()}])

    assert reply.status == 202
    assert reply.json.keys() == {"uploadId", "status", "received", "createdDate"}
    assert (reply.json["status"], reply.json["received"]) == ("accepted", 2)
    assert reply.headers["location"].endswith(f"{UPLOADS}/{reply.json['uploadId']}")


def test_every_row_is_in_the_queue_before_the_answer_whatever_it_holds(api: Api) -> None:
    body = [*rows(200), {"email": new_email(), "firstName": "Zoë \ufffe 🎂 \ud83c"[:-1], "lastName": 7}]

    assert api.post(UPLOADS, json_body=body).status == 202

    queued = queued_rows()
    assert [number for number, _ in queued] == list(range(201))
    assert [fields["email"] for _, fields in queued] == [row["email"] for row in body]
    assert queued[-1][1]["firstName"] == "Zoë \ufffe 🎂 "
    assert queued[-1][1]["lastName"] == "7"


def test_an_upload_takes_one_write_and_as_few_messages_as_hold_it(
    api: Api, dynamo_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    real = sqs.call

    def counted(operation: str, **arguments: Any) -> Any:
        sent.append(operation)
        return real(operation, **arguments)

    monkeypatch.setattr(sqs, "call", counted)

    api.post(UPLOADS, json_body=rows(500))

    assert dynamo_calls == ["put_item"]
    assert sent == ["send_message_batch"]
    assert len(messages_in("imports")) == 6


def test_messages_share_the_queue_fairly_between_tenants(api: Api) -> None:
    api.post(UPLOADS, json_body=rows(1))
    Api("other").post(UPLOADS, json_body=rows(1))

    groups = {message["attributes"]["MessageGroupId"] for message in messages_in("imports")}

    assert groups == {"demo", "other"}


def test_one_bad_row_refuses_all_and_every_wrong_field_of_every_row_is_named(
    api: Api, dynamo_calls: list[str]
) -> None:
    wrong = [{"email": "x", "dob": "1999-01-01"}, {}, 7, {"email": new_email(), "addresses": [[]]}]
    body = [*rows(3), *wrong]

    reply = api.post(UPLOADS, json_body=body)

    assert (reply.status, reply.json["code"]) == (400, "invalid_request")
    assert sorted(reply.fields) == ["3.dob", "3.email", "4.email", "5", "6.addresses.0"]
    assert dynamo_calls == []
    assert messages_in("imports") == []


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[]", "7", "[" * 5000, '[{"email": "half\\ud800@example.com"}]', "[[[]]]"]
)
def test_what_is_no_array_of_customers_is_refused(api: Api, text: str) -> None:
    reply = api.post(UPLOADS, text=text)

    assert (reply.status, reply.json["code"]) == (400, "invalid_request")
    assert messages_in("imports") == []


def test_a_row_may_be_as_large_as_a_customer_and_no_larger(api: Api) -> None:
    def row(size: int) -> dict[str, Any]:
        attributes = {f"a{number}": "é" * 10_000 for number in range(size // 20_000)}
        return {"email": new_email(), "attributeGroups": {"g": {"attributes": attributes}}}

    assert api.post(UPLOADS, json_body=[row(240_000) for _ in range(5)]).status == 202
    too_large = api.post(UPLOADS, json_body=[*rows(1), row(300_000)])
    assert (too_large.status, too_large.fields) == (400, ["1"])
    assert "256 KB" in too_large.json["errors"][0]["message"]


def test_an_upload_beyond_what_a_function_takes_is_refused(api: Api) -> None:
    reply = api.post(UPLOADS, json_body=[*rows(1), "x" * request.MAX_UPLOAD_BYTES])

    assert reply.status == 400


def test_an_answer_that_names_countless_errors_still_fits_the_gateway(api: Api) -> None:
    reply = api.post(UPLOADS, text=f"[{'0,' * 1_000_000}0]")

    assert reply.status == 400
    assert len(reply.fields) > 10_000
    assert handed_on(reply.text) < LAMBDA_ANSWER_BYTES


def test_errors_with_long_names_in_an_answer_still_fit_the_gateway(api: Api) -> None:
    group: dict[str, Any] = {"é" * 256: {"attributes": {f"a{number}": [] for number in range(999)}}}
    body = [{"email": new_email(), "attributeGroups": group} for _ in range(21)]

    reply = api.post(UPLOADS, json_body=body)

    assert reply.status == 400
    assert "are those before row" in reply.json["message"]
    assert handed_on(reply.text) < LAMBDA_ANSWER_BYTES


def handed_on(text: str) -> int:
    """Bytes of an answer's body as Lambda hands it on."""
    return len(json.dumps(text, ensure_ascii=False).encode())


def test_the_same_key_and_rows_again_is_the_same_upload(api: Api) -> None:
    body = rows(2)
    first = api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})
    again = api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})

    assert first.status == again.status == 202
    assert first.json == again.json
    assert first.headers["location"] == again.headers["location"]


def test_a_key_with_other_rows_is_refused_and_queues_nothing(api: Api) -> None:
    api.post(UPLOADS, json_body=rows(1), headers={"Idempotency-Key": "k"})
    waiting = len(messages_in("imports"))

    reply = api.post(UPLOADS, json_body=rows(1), headers={"Idempotency-Key": "k"})

    assert (reply.status, reply.json["code"]) == (422, "idempotency_key_reused")
    assert len(messages_in("imports")) == waiting


def test_a_key_belongs_to_its_tenant(api: Api) -> None:
    body = rows(1)
    ours = api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})
    theirs = Api("other").post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})

    assert theirs.status == 202
    assert ours.json["uploadId"] != theirs.json["uploadId"]


def test_rows_that_cannot_be_queued_make_it_503_and_a_repeat_with_the_key_queues_them_all(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = rows(1500)
    real = sqs.call
    sent: list[str] = []

    def second_fails(operation: str, **arguments: Any) -> Any:
        sent.append(operation)
        if len(sent) > 1:
            raise UnavailableError
        return real(operation, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sqs, "call", second_fails)
        refused = api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})
    assert refused.status == 503
    assert refused.headers["retry-after"]

    assert api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"}).status == 202
    assert {number for number, _ in queued_rows()} == set(range(1500))


def test_no_row_that_a_worker_could_not_store_is_accepted(api: Api) -> None:
    body = [*rows(1), {"email": new_email(), "memberSince": "2020-01-01\ud80010:00:00"}]

    reply = api.post(UPLOADS, json_body=body)

    assert (reply.status, reply.fields) == (400, ["1.memberSince"])
    assert messages_in("imports") == []


def test_a_repeat_of_a_completed_upload_says_so_and_queues_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "THREADS", 1)
    body, key = rows(2), {"Idempotency-Key": "k"}
    first = api.post(UPLOADS, json_body=body, headers=key)
    deliver("imports", import_rows.handler)

    again = api.post(UPLOADS, json_body=body, headers=key)

    assert (again.status, again.json) == (202, first.json | {"status": "completed"})
    assert messages_in("imports") == []


def test_nobody_can_prove_a_guess_at_what_an_upload_held(api: Api) -> None:
    body = rows(1)
    api.post(UPLOADS, json_body=body, headers={"Idempotency-Key": "k"})

    stored = str(dynamo.call("scan", TableName="uploads")["Items"])

    for guess in (body, body[0]):
        for text in (json.dumps(guess), json.dumps(guess, sort_keys=True, separators=(",", ":"))):
            assert hashlib.sha256(text.encode()).hexdigest() not in stored

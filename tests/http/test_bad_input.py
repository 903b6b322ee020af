"""Whatever is sent, the answer is a problem that names the fault and repeats nothing of it."""

import json
from typing import Any

import httpx
import pytest

CANARY = "Zq7Canary"
ID = "3f0c1b0e-6a58-4c1f-9d53-0a4f7d1f2f10"
GOOD: dict[str, Any] = {
    "subject": "case-1",
    "audit_type": "closure",
    "due_on": "2026-12-01",
    "actions": [{"kind": "safety", "text": "Visit the child."}],
}
JSON = {"Content-Type": "application/json", "Idempotency-Key": "key-1"}


def body(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def raw(member: str) -> bytes:
    """The good body with a member written exactly so."""
    return body()[:-1] + b", " + member.encode("utf-8", "surrogatepass") + b"}"


MALFORMED: dict[str, bytes] = {
    "not JSON": CANARY.encode(),
    "truncated": body()[:-3],
    "trailing comma": b'{"a": 1,}',
    "two documents": b"{}{}",
    "comment": b"{} // " + CANARY.encode(),
    "single quotes": b"{'a': 1}",
    "NaN": raw('"score": NaN'),
    "Infinity": raw('"score": Infinity'),
    "minus Infinity": raw('"score": -Infinity'),
    "number that becomes infinite": raw('"score": 1e999'),
    "integer of 65 bits": raw('"round": 18446744073709551616'),
    "integer of 64 bits and a sign": raw('"round": -9223372036854775809'),
    "integer of 5,000 digits": raw('"round": ' + "9" * 3_500),
    "leading zero": raw('"round": 01'),
    "hexadecimal": raw('"round": 0x10'),
    "bare decimal point": raw('"score": .5'),
    "same key twice": raw(f'"subject": "{CANARY}"'),
    "same key twice, once escaped": raw('"s\\u0075bject": "x"'),
    "NUL escaped": raw(f'"auditor": "{CANARY}\\u0000"'),
    "NUL raw": raw('"auditor": "\x00"'),
    "NUL in a key": raw('"a\\u0000b": 1'),
    "lone high surrogate": raw('"auditor": "\\ud800"'),
    "lone low surrogate": raw('"auditor": "\\udc00x"'),
    "surrogates in the wrong order": raw('"auditor": "\\udc00\\ud800"'),
    "surrogate in a key": raw('"\\ud800": 1'),
    "surrogate as UTF-8": raw('"auditor": "\ud800"'),
    "overlong UTF-8": b'{"a": "\xc0\xaf"}',
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "raw newline in a text": raw('"auditor": "a\nb"'),
    "unknown escape": raw('"auditor": "\\x41"'),
    "nested 33 deep": b"[" * 33 + b"]" * 33,
    "nested 2,000 deep": b"[" * 2_000 + b"]" * 2_000,
    "nested objects": b'{"a":' * 600 + b"1" + b"}" * 600,
    "never closed": b"[" * 4_000,
    "only white space": b"   ",
}

INVALID: dict[str, tuple[bytes, str]] = {
    "null": (b"null", ""),
    "a list": (b"[]", ""),
    "a text": (b'"' + CANARY.encode() + b'"', ""),
    "a number": (b"1", ""),
    "empty object": (b"{}", "/subject"),
    "unknown field": (body(colour=CANARY), "/colour"),
    "unknown field with an odd name": (body(**{f"<{CANARY}>": 1}), ""),
    "field in camel case": (body(dueOn="2026-12-01"), ""),
    "number for a date": (body(due_on=0), "/due_on"),
    "fraction for a date": (body(due_on=0.5), "/due_on"),
    "boolean for a date": (body(due_on=True), "/due_on"),
    "instant for a date": (body(due_on="2026-12-01T00:00:00Z"), "/due_on"),
    "impossible date": (body(due_on="2026-02-30"), "/due_on"),
    "date of week": (body(due_on="2026-W01-1"), "/due_on"),
    "date without dashes": (body(due_on="20261201"), "/due_on"),
    "date with spaces": (body(due_on=" 2026-12-01"), "/due_on"),
    "date in other digits": (body(due_on="２０２６-12-01"), "/due_on"),
    "year 0001": (body(due_on="0001-01-01"), "/due_on"),
    "year 9999": (body(due_on="9999-12-31"), "/due_on"),
    "null for what is required": (body(due_on=None), "/due_on"),
    "naive instant": (body(started_at="2026-12-01T09:00:00"), "/started_at"),
    "number for an instant": (body(started_at=1764579600), "/started_at"),
    "digits for an instant": (body(started_at="1764579600"), "/started_at"),
    "date for an instant": (body(started_at="2026-12-01"), "/started_at"),
    "hour 25": (body(started_at="2026-12-01T25:00:00Z"), "/started_at"),
    "offset of a day": (body(started_at="2026-12-01T09:00:00+24:00"), "/started_at"),
    "instant before all time": (body(started_at="0001-01-01T00:00:00+14:00"), "/started_at"),
    "UUID without dashes": (body(auditor=ID.replace("-", "")), "/auditor"),
    "UUID in braces": (body(auditor="{" + ID + "}"), "/auditor"),
    "UUID as URN": (body(auditor="urn:uuid:" + ID), "/auditor"),
    "number for a UUID": (body(auditor=1), "/auditor"),
    "text for a number": (body(round="1"), "/round"),
    "fraction for a count": (body(round=1.5), "/round"),
    "whole fraction for a count": (body(round=1.0), "/round"),
    "boolean for a count": (body(round=True), "/round"),
    "negative count": (body(round=-1), "/round"),
    "count beyond 32 bits": (body(round=2**31), "/round"),
    "text for a score": (body(score="5"), "/score"),
    "score too large": (body(score=1e13), "/score"),
    "text for a boolean": (body(restricted="true"), "/restricted"),
    "number for a boolean": (body(restricted=1), "/restricted"),
    "number for a text": (body(subject=1), "/subject"),
    "empty reference": (body(subject=""), "/subject"),
    "reference that is a path": (body(subject="../" + CANARY), "/subject"),
    "reference with a line break": (body(subject="case-1\n"), "/subject"),
    "reference too long": (body(subject="c" * 65), "/subject"),
    "code in capitals": (body(audit_type="CLOSURE"), "/audit_type"),
    "code with a line break": (body(audit_type="closure\n"), "/audit_type"),
    "object for a list": (body(actions={}), "/actions"),
    "text for a list": (body(actions=CANARY), "/actions"),
    "null in a list": (body(actions=[None]), "/actions/0"),
    "too many": (body(actions=[1] * 51), "/actions"),
    "unknown choice": (body(actions=[{"kind": CANARY, "text": "a"}]), "/actions/0/kind"),
    "choice as a number": (body(actions=[{"kind": 1, "text": "a"}]), "/actions/0/kind"),
    "blank text": (body(actions=[{"kind": "safety", "text": " \n"}]), "/actions/0/text"),
    "control character": (
        body(actions=[{"kind": "safety", "text": CANARY + "\x1b[2J"}]),
        "/actions/0/text",
    ),
    "text too long": (
        body(actions=[{"kind": "safety", "text": "x" * 4_001}]),
        "/actions/0/text",
    ),
    "nested unknown field": (
        body(actions=[{"kind": "safety", "text": "a", "who": CANARY}]),
        "/actions/0/who",
    ),
    "nested missing field": (body(actions=[{"kind": "safety"}]), "/actions/0/text"),
    "key of a map": (body(answers={CANARY + "!": {}}), "/answers"),
    "member of a union": (
        body(answers={"seen": {"answer_kind": "yes_no", "value": CANARY}}),
        "/answers/seen/value",
    ),
}

BAD_QUERIES = {
    "unknown filter": ("lmit=5", "lmit"),
    "unknown filter with an odd name": (f"<{CANARY}>=5", "query"),
    "given twice": ("limit=5&limit=6", "limit"),
    "limit zero": ("limit=0", "limit"),
    "limit too large": ("limit=501", "limit"),
    "limit negative": ("limit=-1", "limit"),
    "limit with a sign": ("limit=%2B5", "limit"),
    "limit with spaces": ("limit=%205", "limit"),
    "limit with underscore": ("limit=1_0", "limit"),
    "limit a fraction": ("limit=5.0", "limit"),
    "limit in other digits": ("limit=%EF%BC%95", "limit"),
    "limit of 5,000 digits": ("limit=" + "9" * 5_000, "limit"),
    "limit empty": ("limit=", "limit"),
    "date a number": ("due_from=0", "due_from"),
    "date with a time": ("due_from=2026-12-01T00:00:00", "due_from"),
    "instant naive": ("changed_from=2026-12-01T00:00:00", "changed_from"),
    "instant a number": ("changed_from=1", "changed_from"),
    "flag yes": ("overdue=yes", "overdue"),
    "flag one": ("overdue=1", "overdue"),
    "flag in capitals": ("overdue=True", "overdue"),
    "UUID short": ("worker=1", "worker"),
    "unknown choice": (f"kind={CANARY}", "kind"),
    "code in a list": (f"state=planned&state={CANARY}", "state"),
    "text too long": ("cursor=" + "x" * 201, "cursor"),
}

MALFORMED_TARGETS = {
    "query with NUL": "/v1/audits?cursor=%00",
    "query not UTF-8": "/v1/audits?cursor=%ff",
    "query with half a character": "/v1/audits?cursor=%ed%a0%80",
    "query with a broken escape": "/v1/audits?cursor=%zz",
    "path with NUL": "/v1/audits/%00",
    "path with a line break": "/v1/audits/%0d%0aSet-Cookie:%20a",
    "path not UTF-8": "/v1/audits/%ff",
    "path with an escaped slash": f"/v1/audits/{ID}%2Fcomplete",
}

LONG_TARGETS = {
    "query": "/v1/audits?cursor=" + "x" * 9_000,
    "path": "/v1/audits/" + "x" * 3_000,
}


def assert_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    everything = answer.text + str(answer.headers)
    assert CANARY not in everything
    assert "SECRET" not in everything
    return problem


@pytest.mark.parametrize("target", LONG_TARGETS.values(), ids=LONG_TARGETS.keys())
async def test_an_address_longer_than_any_of_ours_is_refused(
    client: httpx.AsyncClient, target: str
) -> None:
    assert_problem(await client.get(target), 414, "uri-too-long")


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_body_that_is_not_sound_json_is_malformed(
    client: httpx.AsyncClient, content: bytes
) -> None:
    assert_problem(
        await client.post("/v1/audits", content=content, headers=JSON), 400, "malformed-request"
    )


@pytest.mark.parametrize(("content", "pointer"), INVALID.values(), ids=INVALID.keys())
async def test_a_body_of_the_wrong_form_is_refused_by_its_place(
    client: httpx.AsyncClient, content: bytes, pointer: str
) -> None:
    answer = await client.post("/v1/audits", content=content, headers=JSON)
    problem = assert_problem(answer, 422, "validation")
    assert pointer in [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(("query", "parameter"), BAD_QUERIES.values(), ids=BAD_QUERIES.keys())
async def test_a_filter_that_is_wrong_is_refused_by_its_name(
    client: httpx.AsyncClient, query: str, parameter: str
) -> None:
    problem = assert_problem(await client.get(f"/v1/audits?{query}"), 422, "validation")
    assert parameter in [error["parameter"] for error in problem["errors"]]


@pytest.mark.parametrize("target", MALFORMED_TARGETS.values(), ids=MALFORMED_TARGETS.keys())
async def test_a_target_that_cannot_be_read_is_malformed(
    client: httpx.AsyncClient, target: str
) -> None:
    assert_problem(await client.get(target), 400, "malformed-request")


async def test_a_path_parameter_of_the_wrong_form_is_named(client: httpx.AsyncClient) -> None:
    problem = assert_problem(await client.get(f"/v1/audits/{CANARY}"), 422, "validation")
    assert problem["errors"] == [
        {"detail": "Not a UUID of the usual form.", "code": "uuid", "parameter": "audit_id"}
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": CANARY},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/cloudevents+json"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_another_content_type_is_unsupported(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/v1/audits", content=body(), headers=headers)
    assert_problem(answer, 415, "unsupported-media-type")
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "written",
    ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'],
)
async def test_json_in_utf8_is_taken_however_it_is_named(
    client: httpx.AsyncClient, written: str
) -> None:
    answer = await client.post(
        "/v1/audits", content=body(), headers={**JSON, "Content-Type": written}
    )
    assert answer.status_code == 201
    assert answer.json() == {"due_on": "2026-12-01", "started_at": None, "actions": 1}


async def test_a_path_may_have_a_media_type_of_its_own(client: httpx.AsyncClient) -> None:
    event = {"Content-Type": "application/cloudevents+json"}
    assert (await client.post("/v1/events", content=b"{}", headers=event)).status_code == 200
    answer = await client.post("/v1/events", content=b"{}", headers=JSON)
    assert_problem(answer, 415, "unsupported-media-type")


async def test_a_body_where_there_is_none_is_malformed(client: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD"):
        answer = await client.request(method, "/v1/audits", content=body(), headers=JSON)
        assert answer.status_code == 400


async def test_no_body_where_one_is_needed_is_invalid(client: httpx.AsyncClient) -> None:
    problem = assert_problem(await client.post("/v1/audits", headers=JSON), 422, "validation")
    assert problem["errors"][0]["code"] == "missing"


async def test_an_instant_is_answered_in_utc(client: httpx.AsyncClient) -> None:
    content = body(started_at="2026-07-01T09:30:00.5+01:00")
    answer = await client.post("/v1/audits", content=content, headers=JSON)
    assert answer.json()["started_at"] == "2026-07-01T08:30:00.500000Z"


@pytest.mark.parametrize("key", ["", " ", "a b", CANARY + "é", "x" * 256, '"', '"a', 'a"b'])
async def test_an_odd_idempotency_key_is_malformed(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(
        "/v1/audits",
        content=body(),
        headers=[(b"Content-Type", b"application/json"), (b"Idempotency-Key", key.encode())],
    )
    assert_problem(answer, 400, "malformed-request")


async def test_a_creation_without_idempotency_key_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/audits", json=GOOD)
    assert_problem(answer, 400, "idempotency-key-required")


async def test_a_change_without_its_version_is_refused(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"if-match": "*"}):
        answer = await client.patch(f"/v1/audits/{ID}", json=GOOD, headers=headers)
        assert_problem(answer, 428, "precondition-required")


async def test_a_change_of_an_old_version_is_refused_with_the_current_tag(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.patch(
        f"/v1/audits/{ID}", json=GOOD, headers={"If-Match": '"2.0123456789abcdef"'}
    )
    assert_problem(answer, 412, "precondition-failed")
    assert answer.headers["etag"] == '"3.0000000000000000"'

"""Events in binary mode: what the SDKs send by default is the same event as in structured mode."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from qa_api.case_events.binary_contract import BINARY_MODE
from qa_api.case_events.binary_mode import structured
from qa_api.problems import Problem
from tests.api import Api, Json, contract
from tests.closures.sending import CLOUDEVENT, CLOUDEVENTS, PROPOSED, Episode

PATH = "/v1/case-events"
# Attributes that nobody here knows: beyond ASCII, and with what has to be percent-encoded.
UNKNOWN = {"tenant": 'Lincolnshire "East" 50%', "office": "Łódź", "sampledrate": "7"}


def headers_of(event: Json, **changes: str | None) -> dict[str, str]:
    """The headers of an event in binary mode, each that is None left out."""
    said = {
        f"ce-{name}": str(value)
        for name, value in event.items()
        if name not in ("data", "datacontenttype")
    }
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    wanted: dict[str, str | None] = {"content-type": "application/json", **said, **changed}
    return {name: value for name, value in wanted.items() if value is not None}


def send(
    episode: Episode, body: Any, headers: Any, path: str = PATH, *further: tuple[str, str]
) -> httpx.Response:
    """Send what is in binary mode, or claims to be; `further` headers may be there twice."""
    sender = episode.api.as_("case-system-mosaic")
    content = body if isinstance(body, bytes) else json.dumps(body)
    said = [*headers.items(), *further, ("authorization", f"Bearer {sender.token()}")]
    answer = sender.http.post(path, content=content, headers=said)
    sender.server.hold(answer)
    return answer


def kept(api: Api, receipt: Json) -> Json:
    """The event as Quality & Standards read it."""
    found = api.as_("qs-1").get(f"{PATH}/{receipt['event_id']}")
    assert found.status_code == 200, found.text
    return dict(found.json()["message"])


def by_sdk(event: Json) -> CloudEvent:
    """The event as a user of the official SDK has it."""
    attributes = {name: value for name, value in event.items() if name != "data"}
    attributes |= {"time": datetime(2026, 11, 23, 9, 15, tzinfo=UTC)}
    attributes |= {"datacontenttype": "application/json"} | UNKNOWN
    return CloudEvent(attributes, event["data"])


def test_what_the_sdk_sends_in_binary_mode_is_taken_with_every_attribute(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    message = to_binary_event(by_sdk(event), JSONFormat())
    answer = send(episode, message.body, dict(message.headers))
    assert answer.status_code == 202, answer.text
    assert answer.json()["outcome"] == "gate_opened"
    assert episode.answer()["state"] == "awaiting_audit"
    expected = event | UNKNOWN | {"datacontenttype": "application/json"}
    assert kept(episode.api, answer.json()) == expected | {"time": "2026-11-23T09:15:00Z"}


def test_the_same_event_in_another_mode_is_a_repeat(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    message = to_structured_event(by_sdk(event), JSONFormat())
    first = send(episode, message.body, dict(message.headers))
    assert first.status_code == 202, first.text
    again = send(episode, event["data"], headers_of(event))
    assert again.json() == first.json() | {"outcome": "duplicate"}
    (item,) = episode.send_batch([event])
    assert item["outcome"] == "duplicate"
    other = send(episode, event["data"] | {"team": None}, headers_of(event))
    assert other.json()["outcome"] == "conflicting"


def test_unknown_attributes_are_kept_in_each_mode(
    episode: Episode, new_ref: Callable[[], str]
) -> None:
    unknown: Json = {"tenant": "East", "traceparent": "00-abc", "subject": "Ärztin"}
    in_json = unknown | {"attempt": 3, "replayed": True}

    def event() -> Json:
        return Episode(episode.api, [new_ref()]).event(PROPOSED)

    one, several = event() | in_json, [event() | in_json, event()]
    assert kept(episode.api, episode.send(one)) == one
    receipts = episode.send_batch(several)
    assert [kept(episode.api, each) for each in receipts] == several
    binary = event() | unknown
    headers = headers_of(binary | {"subject": "%C3%84rztin"})
    receipt = send(episode, binary["data"], headers).json()
    assert kept(episode.api, receipt) == binary | {"datacontenttype": "application/json"}


def test_an_event_of_an_unknown_type_may_have_no_data(episode: Episode) -> None:
    event = {**episode.event("visit.recorded.v1"), "data": None}
    headers = headers_of(event, content_type=None)
    answer = send(episode, b"", headers)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "ignored")
    assert "data" not in kept(episode.api, answer.json())
    missing = send(episode, b"", headers_of(episode.event(PROPOSED), content_type=None))
    assert missing.status_code == 422
    assert [error["pointer"] for error in missing.json()["errors"]] == [""]


@pytest.mark.parametrize(
    ("changes", "status", "parameter", "code"),
    [
        ({"ce_id": None}, 422, "ce-id", "missing"),
        ({"ce_type": None}, 422, "ce-type", "missing"),
        ({"ce_specversion": None}, 422, "ce-specversion", "missing"),
        ({"ce_specversion": "0.3"}, 422, "ce-specversion", "choice"),
        ({"ce_id": ""}, 422, "ce-id", "blank"),
        ({"ce_time": "yesterday"}, 422, "ce-time", "instant"),
        ({"ce_subject": "50%"}, 400, "ce-subject", "encoding"),
        ({"ce_subject": "%C0%A0"}, 400, "ce-subject", "encoding"),
        ({"ce_subject": "%ED%A0%80"}, 400, "ce-subject", "encoding"),
        ({"ce_subject": "a%00b"}, 400, "ce-subject", "encoding"),
        ({"ce_tenant": "%zz"}, 400, "ce-", "encoding"),
        ({"ce_Some_Name": "x"}, 400, "ce-", "form"),
        ({"ce_data": "{}"}, 400, "ce-data", "not_here"),
        ({"ce_datacontenttype": "text/plain"}, 400, "ce-datacontenttype", "not_here"),
    ],
)
def test_what_a_header_may_not_say_is_refused_and_named(
    episode: Episode, changes: dict[str, str | None], status: int, parameter: str, code: str
) -> None:
    event = episode.event(PROPOSED)
    answer = send(episode, event["data"], headers_of(event, **changes))
    assert answer.status_code == status, answer.text
    assert [(e["parameter"], e["code"]) for e in answer.json()["errors"]] == [(parameter, code)]
    sent = next(iter(changes.values()))
    assert not sent or sent in {"{}", "x"} or sent not in answer.text
    assert episode.gates() == [], "nothing is half done"


def test_what_is_wrong_with_the_data_is_shown_where_it_is_in_the_body(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    del event["data"]["episode_id"]
    event["data"]["subjects"][0]["ref"] = 7
    answer = send(episode, event["data"], headers_of(event))
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/episode_id", "/subjects/0/ref"}


def test_a_header_that_is_there_twice_is_refused(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    answer = send(episode, event["data"], headers_of(event), PATH, ("ce-id", "another"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "ce-id"
    assert answer.json()["errors"][0]["code"] == "repeated"
    twice = (("ce-tenant", "a"), ("ce-tenant", "b"))
    assert send(episode, event["data"], headers_of(event), PATH, *twice).status_code == 400
    assert episode.gates() == []


def test_bytes_beyond_ascii_are_refused(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    beyond: Any = (b"ce-subject", "Łódź".encode())
    answer = send(episode, event["data"], headers_of(event), PATH, beyond)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "encoding"


def test_both_modes_at_once_are_refused_where_they_say_different_things(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    headers = headers_of(event, content_type=CLOUDEVENT)
    for changes in ({"ce-id": "another"}, {"ce-tenant": "East"}):
        answer = send(episode, event, headers | changes)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "both_modes"
    whole = send(episode, event, headers_of(event))
    assert (whole.status_code, whole.json()["errors"][0]["code"]) == (400, "both_modes")
    assert episode.gates() == []
    # The binding lets a sender repeat in headers what the event says of itself.
    assert send(episode, event, headers).json()["outcome"] == "gate_opened"


@pytest.mark.parametrize("media_type", [CLOUDEVENTS, "application/json"])
def test_a_single_event_at_the_address_of_batches_is_refused(
    episode: Episode, media_type: str
) -> None:
    event = episode.event(PROPOSED)
    headers = headers_of(event, content_type=media_type)
    answer = send(episode, [event["data"]], headers, f"{PATH}/batch")
    assert answer.status_code == 400
    assert "/v1/case-events" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "text/json", None])
def test_data_that_is_no_json_is_refused(episode: Episode, media_type: str | None) -> None:
    event = episode.event(PROPOSED)
    answer = send(episode, event["data"], headers_of(event, content_type=media_type))
    assert answer.status_code == 415
    broken = send(episode, b'{"episode_id":', headers_of(event))
    assert broken.status_code == 400
    assert episode.gates() == []


def test_headers_have_the_limits_of_every_request(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    for many in ({"ce-tenant": "x" * 70_000}, {f"ce-x{n}": "y" for n in range(300)}):
        answer = send(episode, event["data"], headers_of(event) | many)
        assert answer.status_code == 431
    assert episode.gates() == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%41%62c", "Abc"),
        ("100%2525", "100%25"),  # one round only
        ('"quoted, as older senders do \\"so\\""', 'quoted, as older senders do "so"'),
        ("spaces as some SDKs leave them", "spaces as some SDKs leave them"),
        ('half "quoted"', 'half "quoted"'),
    ],
)
def test_a_value_comes_out_of_its_quotes_and_escapes(written: str, read: str) -> None:
    assert structured([(b"ce-tenant", written.encode())], None, has_body=False) == {"tenant": read}


@pytest.mark.parametrize("value", ["%", "a%2", "%g0", "%ff", "%e2%82", "tab\there", "%7f"])
def test_a_value_that_cannot_be_read_raises(value: str) -> None:
    with pytest.raises(Problem) as refusal:
        structured([(b"ce-subject", value.encode())], None, has_body=False)
    assert refusal.value.status == 400


def test_the_contract_describes_the_headers_of_binary_mode() -> None:
    said = contract()["paths"][PATH]["post"]["x-cloudevents-binary"]
    assert said == json.loads(json.dumps(BINARY_MODE))
    required = {name for name, header in said["attributes"].items() if header["required"]}
    assert required == {"ce-specversion", "ce-id", "ce-source", "ce-type"}


def test_the_examples_of_the_contract_are_one_event(episode: Episode) -> None:
    said = contract()["paths"][PATH]["post"]["x-cloudevents-binary"]
    headers = {name: one["example"] for name, one in said["attributes"].items() if "example" in one}
    body = said["content"]["application/json"]["example"]
    answer = send(episode, body, headers | {"content-type": "application/json"})
    assert answer.status_code == 202, answer.text

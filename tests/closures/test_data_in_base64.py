"""Data that an SDK was given as bytes is the same data: `data_base64` of structured mode."""

import json
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from qa_api.case_events.event_file import EventFile
from tests.api import Json
from tests.closures.sending import CLOUDEVENT, PROPOSED, Episode
from tests.closures.test_binary_mode import headers_of, kept, send

STRUCTURED = {"content-type": CLOUDEVENT}


def by_sdk(event: Json, **attributes: str) -> tuple[dict[str, str], bytes]:
    """What the official SDK sends of an event whose data is given to it as bytes."""
    said = {name: value for name, value in event.items() if name not in {"data", "time"}}
    given = json.dumps(event["data"]).encode()
    message = to_structured_event(CloudEvent(said | attributes, given), JSONFormat())
    assert "data_base64" in json.loads(message.body)
    return dict(message.headers), bytes(message.body)


def in_base64(event: Json, data: bytes | str | None = None) -> Json:
    """The event with the base64 of its data, or of other bytes, or another text in its place."""
    written = json.dumps(event["data"]).encode() if data is None else data
    said = b64encode(written).decode() if isinstance(written, bytes) else written
    return {name: value for name, value in event.items() if name != "data"} | {"data_base64": said}


@pytest.mark.parametrize("media_type", ["application/json", "application/octet-stream", None])
def test_bytes_of_the_sdk_are_taken_as_data(episode: Episode, media_type: str | None) -> None:
    event = episode.event(PROPOSED)
    headers, body = by_sdk(event, **{"datacontenttype": media_type} if media_type else {})
    answer = send(episode, body, headers)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "gate_opened"), answer.text
    shown = kept(episode.api, answer.json())
    assert shown["data"] == event["data"]
    assert "data_base64" not in shown


def test_it_is_the_same_event_in_every_form(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    first = send(episode, in_base64(event), STRUCTURED).json()
    for again in (
        send(episode, event, STRUCTURED).json(),
        send(episode, event["data"], headers_of(event)).json(),
        send(episode, in_base64(event), STRUCTURED).json(),
    ):
        assert again == first | {"outcome": "duplicate"}
    other = in_base64(event | {"data": event["data"] | {"team": None}})
    assert send(episode, other, STRUCTURED).json()["outcome"] == "conflicting"


def test_in_a_batch_one_that_cannot_be_read_is_refused_and_the_others_stand(
    episode: Episode, new_ref: Callable[[], str]
) -> None:
    other = Episode(episode.api, [new_ref()]).event(PROPOSED)
    lacks = other | {"id": new_ref(), "data": {**other["data"], "subjects": []}}
    sent = [in_base64(episode.event(PROPOSED)), in_base64(other, b"\xff"), in_base64(lacks)]
    good, unread, wrong = episode.send_batch(sent)
    assert good["outcome"] == "gate_opened"
    assert (unread["outcome"], wrong["outcome"]) == ("refused", "refused")
    assert "/1/data_base64" in [error["pointer"] for error in unread["errors"]]
    (error,) = wrong["errors"]
    assert error["pointer"] == "/2/data_base64"
    assert error["detail"].endswith("It is at /subjects in there.")


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"no JSON",
        b"\xff\xfe{}",
        b'{"a": 1, "a": 2}',
        b'{"a": "\\u0000"}',
        b"[" * 40 + b"]" * 40,
        "e30",  # without its padding
        "{}",
        "",
    ],
)
def test_bytes_that_are_no_json_are_refused_and_it_is_said_what_to_send(
    episode: Episode, written: bytes | str
) -> None:
    answer = send(episode, in_base64(episode.event(PROPOSED), written), STRUCTURED)
    assert answer.status_code == 422, answer.text
    told = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert "send the JSON itself as `data`" in told["/data_base64"]
    assert episode.gates() == [], "nothing is half done"


@pytest.mark.parametrize("beside", [{}, None])
def test_data_in_both_forms_is_refused(episode: Episode, beside: Any) -> None:
    event = episode.event(PROPOSED)
    answer = send(episode, in_base64(event) | {"data": beside}, STRUCTURED)
    assert answer.status_code == 422
    assert "/data_base64" in [error["pointer"] for error in answer.json()["errors"]]


def test_a_fault_in_such_data_points_to_what_was_sent(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    lacks = event | {"data": {**event["data"], "subjects": []}}
    answer = send(episode, in_base64(lacks), STRUCTURED)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/data_base64"
    assert error["detail"].endswith("It is at /subjects in there.")


def test_null_is_none_and_an_unknown_type_keeps_its_bytes(episode: Episode) -> None:
    event = episode.event(PROPOSED) | {"data_base64": None}
    assert send(episode, event, STRUCTURED).status_code == 202
    unknown = in_base64(episode.event("visit.recorded.v1"), b"%PDF-1.7")
    answer = send(episode, unknown, STRUCTURED)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "ignored")
    assert kept(episode.api, answer.json()) == unknown


def test_a_file_of_events_has_data_in_either_form(episode: Episode) -> None:
    event = episode.event(PROPOSED)
    lines = [event, in_base64(event | {"id": "another"}), in_base64(event, b"\xff")]
    file = EventFile(BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode()))
    assert [event.sent["data"] for event in file.read([0, 1])] == [event["data"]] * 2
    assert [fault.line for fault in file.faults] == [3]
    assert "data" in file.faults[0].detail

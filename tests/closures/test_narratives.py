"""What a sender's people and JSON writers make of an event never blocks its queue."""

import json
from typing import Any

import httpx
import pytest

from tests.closures.sending import CLOUDEVENT, CLOUDEVENTS, PROPOSED, Episode

UNUSUAL = {
    "Windows line ends": ("No further\r\nwork.\rSeen.", "No further\nwork.\nSeen."),
    "nothing": ("", None),
    "blank": (" \r\n\t", None),
    "long": ("Visit. " * 20_000, "Visit. " * 20_000),
    "control characters": ("Seen\u0007 at\u001b home\u0085.", "Seen at home."),
    "control characters alone": ("\u0001\u007f", None),
    "a letter and its accent": ("Zoe\u0308 moved.", "Zo\u00eb moved."),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_narrative_is_kept_as_it_came_and_cleaned_for_showing(
    episode: Episode, name: str
) -> None:
    narrative, shown = UNUSUAL[name]
    event = episode.event(PROPOSED, closure={"reason_code": "RC1", "reason_text": narrative})
    receipt = episode.send(event)
    assert receipt["outcome"] == "gate_opened"
    path = f"/v1/case-events/{receipt['event_id']}"
    kept = episode.api.as_("qs-1").get(path).json()
    assert kept["message"] == event
    assert kept["reason_text"] == shown
    told = episode.api.as_("case-system-mosaic").get(path).json()
    assert (told["reason_text"], told["message"]) == (None, None)
    assert episode.send(event)["outcome"] == "duplicate"


def send_written(episode: Episode, body: str) -> httpx.Response:
    """Send an event as some writer wrote it."""
    sender, headers = episode.api.as_("case-system-mosaic"), {"content-type": CLOUDEVENT}
    return sender.request("POST", "/v1/case-events", content=body.encode(), headers=headers)


@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800"])
def test_what_no_database_can_keep_is_refused_at_the_gate(episode: Episode, bad: str) -> None:
    event = json.dumps(episode.event(PROPOSED, closure={"reason_text": "Seen HERE."}))
    assert send_written(episode, event.replace("HERE", bad)).status_code == 400


@pytest.mark.parametrize("whole", ["12.0", "1.2e1", "12"])
def test_a_whole_number_may_be_written_with_a_fraction(episode: Episode, whole: str) -> None:
    event = episode.event(PROPOSED)
    event["data"]["source_version"] = 987_654
    written = json.dumps(event)
    taken = send_written(episode, written.replace("987654", whole))
    assert taken.status_code == 202, taken.text
    kept = episode.api.as_("qs-1").get(f"/v1/case-events/{taken.json()['event_id']}").json()
    assert kept["source_version"] == 12
    # Another writer writes the same number otherwise: the event is the same.
    again = send_written(episode, written.replace("987654", "12"))
    assert again.json()["outcome"] == "duplicate"


@pytest.mark.parametrize("version", [12.5, True, -1.0, 2.0**53, "12"])
def test_what_is_no_whole_number_is_refused(episode: Episode, version: Any) -> None:
    event = episode.event(PROPOSED)
    event["data"]["source_version"] = version
    answer = episode.post(event)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/source_version"]


def test_an_empty_batch_is_taken(episode: Episode) -> None:
    sender = episode.api.as_("case-system-mosaic")
    answer = sender.post("/v1/case-events/batch", [], headers={"content-type": CLOUDEVENTS})
    assert (answer.status_code, answer.json()) == (202, {"items": []})

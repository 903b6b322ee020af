"""Every event that is sent names where its record can be read."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import get_type_hints
from uuid import UUID

import orjson
import pytest

from qa_api.events import EVENT_TYPES
from qa_api.events.addresses import url_of
from qa_api.http.openapi_webhooks import schema_name
from qa_api.webhooks.messages import message
from tests.api import contract
from tests.webhooks.schemas import faults_of

BASE = "https://quality.example.org"
SENT = sorted(name for name, event in EVENT_TYPES.items() if event.sent)
SOME = str(UUID(int=1))


def test_every_sent_event_has_an_address_that_the_contract_serves() -> None:
    served = {path.rpartition("/")[0] for path in contract()["paths"] if path.endswith("}")}
    for name, event in EVENT_TYPES.items():
        if event.sent:
            references = dict.fromkeys((one.name for one in fields(event)), SOME)
            url = url_of(BASE, name, references)
            collection, _, key = url.removeprefix(BASE).rpartition("/")
            assert key == SOME
            assert collection in served, f"{name} points at {collection}, which is not served"


CODES = {
    "audit_type", "clock", "group", "judgement", "month", "period",
    "population_hash", "quarter", "routed_to", "state", "system", "team", "trigger",
    "worker",
}  # fmt: skip
"""The fields of sent events that are text: codes and references, each known here by name."""


def test_no_sent_event_has_room_for_free_text() -> None:
    for name, event in EVENT_TYPES.items():
        if event.sent:
            hints = get_type_hints(event)
            text = {one.name for one in fields(event) if "str" in str(hints[one.name])}
            assert text <= CODES, f"{name}: codes or free text? {text - CODES}"


@pytest.mark.parametrize("name", SENT)
def test_each_event_that_is_sent_has_a_schema_and_an_example_of_its_own(name: str) -> None:
    schema = contract()["components"]["schemas"][schema_name(name)]
    (example,) = schema["examples"]
    assert faults_of(example) == []
    said = example["data"]
    # What the service makes of an event with these very values.
    kept = {one.name: said[one.name] for one in fields(EVENT_TYPES[name])}
    made = message(
        "https://qa.example.org",
        event_type=name,
        at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        about=UUID(kept.pop("about")),
        subject=kept.pop("subject"),
        data=kept,
        worker_reference=said.get("worker_reference"),
        team_reference=said.get("team_reference"),
        episode_id=said.get("episode_id") if name.startswith("closure_gate.") else None,
    )
    assert orjson.loads(made) == example
    # Nobody is named, and the audit is of no child: what may be null is.
    hints = get_type_hints(EVENT_TYPES[name])
    empty = {field: None for field in kept if "None" in str(hints[field])}
    empty |= {f"{code}_reference": None for code in ("worker", "team") if code in kept}
    bare = {key: value for key, value in said.items() if key not in {"ref", "episode_id"}}
    assert faults_of({**example, "data": bare | empty | {"subject": None}}) == []
    for field in bare:
        assert faults_of({**example, "data": {k: v for k, v in said.items() if k != field}})


@pytest.mark.parametrize("known", [True, False])
def test_whoever_is_named_is_named_as_the_receiver_calls_them_too(known: bool) -> None:
    body = message(
        BASE,
        event_type="practice_observation.recorded",
        at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        about=UUID(SOME),
        subject=None,
        data={"worker": "sw1", "team": "east", "observed_on": "2026-11-23"},
        worker_reference="SmithJ" if known else None,
        team_reference="East Team" if known else None,
    )
    said = orjson.loads(body)["data"]
    named = ("SmithJ", "SmithJ", "east", "East Team") if known else ("sw1", None, "east", None)
    fields_ = ("worker", "worker_reference", "team", "team_reference")
    assert tuple(said[field] for field in fields_) == named


def test_who_is_not_named_has_no_reference() -> None:
    body = message(
        BASE,
        event_type="webhook_endpoint.test",
        at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        about=UUID(SOME),
        subject=None,
        data={},
    )
    assert {"worker_reference", "team_reference"}.isdisjoint(orjson.loads(body)["data"])


def test_a_gates_message_names_child_and_episode_which_the_log_does_not() -> None:
    kept = {"system": "mosaic", "state": "clear", "may_close": True}
    declared = {one.name for one in fields(EVENT_TYPES["closure_gate.changed"])}
    assert set(kept) | {"about", "subject"} == declared
    body = message(
        BASE,
        event_type="closure_gate.changed",
        at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        about=UUID(SOME),
        subject={"system": "mosaic", "ref": "C-1001"},
        data=kept,
        episode_id="EP-1",
    )
    said = orjson.loads(body)["data"]
    assert (said["ref"], said["episode_id"]) == ("C-1001", "EP-1")
    assert said["subject"] == {"system": "mosaic", "ref": "C-1001"}

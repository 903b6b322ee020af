"""The recorded events are taken as they are, in each mode; what a reader copies works."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api import Api, contract
from tests.closures.sending import CLOUDEVENT, CLOUDEVENTS

EVENTS = Path(__file__).parents[2] / "openapi" / "examples" / "case-events"
AFTER_THEM = "2026-11-30T09:30:00Z"
NAMES = sorted(file.stem for file in EVENTS.glob("*.v1.json"))
KNOWN = len(
    contract()["paths"]["/v1/case-events"]["post"]["requestBody"]["content"][CLOUDEVENT]["schema"][
        "anyOf"
    ]
)


def test_there_is_one_of_each_type() -> None:
    assert len(NAMES) == len({*EVENTS.glob("*.http")}) == KNOWN > 7


@pytest.mark.parametrize("name", NAMES)
def test_it_is_taken_in_both_modes_as_one_event(
    api: Api, at: Callable[[str], None], name: str
) -> None:
    at(AFTER_THEM)
    sender = api.as_("case-system-mosaic")
    head, _, body = (EVENTS / f"{name}.binary.http").read_text("utf-8").partition("\n\n")
    first, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    binary = sender.request("POST", first.split()[1], content=body, headers=headers)
    assert binary.status_code == 202, binary.text
    event = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    structured = sender.post("/v1/case-events", event, headers={"content-type": CLOUDEVENT})
    assert structured.status_code == 202, structured.text
    assert structured.json() == binary.json() | {"outcome": "duplicate"}


def test_the_batch_is_taken_whole(api: Api, at: Callable[[str], None]) -> None:
    at(AFTER_THEM)
    batch = json.loads((EVENTS / "batch.json").read_text("utf-8"))
    answer = api.as_("case-system-mosaic").post(
        "/v1/case-events/batch", batch, headers={"content-type": CLOUDEVENTS}
    )
    assert answer.status_code == 202
    assert len(answer.json()["items"]) == KNOWN
    assert "refused" not in {item["outcome"] for item in answer.json()["items"]}

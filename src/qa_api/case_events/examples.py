"""What case events and the answers to them look like, for readers of the contract."""

from typing import Final

from pydantic import JsonValue

_GATE_ID: Final = "019ab2c4-7d20-7c3b-9f0e-4a1b2c3d4e5f"
_EVENT_ID: Final = "019ab2c4-7d1e-7aa0-8a52-5b0e6c1f2d33"
_OUTCOME: Final[dict[str, JsonValue]] = {
    "ref": "C-88121",
    "outcome": "gate_opened",
    "gate_id": _GATE_ID,
}

RECEIPT: Final[dict[str, JsonValue]] = {
    "event_id": _EVENT_ID,
    "id": "8f0d3a52-ev-1",
    "outcome": "gate_opened",
    "outcomes": [_OUTCOME],
}

BATCH: Final[dict[str, JsonValue]] = {
    "items": [
        {"position": 0, "errors": [], **RECEIPT},
        {
            "position": 1,
            "event_id": None,
            "id": None,
            "outcome": "refused",
            "outcomes": [],
            "errors": [
                {"pointer": "/1/data/source_version", "code": "missing", "detail": "Required."}
            ],
        },
    ]
}

EVENT: Final[dict[str, JsonValue]] = {
    "event_id": _EVENT_ID,
    "id": "8f0d3a52-ev-1",
    "system": "mosaic",
    "type": "case.closure_proposed.v1",
    "episode_id": "EP-20417",
    "source_version": 1,
    "occurred_at": "2026-11-23T09:29:58Z",
    "received_at": "2026-11-23T09:30:00Z",
    "parked": False,
    "conflicting": False,
    "outcomes": [_OUTCOME],
    "parked_reason": None,
    "reason_text": None,
    "message": None,
    "conflicts": [],
}

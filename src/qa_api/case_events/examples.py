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

_ABOUT: Final[list[JsonValue]] = [{"ref": "C-88121", "role": "child"}]
_EPISODE: Final[dict[str, JsonValue]] = {"episode_id": "EP-20417", "subjects": _ABOUT}


def _message(type_: str, number: int, data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """An event of the case system: the first of this number, numbered as it is in its episode."""
    return {
        "specversion": "1.0",
        "id": f"8f0d3a52-ev-{number}",
        "source": "urn:mosaic",
        "type": type_,
        "time": f"2026-11-27T09:3{number}:00Z",
        "datacontenttype": "application/json",
        "data": data | {"source_version": number, "occurred_at": f"2026-11-27T09:3{number}:00Z"},
    }


PROPOSED: Final[dict[str, JsonValue]] = {
    "specversion": "1.0",
    "id": "8f0d3a52-ev-1",
    "source": "urn:mosaic",
    "type": "case.closure_proposed.v1",
    "time": "2026-11-23T09:30:00Z",
    "datacontenttype": "application/json",
    "data": {
        "episode_id": "EP-20417",
        "subjects": [{"ref": "C-88121", "role": "child", "born_on": "2015-03-09"}],
        "source_version": 1,
        "occurred_at": "2026-11-23T09:29:58Z",
        "closure": {"date": "2026-11-27", "reason_code": "RC1"},
        "worker": "sw1-lincoln-fast",
        "team": "lincoln-fast",
    },
}
CANCELLED: Final = _message("case.closure_cancelled.v1", 2, _EPISODE)
CLOSED: Final = _message(
    "case.closed.v1",
    3,
    {
        "episode_id": "EP-20417",
        "subjects": [{"ref": "C-88121", "role": "child", "died_on": "2026-11-25"}],
        "closure": {
            "date": "2026-11-27",
            "reason_code": "RC9",
            "reason_text": "He died in hospital after his illness.",
        },
    },
)
REOPENED: Final = _message("case.reopened.v1", 4, _EPISODE)
ALLOCATED: Final = _message(
    "allocation.changed.v1",
    5,
    {
        "episode_id": "EP-20417",
        "subjects": _ABOUT,
        "allocation": {"worker": "SmithJ", "team": "FAST-B", "from": "2026-11-27"},
    },
)
RESTRICTED: Final = _message(
    "record.restricted.v1",
    6,
    {
        "episode_id": "EP-20417",
        "subjects": _ABOUT,
        "restriction": {"kind": "staff", "on": True},
    },
)
MERGED: Final = _message("person.merged.v1", 7, {"merge": {"from": "C-88121", "into": "C-70002"}})
UNKNOWN: Final = _message("visit.recorded.v1", 8, {"visit": "V-3311"})

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

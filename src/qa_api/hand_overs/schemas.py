"""What goes into and comes out of the routes of hand-overs."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.rules.hand_over import HandedKind, HandOverBecause, HandOverKind, StaysBecause
from qa_api.rules.states import HandOverState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Many,
    Output,
    Uuid,
    Version,
)


class HandOverIn(Input):
    """Whose open work is handed over, to whom, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from_worker": "sw1-lincoln-fast",
                    "to_workers": ["sw2-lincoln-fast"],
                    "because": "leaves",
                },
                {
                    "from_worker": "au-1",
                    "to_workers": ["au-2", "ps-lincoln-fast"],
                    "kinds": ["audit", "moderation"],
                    "because": "away",
                },
            ]
        }
    )

    from_worker: Code
    to_workers: Annotated[list[Code], Field(min_length=1, max_length=10)]
    """One or several; what can go to each of several is shared out evenly."""
    kinds: Annotated[list[Choice[HandOverKind]], Field(min_length=1, max_length=4)] | None = None
    """Only these kinds; without it everything that can move."""
    because: Choice[HandOverBecause]


class NotTakenOut(Output):
    """Somebody of those named who may not take a thing, and why."""

    taker: Code
    detail: Annotated[str, Field(max_length=400)]


class HandOverItemOut(Output):
    """One open thing: to whom it goes, or why it stays where it is."""

    kind: HandedKind
    path: Annotated[str, Field(max_length=200)]
    """Where the thing itself is read."""
    due_on: IsoDate | None
    goes_to: Code | None
    """Who has it once the hand-over is accepted; null if it stays."""
    stays_because: StaysBecause | None
    detail: Annotated[str, Field(max_length=400)] | None
    """Why it stays, in words; null if it goes."""
    passed_over: Few[NotTakenOut]
    """Who of those named may not take it."""
    subject: SubjectOut | None
    """The child or carer household that it is about, if you may see that today."""


_EXAMPLE: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
    "state": "proposed",
    "from_worker": "sw1-lincoln-fast",
    "to_workers": ["sw2-lincoln-fast"],
    "kinds": ["action", "audit", "moderation", "response"],
    "because": "leaves",
    "proposed_by": "tm-lincoln-fast",
    "proposed_at": "2026-11-27T10:15:00.000000Z",
    "accepted_at": None,
    "items": [
        {
            "kind": "response",
            "path": "/v1/audit-responses/0199d1f0-7c1b-7000-8000-0000000000b1",
            "due_on": "2026-12-04",
            "goes_to": "sw2-lincoln-fast",
            "stays_because": None,
            "detail": None,
            "passed_over": [],
            "subject": {
                "id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
                "kind": "child",
                "system": "mosaic",
                "ref": "C-1001",
            },
        },
        {
            "kind": "action",
            "path": "/v1/restorative-actions/0199d1f0-7c1b-7000-8000-0000000000b2",
            "due_on": None,
            "goes_to": None,
            "stays_because": "follows_case",
            "detail": "It has no named owner and follows the case: whoever holds the case has it"
            " today.",
            "passed_over": [],
            "subject": None,
        },
    ],
    "allowed_actions": ["accept"],
    "version": 1,
}


class HandOverOut(Output):
    """What of somebody's open work goes to whom, and what stays and why.

    It tells of what you may hand over: as Quality & Standards of everything, as a manager of your
    own teams' work. Nothing moves before it is accepted. A new holder reads their own part of it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: Uuid
    state: HandOverState
    from_worker: Code
    to_workers: Few[Code]
    kinds: Few[HandOverKind]
    because: HandOverBecause
    proposed_by: Code
    proposed_at: Instant
    accepted_at: Instant | None
    items: Many[HandOverItemOut]
    allowed_actions: Few[Annotated[str, Field(max_length=60)]]
    version: Version

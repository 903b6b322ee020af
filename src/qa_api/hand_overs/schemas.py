"""What goes into and comes out of the routes of hand-overs."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.me.schemas import WorkKind
from qa_api.rules.hand_over import (
    HandedKind,
    HandOverBecause,
    HandOverKind,
    Overtaken,
    Seal,
    StaysBecause,
)
from qa_api.rules.moderation import Unsealed
from qa_api.rules.states import HandOverState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Output,
    Several,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery


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
    away_from: IsoDate | None
    """The first day to come on which they will be away or have left, where that is on or before
    the due date, or it has none. They can be given it all the same. Null once it is decided."""
    stays_because: StaysBecause | None
    detail: Annotated[str, Field(max_length=400)] | None
    """Why it stays, in words; of a second grade that goes, what comes of its seal."""
    sealing: Seal | None
    """Whether the pair is sealed with its new moderator; null of all but an audit to moderate that
    goes. What is said here is carried out, or nothing is."""
    unsealed_because: Unsealed | None
    """Why the pair is not sealed with them; null where it is, and of all other things."""
    passed_over: Few[NotTakenOut]
    """Who of those named may not take it."""
    subject: SubjectOut | None
    """The child or carer household that it is about, if you may see that today."""


class SharedWorkOut(Output):
    """How many things of a kind wait for them because they are one of several who can do them."""

    kind: WorkKind
    things: Count
    """How many things of this kind wait."""


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
    "withdrawn_at": None,
    "withdrawn_by": None,
    "overtaken": [],
    "shared": [{"kind": "assign", "things": 2}],
    "items": [
        {
            "kind": "response",
            "path": "/v1/audit-responses/0199d1f0-7c1b-7000-8000-0000000000b1",
            "due_on": "2026-12-04",
            "goes_to": "sw2-lincoln-fast",
            "away_from": "2026-12-01",
            "stays_because": None,
            "detail": None,
            "sealing": None,
            "unsealed_because": None,
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
            "away_from": None,
            "stays_because": "follows_case",
            "detail": "It has no named owner and follows the case: whoever holds the case has it"
            " today.",
            "sealing": None,
            "unsealed_because": None,
            "passed_over": [],
            "subject": None,
        },
        {
            "kind": "moderation",
            "path": "/v1/moderation-samples/0199d1f0-7c1b-7000-8000-0000000000b3/outcomes"
            "/0199d1f0-7c1b-7000-8000-0000000000b4",
            "due_on": None,
            "goes_to": "sw2-lincoln-fast",
            "away_from": "2026-12-01",
            "stays_because": None,
            "detail": "It becomes unsealed. This person has read the auditor's judgement.",
            "sealing": "becomes_unsealed",
            "unsealed_because": "has_read",
            "passed_over": [],
            "subject": None,
        },
    ],
    "allowed_actions": ["accept", "withdraw"],
    "version": 1,
}


class HandOverRow(Output):
    """A hand-over in a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
                    "state": "proposed",
                    "from_worker": "sw1-lincoln-fast",
                    "to_workers": ["sw2-lincoln-fast"],
                    "because": "leaves",
                    "proposed_by": "tm-lincoln-fast",
                    "proposed_at": "2026-11-27T10:15:00.000000Z",
                    "accepted_at": None,
                    "withdrawn_at": None,
                    "overtaken": ["no_longer_theirs"],
                    "goes": 7,
                    "stays": 2,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    state: HandOverState
    from_worker: Code
    to_workers: Few[Code]
    because: HandOverBecause
    proposed_by: Code
    proposed_at: Instant
    accepted_at: Instant | None
    withdrawn_at: Instant | None
    overtaken: Few[Overtaken]
    """Why it cannot be carried out as things are today; none of one that is decided."""
    goes: Count
    """How many things go, of those that you may read of."""
    stays: Count
    """How many things stay where they are."""
    version: Version


class HandOverQuery(PageQuery):
    """The filters of the list of hand-overs. Half-open: `proposed_to` is out."""

    state: Several[Choice[HandOverState]] | None = None
    """Only in this state, or in one of several."""
    from_worker: Several[Code] | None = None
    """Only of this person's work, or of one of several, by worker code."""
    to_worker: Code | None = None
    """Only where this person was named to take over, by worker code."""
    proposed_by: Several[Code] | None = None
    """Only what this person proposed, or one of several, by worker code."""
    proposed_from: IsoDate | None = None
    """Only what was proposed on this London date or later."""
    proposed_to: IsoDate | None = None
    """Only what was proposed before this London date."""


class HandOverOut(Output):
    """What of somebody's open work goes to whom, and what stays and why.

    It tells of what you may hand over: as Quality & Standards of everything, as a manager of your
    own teams' work. Everything is named for which they stand by name or by post. Nothing moves
    before it is accepted. It does not expire: what has changed meanwhile is found when it is
    accepted. A new holder reads their own part of it.
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
    withdrawn_at: Instant | None
    withdrawn_by: Code | None
    overtaken: Few[Overtaken]
    """Why it cannot be carried out as things are today, as far as you may see what it is about.
    Make a new one and withdraw it; until then it stays in the work of who proposed it. What came
    to them since is found when it is accepted. None of one that is decided."""
    shared: Few[SharedWorkOut] | None
    """What waits for them as one of several who can do it: it stays in the others' lists, or falls
    to Quality & Standards. Nothing of a restricted record is counted. Null for a new holder, who
    reads their own part alone."""
    items: Annotated[list[HandOverItemOut], Field(max_length=10_000)]
    allowed_actions: Few[Annotated[str, Field(max_length=60)]]
    version: Version

"""What the routes of case events answer; what case systems send is in `messages`."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from qa_api.case_events import examples
from qa_api.closure_gates.episodes import Outcome
from qa_api.values.fields import (
    Bounded,
    Choice,
    Code,
    Count,
    Few,
    Instant,
    Key,
    Name,
    Output,
    QueryFlag,
    Reference,
    ShortText,
    Uuid,
)
from qa_api.values.pages import PageQuery


class SubjectOutcome(Output):
    """What an event did about one subject that it names, in the event's order."""

    ref: Reference
    outcome: Outcome
    gate_id: Uuid | None


class CaseEventReceipt(Output):
    """The answer to an event. A repeat carries the outcomes of the first time."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RECEIPT]})

    event_id: Uuid
    """Our id; the event can be read under it."""
    id: Name
    """The sender's id."""
    outcome: Outcome
    """The gravest of the outcomes; `duplicate` or `conflicting` where the id came before."""
    outcomes: Few[SubjectOutcome]


class Fault(Output):
    """What is wrong with a member of a batch: where, as a pointer into the batch."""

    pointer: Annotated[str, Field(max_length=500)]
    code: Key
    detail: ShortText


class BatchItem(Output):
    """The answer to one member of a batch; a refused one has no `event_id` but `errors`."""

    position: Count
    event_id: Uuid | None
    id: Name | None
    outcome: Outcome
    outcomes: Few[SubjectOutcome]
    errors: Annotated[list[Fault], Field(max_length=100)]


class BatchReceipt(Output):
    """The answers to a batch, one for each member, in its order."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH]})

    items: Annotated[list[BatchItem], Field(max_length=100)]


class CaseEventRow(Output):
    """An event in a list."""

    event_id: Uuid
    id: Name
    """The sender's id."""
    system: Code
    type: Name
    episode_id: Reference | None
    source_version: Annotated[int, Bounded(0, 2**53 - 1)] | None
    occurred_at: Instant | None
    received_at: Instant
    parked: bool
    conflicting: bool
    """Whether other data came under the same id; the first stands."""
    outcomes: Few[SubjectOutcome]


class ConflictOut(Output):
    """A second event under the same id with other data, as it came."""

    id: Uuid
    received_at: Instant
    message: dict[str, Any]


class CaseEventOut(CaseEventRow):
    """One event. What it said, and what conflicts with it, is for Quality & Standards."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVENT]})

    parked_reason: Key | None
    reason_text: Annotated[str, Field(max_length=2**20)] | None
    """Why the case closes, in the words of its worker, cleaned for showing: line ends are LF, there
    are no control characters; null where nothing is left to read."""
    message: dict[str, Any] | None
    """The CloudEvent as it came."""
    conflicts: Few[ConflictOut]


class CaseEventQuery(PageQuery):
    """The filters of the list of events."""

    system: Code | None = None
    """Only from this case system, by the code it is registered with."""
    type: Name | None = None
    """Only events of this type, like `case.closed.v1`."""
    episode_id: Reference | None = None
    """Only of this episode of the case system."""
    parked: QueryFlag | None = None
    """`true`: only what waits for something it needs; `false`: only what does not."""
    conflicting: QueryFlag | None = None
    """`true`: only what came again with other data; `false`: only what did not."""
    outcome: Choice[Outcome] | None = None
    """Only what had this outcome, at first or later."""

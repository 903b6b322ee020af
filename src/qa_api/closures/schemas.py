"""What comes out of the closure routes, and what people put in; case systems' messages aside."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from qa_api.closures import examples
from qa_api.rules.states import GateState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Bounded,
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Name,
    Output,
    QueryFlag,
    Reference,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

NOT_PROPOSED: Final = "not_proposed"


class Outcome(StrEnum):
    """What an event did, the gravest first; a whole event is answered with its gravest."""

    CLOSED_WITHOUT_AUDIT = "closed_without_audit"
    GATE_OPENED = "gate_opened"
    GATE_CHANGED = "gate_changed"
    APPLIED = "applied"
    NO_CHANGE = "no_change"
    PARKED = "parked"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


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
    type: Annotated[
        Name | None, Field(description="Only events of this type, like `case.closed.v1`.")
    ] = None
    episode_id: Reference | None = None
    parked: QueryFlag | None = None
    conflicting: QueryFlag | None = None
    outcome: Choice[Outcome] | None = None


Waits = Annotated[list[ShortText], Field(max_length=10)]
"""What the gate waits for, in words: `closure audit`, `actions needed before closure`, ..."""


class GateAnswer(Output):
    """May the case close?"""

    id: Uuid
    system: Code
    episode_id: Reference
    state: GateState
    may_close: bool
    waits_for: Waits
    audit_id: Uuid | None
    """The closure audit that counts."""
    closure_on: IsoDate | None
    reason_code: Name | None
    opened_at: Instant
    cleared_at: Instant | None
    closed_at: Instant | None


class ExplainedGateAnswer(GateAnswer):
    """May the case close, and why?"""

    explanation: ExplanationOut


class SubjectGate(Output):
    """What the gates of a subject answer now: the one that holds the closing back comes first.

    `state` and `may_close` are that gate's, so that the case may close only where every current
    gate says so. Without a gate the state is `not_proposed`, and nothing may close.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUBJECT_GATE]})

    id: Uuid | None
    system: Code
    ref: Reference
    episode_id: Reference | None
    state: GateState | Literal["not_proposed"]
    may_close: bool
    waits_for: Waits
    audit_id: Uuid | None
    explanation: ExplanationOut | None
    """Of the gate that holds the closing back; null where there is none to explain."""
    gates: Few[ExplainedGateAnswer]


class GateRow(GateAnswer):
    """A gate in a list."""

    cycle: Version
    """Which closing of the episode it is about."""
    current: bool
    """Whether it answers for its episode now; a reopened case has left its gate behind."""
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    override_requested_at: Instant | None
    restricted: bool
    version: Version


class GateOut(GateRow):
    """One gate. Case systems are told no free text."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.GATE]})

    policy_version: Version
    override_requested_by: Code | None
    override_reason: Text | None
    override_approved_by: Code | None
    override_approved_at: Instant | None
    override_withdrawn_by: Code | None
    override_withdrawn_at: Instant | None
    """Since then the override counts no more."""
    override_withdrawal_reason: Text | None
    reopened_by: Code | None
    reopened_at: Instant | None
    reopen_reason: Text | None
    explanation: ExplanationOut
    allowed_actions: Few[Key]


class GateQuery(PageQuery):
    """The filters of the list of gates."""

    system: Code | None = None
    episode_id: Reference | None = None
    state: Choice[GateState] | None = None
    team: Code | None = None
    service: Code | None = None
    worker: Code | None = None
    subject: AboutSubject | None = None
    audited: QueryFlag | None = None
    exempt: QueryFlag | None = None
    closed_from: IsoDate | None = None
    closed_to: IsoDate | None = None
    may_close: QueryFlag | None = None
    current: QueryFlag | None = None


class SubjectGateQuery(Input):
    """Which episode is asked about; all if it is left out."""

    episode_id: Reference | None = None


class WhyIn(Input):
    """Why the gate is to be overridden, its override withdrawn, or the gate reopened (C5)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "The family moved abroad; the receiving service was told."}]
        }
    )

    reason: Text

"""What the gate routes answer, and what people put in."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from qa_api.closure_gates import examples
from qa_api.rules.states import GateState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Name,
    Output,
    QueryFlag,
    Reference,
    Several,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import ChangesQuery

NOT_PROPOSED: Final = "not_proposed"


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
    """Why the gate holds the closing back; null where there is none to explain."""
    gates: Few[ExplainedGateAnswer]


class GateRow(GateAnswer):
    """A gate in a list."""

    cycle: Version
    """Which closing of the episode it is about; the first is 1."""
    current: bool
    """Whether it is the gate of its episode now; the gate of an earlier closing is not."""
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    override_requested_at: Instant | None
    changed_at: Instant
    """When it was last written: a step, an edit, a new holder of the case."""
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
    """When the override was withdrawn; it has not counted since."""
    override_withdrawal_reason: Text | None
    reopened_by: Code | None
    reopened_at: Instant | None
    reopen_reason: Text | None
    explanation: ExplanationOut
    allowed_actions: Few[Key]


class GateQuery(ChangesQuery):
    """The filters of the list of gates."""

    system: Code | None = None
    """Only of this case system, by the code it is registered with."""
    episode_id: Reference | None = None
    """Only of this episode of the case system."""
    state: Several[Choice[GateState]] | None = None
    """Only in this state, or in one of several."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Several[Code] | None = None
    """Only where this worker holds the case, or one of several, by code."""
    supervisor: Code | None = None
    """Only where somebody whom this worker supervises today holds the case, by code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    audited: QueryFlag | None = None
    """`true`: only closures with a prior audit; `false`: only those without."""
    exempt: QueryFlag | None = None
    """`true`: only closures that needed no audit; `false`: only those that did."""
    closed_from: IsoDate | None = None
    """Only what was closed on this London date or later."""
    closed_to: IsoDate | None = None
    """Only what was closed before this London date."""
    may_close: QueryFlag | None = None
    """`true`: only where the case may close; `false`: only where it may not."""
    current: QueryFlag | None = None
    """`true`: only gates that count for their episode now; `false`: those of earlier closings."""


class SubjectGateQuery(Input):
    """Which episode is asked about; all if it is left out."""

    episode_id: Reference | None = None
    """Only of this episode of the case system."""


class WhyIn(Input):
    """Why the gate is to be overridden, its override withdrawn, or the gate reopened (C5)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "The family moved abroad; the receiving service was told."}]
        }
    )

    reason: Text

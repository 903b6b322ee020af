"""What goes into and comes out of the escalation routes."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.escalations.examples import ESCALATION
from qa_api.rules.escalation import ChildSafeNow, EscalationTrigger, Hop, UrgentFindingKind
from qa_api.rules.routing import ActingAs
from qa_api.rules.states import EscalationState
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
    Output,
    QueryFlag,
    Several,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import ChangesQuery

Minutes = Annotated[int, Field(ge=0, le=2**31 - 1, json_schema_extra={"format": "int32"})]


class ActionsToBeTaken(Input):
    """What the team manager tells Quality & Standards will be done (§4.3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"actions_to_be_taken": "Visit today with the duty worker; strategy meeting at 3."}
            ]
        }
    )

    actions_to_be_taken: Text


class Resolution(Input):
    """How Quality & Standards saw it resolved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"resolution": "Visited, child safe, plan revised."}]}
    )

    resolution: Text


class Dispute(Input):
    """Why somebody disputes the escalation; it stays what it is, with this mark beside it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The visit of 12 November is on the record."}]}
    )

    reason: Text


class RecipientOut(Output):
    """A team that is asked, and who was told for it: its manager, or who acts for them.

    It is addressed to the post. Once somebody else acts, they are told, and `replaced_at` says
    since when the one told before no longer is.
    """

    recipient: Code | None
    """The worker who was told; null means the Quality & Standards team."""
    acts_as: ActingAs
    for_team: Code | None
    notified_at: Instant
    """When it was put in their list. Only `acknowledged_at` proves that it reached them."""
    replaced_at: Instant | None
    acknowledged_at: Instant | None
    acknowledged_by: Code | None
    acknowledged_as: ActingAs | None
    """As what they acknowledged it; `acts_as` is about whoever was told."""


class HopOut(Output):
    """One of the two hops: by when it is due, when it was proved, and how long that took."""

    hop: Hop
    due_at: Instant | None
    """The instant by which it is due; null while the calendar does not reach it."""
    done_at: Instant | None
    minutes: Minutes | None
    """Whole minutes from the raising to the proof."""
    overdue: bool


class EscalatedFinding(Output):
    """The urgent finding as its auditor raised it; the rest of a draft stays the auditor's."""

    kind: UrgentFindingKind
    description: Text
    child_safe_now: ChildSafeNow
    raised_at: Instant


class EscalationExplanation(Output):
    """Why it was raised, and how its two deadlines were counted."""

    raised: ExplanationOut
    acknowledge_by: ExplanationOut
    inform_by: ExplanationOut


class EscalationRow(Output):
    """An escalation in a list."""

    id: Uuid
    trigger: EscalationTrigger
    state: EscalationState
    subject: SubjectOut | None
    team: Code | None
    audit_id: Uuid | None
    finding_id: Uuid | None
    gate_id: Uuid | None
    raised_at: Instant
    changed_at: Instant
    """When it was last written: a step, an edit, a new holder of the case."""
    acknowledge_by: Instant | None
    inform_by: Instant | None
    overdue: bool
    calendar_unknown: bool
    """One of the two lies past the end of the working calendar: it is null and open, its
    explanation says so, and it is counted when the calendar reaches further. Act at once."""
    disputed: bool
    restricted: bool
    version: Version


class EscalationOut(EscalationRow):
    """One escalation, with its proofs."""

    model_config = ConfigDict(json_schema_extra={"examples": [ESCALATION]})

    worker: Code | None
    finding: EscalatedFinding | None
    """What was found; null where something else than an urgent finding was escalated."""
    recipients: Few[RecipientOut]
    hops: Few[HopOut]
    notified_at: Instant | None
    acknowledged_at: Instant | None
    quality_standards_informed_at: Instant | None
    informed_by: Code | None
    actions_to_be_taken: Text | None
    resolved_at: Instant | None
    resolved_by: Code | None
    resolution: Text | None
    disputed_at: Instant | None
    disputed_by: Code | None
    dispute_reason: Text | None
    policy_version: Version
    calendar_version: Version
    explanation: EscalationExplanation
    allowed_actions: Few[Key]


class EscalationQuery(ChangesQuery):
    """The filters of the list of escalations."""

    state: Several[Choice[EscalationState]] | None = None
    """Only in this state, or in one of several."""
    trigger: Several[Choice[EscalationTrigger]] | None = None
    """Only with this trigger, or with one of several."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    audit: Uuid | None = None
    """Only of this audit."""
    gate: Uuid | None = None
    """Only about this closure gate."""
    audit_type: Code | None = None
    """Only of audits of this type, by code."""
    acknowledged: QueryFlag | None = None
    """`true`: only what a manager acknowledged; `false`: only what none has."""
    informed: QueryFlag | None = None
    """`true`: only what Quality & Standards was told of; `false`: only what it was not."""
    raised_from: IsoDate | None = None
    """Only what was raised on this London date or later."""
    raised_to: IsoDate | None = None
    """Only what was raised before this London date."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    calendar_unknown: QueryFlag | None = None
    """`true`: only what has a date past the calendar's end; `false`: the rest."""
    disputed: QueryFlag | None = None
    """`true`: only what is disputed; `false`: only what is not."""

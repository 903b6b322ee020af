"""What a record says of an audit: its answers, its actions, its response, its moderation."""

from typing import Annotated

from pydantic import Field

from qa_api.values.fields import (
    Code,
    Few,
    Instant,
    IsoDate,
    Key,
    Many,
    Number,
    Output,
    Uuid,
    Version,
)
from qa_api.values.text import Formed

Words = Annotated[str, Field(max_length=100_000)]
"""What somebody wrote, or `[redacted: reason]` in its place."""

Label = Annotated[str, Field(max_length=4_000)]
"""What a code means, in the words of the authority's catalogue or directory."""

WordingKey = Annotated[
    str,
    Formed(
        r"^[a-z0-9_]{1,80}$",
        "Only small letters, digits and underscores, 80 at most.",
        most=80,
    ),
]


class RecordedAnswer(Output):
    """A question of the tool as it was asked, and its answer."""

    domain: Label
    question_key: Key
    question: Label
    answer_kind: Key
    value: Words | Number | None
    value_label: Label | None
    """The label on the scale, where the answer is a judgement; null where it is none."""
    evidence: Words | None
    rationale: Words | None
    comment: Words | None
    done_on: IsoDate | None
    expected_by: IsoDate | None


class RecordedJudgement(Output):
    """How a domain was judged, and why."""

    domain_key: Key
    domain: Label
    judgement: Key
    label: Label
    rationale: Words


class RecordedContact(Output):
    """One contact with the child, young person or family, or an attempt at one."""

    number: Version
    who: Words
    how: Words
    at: Instant
    outcome: Key
    feedback: Words | None


class RecordedFamilyContact(Output):
    """What the family was asked and what they said (R4.1.4)."""

    expected: bool
    not_expected_reason: Words | None
    key_worker_forewarned: bool | None
    contact_details_checked: bool | None
    contacts: Few[RecordedContact]


class RecordedOwnView(Output):
    """What the worker wrote themselves about the audit of their work (R4.1.9)."""

    view: Words | None
    written_at: Instant


class RecordedWorkerView(Output):
    """The worker's own view (R4.1.9)."""

    view: Words
    recorded_at: Instant


class RecordedAction(Output):
    """What was to be put right, and whether it made a difference (R4.2.6)."""

    id: Uuid
    kind: Key
    description: Words
    state: Key
    needed_before_closure: bool
    owner: Code | None
    due_on: IsoDate | None
    first_promised_on: IsoDate | None
    how: Words | None
    done_on: IsoDate | None
    done_by: Code | None
    verified_at: Instant | None
    verified_by: Code | None
    made_a_difference: bool | None
    verification_note: Words | None
    not_achieved_reason: Words | None
    cancel_reason: Words | None


class RecordedItem(Output):
    """How one action was addressed in a round of the response."""

    action_id: Uuid
    how: Words
    done_on: IsoDate | None
    finish_on: IsoDate | None
    reason_not_immediate: Words | None


class RecordedRound(Output):
    """One submission of the response and its review."""

    number: Version
    due_on: IsoDate | None
    submitted_at: Instant | None
    submitted_by: Code | None
    reviewed_at: Instant | None
    reviewed_by: Code | None
    outcome: Key | None
    reasons: Words | None
    items: Few[RecordedItem]


class RecordedResponse(Output):
    """The response to the audit (§4.2)."""

    state: Key
    notified_at: Instant | None
    due_on: IsoDate | None
    adequate_at: Instant | None
    rounds: Few[RecordedRound]


class RecordedFinding(Output):
    """An urgent finding of the auditor (§4.3)."""

    id: Uuid
    kind: Key
    description: Words
    child_safe_now: Key | None
    raised_at: Instant


class RecordedWording(Output):
    """What one part of an audit said before it was amended: a judgement, an answer, the praise."""

    key: WordingKey
    """`overall`, `positive_feedback`, `judgement_` and a domain, `answer_` and a question."""
    about: Label
    judgement: Key | None
    label: Label | None
    value: Words | Number | None
    text: Words | None
    evidence: Words | None
    rationale: Words | None
    comment: Words | None
    done_on: IsoDate | None
    expected_by: IsoDate | None


class RecordedRevision(Output):
    """That a completed audit was amended, why, and what the parts said that were changed."""

    number: Version
    reason: Words
    replaced_at: Instant
    replaced_by: Code | None
    earlier: Many[RecordedWording]


class RecordedLearning(Output):
    """What somebody was to learn or change because the audit was moderated (R4.5.5)."""

    id: Uuid
    description: Words
    state: Key
    owner: Code | None
    due_on: IsoDate
    done_on: IsoDate | None
    how: Words | None
    verified_at: Instant | None
    verified_by: Code | None
    made_a_difference: bool | None
    verification_note: Words | None
    not_achieved_reason: Words | None
    cancel_reason: Words | None


class RecordedModeratedDomain(Output):
    """What a moderator found of one domain, beside the auditor's judgement of it."""

    domain_key: Key
    domain: Label
    auditor_judgement: Key
    auditor_label: Label
    moderated_judgement: Key
    moderated_label: Label
    moderated_rationale: Words
    consensus_judgement: Key | None
    """What auditor and moderator agreed on; null where they agreed on nothing."""
    consensus_label: Label | None
    consensus_rationale: Words | None


class RecordedModeration(Output):
    """What a moderator found in the audit, beside its auditor's judgement.

    The overall judgements are null where the auditor judged the domains alone.
    """

    id: Uuid
    moderated_at: Instant
    moderated_by: Code | None
    auditor_judgement: Key | None
    auditor_label: Label | None
    moderated_judgement: Key | None
    moderated_label: Label | None
    moderated_rationale: Words | None
    quality: Words | None
    analysis: Words | None
    themes: Words | None
    observations: Words | None
    contribution_to_impact: Words | None
    action_plan_comments: Words | None
    feedback_to_auditor: Words | None
    consensus_judgement: Key | None
    """What auditor and moderator agreed on; null where they agreed on nothing."""
    consensus_label: Label | None
    consensus_rationale: Words | None
    domains: Few[RecordedModeratedDomain]
    """The domains that were moderated, in the order of the tool."""
    learning_actions: Few[RecordedLearning]


class RecordedAudit(Output):
    """A completed audit with all that it says and all that followed from it."""

    id: Uuid
    type: Code
    type_name: Label
    state: Key
    revision: Version
    re_audit_of: Uuid | None
    completed_at: Instant
    completed_on: IsoDate
    closed_at: Instant | None
    auditor: Code | None
    audited_worker: Code | None
    audited_team: Code | None
    audited_team_name: Label | None
    overall_judgement: Key | None
    """The overall judgement; null where the domains alone were judged."""
    overall_label: Label | None
    overall_rationale: Words | None
    positive_feedback: Words | None
    paper_records_read: Words | None
    judgements: Few[RecordedJudgement]
    answers: Many[RecordedAnswer]
    family_contact: RecordedFamilyContact | None
    worker_view: RecordedWorkerView | None
    own_view: RecordedOwnView | None
    """What the worker wrote about it themselves, once they had been told."""
    urgent_findings: Few[RecordedFinding]
    actions: Few[RecordedAction]
    response: RecordedResponse | None
    discussed_in_supervision_on: IsoDate | None
    revisions: Few[RecordedRevision]
    moderations: Few[RecordedModeration]
    """Once the sample is closed; until then its outcomes can still change."""

"""The events of moderation (§4.5)."""

from uuid import UUID

from qa_api.events.event import Event


class ModerationSampleDrawn(Event):
    """A sample of completed audits was drawn for moderation (R4.5.1)."""

    type = "moderation_sample.drawn"
    sent = True

    group: str | None
    period: str
    population_hash: str
    outcome_ids: tuple[UUID, ...]


class ModerationSampleClosed(Event):
    """A sample is moderated no longer: its outcomes stand."""

    type = "moderation_sample.closed"


class ModeratorAssigned(Event):
    """A drawn audit was given to a moderator (R4.5.2).

    Who had it before, and whether it was sealed from them: what they read meanwhile showed them
    no judgement (R4.5.3).
    """

    type = "moderation_outcome.assigned"

    sample_id: UUID
    moderator: str
    moderator_before: str | None
    sealed_before: bool


class ModerationOutcomeRecorded(Event):
    """A moderator recorded the outcome beside the auditor's judgement (R4.5.3).

    `judgement` is that of the whole; None where the auditor judged the domains alone.
    """

    type = "moderation_outcome.recorded"

    sample_id: UUID
    audit_id: UUID
    judgement: str | None


class ConsensusProposed(Event):
    """Auditor or moderator proposed what the two may agree on, after both had judged (R4.5.3).

    `judgement` is that of the whole; None where the auditor judged the domains alone.
    """

    type = "moderation_outcome.consensus_proposed"

    sample_id: UUID
    audit_id: UUID
    judgement: str | None


class ConsensusAgreed(Event):
    """The other of the two agreed: it stands as a third value."""

    type = "moderation_outcome.consensus_agreed"

    sample_id: UUID
    audit_id: UUID


class LearningActionSet(Event):
    """Moderation set somebody a learning action (R4.5.5)."""

    type = "learning_action.set"

    outcome_id: UUID
    owner: str


class LearningActionMoved(Event):
    """A learning action was done, verified, found not achieved or cancelled."""

    type = "learning_action.moved"

    state: str

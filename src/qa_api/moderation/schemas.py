"""What goes into and comes out of the moderation routes."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.audits.content_schemas import KeyedJudgementIn
from qa_api.rules.moderation import Relation, Unsealed
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.sampling import Exclusion
from qa_api.rules.states import LearningActionState, SampleState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Output,
    QueryFlag,
    Sha256,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.periods import AskedPeriod, Period

Drawn = Annotated[list[Uuid], Field(max_length=1_000)]


class NewSample(Input):
    """What to draw from: a group's audits of a period, or those of auditors in no group.

    Without a period it is the month before this one, or the quarter where the policy moderates
    quarterly. One that is named is over, and not before your first audit was completed.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"group": "a", "period": "2026-10"}, {"group": None}]}
    )

    group: Code | None
    period: AskedPeriod | None = None


class SampleRow(Output):
    """A moderation sample in a list."""

    id: Uuid
    group: Code | None
    period: Period
    starts_on: IsoDate
    ends_before: IsoDate
    state: SampleState
    second_grade: SecondGrade
    """As the policy said at the draw; a later policy does not change it."""
    drawn_at: Instant
    closed_at: Instant | None
    version: Version


class MemberOut(Output):
    """A completed audit of the population, as it was at the draw."""

    audit_id: Uuid
    audit_type: Code
    audited_team: Code | None
    exclusion: Exclusion | None
    """Why it could not be drawn."""
    stratum: ShortText | None
    drawn: bool


class StratumOut(Output):
    """A part of the population that the sample is spread over."""

    stratum: ShortText
    population: Count
    drawn: Count


class DrawnOut(Output):
    """A drawn audit and how far its moderation is."""

    audit_id: Uuid
    position: Count
    audit_type: Code
    auditor: Code
    moderator: Code | None
    relation_to_auditor: Relation | None
    sealed: bool
    unsealed_because: Unsealed | None
    moderated_at: Instant | None


class SampleOut(SampleRow):
    """A whole sample: from what it was drawn, how, and what was drawn.

    Counts and lists show what the caller may see. What is said of the whole population is null for
    those who only moderate.
    """

    method: ShortText
    seed: ShortText | None
    """What the lot was drawn with. Null for those who only moderate, until the sample is closed:
    with it the order of the lot tells what was judged (R4.5.3)."""
    population_hash: Sha256 | None
    """SHA-256 of the whole population; null for those who do not oversee moderation."""
    policy_version: Version
    explanation: ExplanationOut | None
    """How the size of the sample was reckoned. Null also where it counts an audit that you may not
    see."""
    drawn_by: Code | None
    closed_by: Code | None
    population: Count | None
    """How many audits it was drawn from; null for those who only moderate."""
    exclusions: Annotated[list[MemberOut], Field(max_length=10_000)]
    strata: Annotated[list[StratumOut], Field(max_length=10_000)]
    moderating_teams: Few[Code]
    items: Annotated[list[DrawnOut], Field(max_length=1_000)]
    allowed_actions: Few[Key]


class SampleQuery(PageQuery):
    """The filters of the list of samples."""

    group: Code | None = None
    """Only of this auditor group, by code."""
    period: AskedPeriod | None = None
    """Only of this month (`2026-10`) or quarter (`2026-27 Q1`)."""
    state: Choice[SampleState] | None = None
    """Only in this state."""


class PopulationQuery(PageQuery):
    """The filters of a sample's population."""

    excluded: QueryFlag | None = None
    """`true`: only what could not be drawn; `false`: only what could."""
    drawn: QueryFlag | None = None
    """`true`: only what was drawn; `false`: only what was not."""


class RedrawOut(Output):
    """The draw made again from the stored population, beside what is on record."""

    sample_id: Uuid
    method: ShortText
    seed: ShortText | None
    """As the sample shows it to you: null for those who only moderate, until it is closed."""
    policy_version: Version
    population_hash: Sha256 | None
    """SHA-256 of what was drawn from, as it is stored; null for those who only moderate."""
    same_population: bool
    """Whether the stored population has the hash that was published at the draw."""
    drawn: Drawn
    """What is drawn now, in the order of the lot, as far as you may see it."""
    same_sample: bool
    """Whether it is what was drawn then, in the same order."""


class PopulationOf(PopulationQuery):
    """The population of one sample."""

    sample: Uuid


class OutcomeRow(Output):
    """A drawn audit in a list: its auditor's judgement and, beside it, the moderated one.

    While `judgement_sealed` is true the auditor's is null: you judge before you see it (R4.5.3).
    """

    id: Uuid
    sample_id: Uuid
    audit_id: Uuid
    position: Count
    subject: SubjectOut | None
    team: Code | None
    audit_type: Code
    completed_on: IsoDate
    auditor: Code
    auditor_team: Code | None
    scale_code: Code
    scale_number: Version
    judgement_sealed: bool
    """Whether the auditor's judgement is hidden from you until you have recorded yours."""
    auditor_judgement: Key | None
    moderated_judgement: Key | None
    moderator: Code | None
    relation_to_auditor: Relation | None
    sealed: bool
    """Whether the moderator judges, or judged, before they saw the auditor's judgement."""
    unsealed_because: Unsealed | None
    """Why it is not sealed; null where it is."""
    moderated_at: Instant | None
    consensus_judgement: Key | None
    consensus_agreed_at: Instant | None
    restricted: bool
    changed_at: Instant
    version: Version


class ModeratedDomainOut(Output):
    """A domain of the audit that carries a judgement: the auditor's, and beside it the others."""

    domain_key: Key
    auditor_judgement: Key | None
    auditor_rationale: Text | None
    moderated_judgement: Key | None
    moderated_rationale: Text | None
    consensus_judgement: Key | None
    consensus_rationale: Text | None


class LearningActionBrief(Output):
    """A learning action as its outcome shows it."""

    id: Uuid
    description: Text
    owner: Code
    due_on: IsoDate
    state: LearningActionState


class OutcomeOut(OutcomeRow):
    """One drawn audit with its whole outcome. The auditor's judgement is never overwritten."""

    audit_revision: Version
    auditor_rationale: Text | None
    quality: Text | None
    analysis: Text | None
    themes: Text | None
    observations: Text | None
    contribution_to_impact: Text | None
    moderated_rationale: Text | None
    action_plan_comments: Text | None
    feedback_to_auditor: Text | None
    moderated_by: Code | None
    domains: Few[ModeratedDomainOut]
    """Those that the auditor judged, by key; none in samples drawn before domains were kept."""
    consensus_rationale: Text | None
    consensus_proposed_at: Instant | None
    consensus_proposed_by: Code | None
    consensus_agreed_by: Code | None
    learning_actions: Few[LearningActionBrief]


class ModeratorIn(Input):
    """Who is to moderate.

    Somebody who has read the auditor's judgement, or must be able to, cannot judge sealed. They are
    refused with the reason while somebody is left who can, unless you ask for it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"moderator": "tm-adoption"},
                {"moderator": "ps-lincoln-fast", "unsealed": True},
            ]
        }
    )

    moderator: Code
    unsealed: bool = False
    """Whether it is to be this person even if the pair is not sealed then; the pair says so."""


class OutcomeIn(Input):
    """The outcome of moderating one audit, as a whole; it replaces an earlier one (R4.5.3).

    Of a sealed pair judgement and rationale are replaced no more once they are recorded.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quality": "Thorough; each answer has its evidence.",
                    "analysis": "Names the drift, not yet why it happened.",
                    "themes": "Management oversight.",
                    "observations": "The auditor read two files where the tool asks for one.",
                    "contribution_to_impact": "The child is seen alone again.",
                    "judgement": "requires_improvement",
                    "rationale": "Two statutory visits were late, and nobody asked why.",
                    "action_plan_comments": "The second action needs a date.",
                    "feedback_to_auditor": "Say what the family made of the plan.",
                    "domains": [
                        {
                            "domain_key": "voice_of_the_child",
                            "judgement": "good",
                            "rationale": "Her own words are on the file.",
                        }
                    ],
                }
            ]
        }
    )

    quality: Text
    analysis: Text
    themes: Text | None = None
    observations: Text | None = None
    contribution_to_impact: Text
    judgement: Key | None = None
    """Your judgement of the whole, with its rationale, where the auditor judged the whole; left out
    where they judged its domains alone."""
    rationale: Text | None = None
    action_plan_comments: Text | None = None
    feedback_to_auditor: Text | None = None
    domains: Few[KeyedJudgementIn] = Field(default_factory=list)
    """The domains that you judge as well, each with its rationale; the others are not moderated.
    Where the auditor judged no whole, you judge each domain that they judged."""


class ConsensusIn(Input):
    """What auditor and moderator agree on after each has seen the other's judgement (R4.5.3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "judgement": "requires_improvement",
                    "rationale": "The late visits weigh more than the good plan.",
                    "domains": [
                        {
                            "domain_key": "voice_of_the_child",
                            "judgement": "good",
                            "rationale": "Her own words are on the file.",
                        }
                    ],
                }
            ]
        }
    )

    judgement: Key | None = None
    """What you agree on of the whole, with its rationale, where the auditor judged the whole; left
    out where they judged its domains alone."""
    rationale: Text | None = None
    domains: Few[KeyedJudgementIn] = Field(default_factory=list)
    """The domains on which you agree as well, each with its rationale. Where the auditor judged no
    whole, at least one."""

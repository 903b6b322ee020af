"""Moderation, practice observations, plans and the Board's updates (§4.4 to §4.7)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_

from qa_api.models.aliases import aliased
from qa_api.models.board import QaUpdate
from qa_api.models.catalogue import AuditType
from qa_api.models.directory import AuditorGroup, Service, Team
from qa_api.models.inner import there_is
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.observations import LearningHighlight, PracticeObservation
from qa_api.models.planning import PlanExemption, PlanTeam, QuarterPlan, Theme
from qa_api.reporting.columns import (
    Dataset,
    Named,
    code,
    coded,
    day,
    flag,
    id_of,
    london_date,
    named,
    subject,
    unrestricted,
    whole,
    worker,
)
from qa_api.reporting.datasets.auditing import A_TEAM, TEAM, judged, of_standing_audit, scale

_QUARTER: Final = code("quarter", "The quarter of the financial year.", "2026-27 Q3")
_A_TYPE: Final = ("collaborative", "Collaborative audit")

MODERATION_SAMPLES: Final = Dataset(
    name="moderation-samples",
    entity=ModerationSample,
    meaning="Each draw from the completed audits of a period and group.",
    clause="R4.5.1",
    dated="starts_on",
    listed_at="/v1/moderation-samples",
    columns=(
        *named(
            "group",
            "The auditor group; null are the auditors in no group.",
            ("group-a", "Group A"),
            Named(AuditorGroup, "group"),
            "R4.5.1",
        ),
        code("period", "The month or quarter drawn from.", "2026-10", "R4.5.1"),
        day("starts_on", "The first day of the period."),
        day("ends_before", "The day after its last."),
        *coded("state", "Whether it is still being moderated.", "open", "R4.5.2"),
        day("drawn_on", "When it was drawn.", read=lambda row: london_date(row.drawn_at)),
        day("closed_on", "When it was closed.", read=lambda row: london_date(row.closed_at)),
        whole("policy_version", "The policy it was drawn under.", 1),
    ),
)

MODERATION_OUTCOMES: Final = Dataset(
    name="moderation-outcomes",
    entity=ModerationOutcome,
    meaning="Each drawn audit: the auditor's judgement as drawn, the moderated one beside it.",
    clause="R4.5.3",
    dated="completed_on",
    shown=of_standing_audit,
    columns=(
        *subject(),
        id_of("moderation_sample", "The sample.", read=lambda row: row.sample_id),
        id_of("audit", "The audit.", read=lambda row: row.audit_id),
        *named("audit_type", "The audit type.", _A_TYPE, Named(AuditType, "audit_type")),
        whole("position", "Its place in the order of the lot, from 1.", 1, "R4.5.1"),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        worker("auditor", "The auditor."),
        *named(
            "auditor_team",
            "The team of the auditor at completion.",
            A_TEAM,
            Named(Team, "auditor_team"),
        ),
        worker("moderator", "Who moderates it.", "R4.5.2"),
        *coded("relation_to_auditor", "How the moderator stands to the auditor.", "none", "R4.5.2"),
        day("completed_on", "When the audit was completed."),
        whole("audit_revision", "The revision that was drawn.", 1),
        *scale("R4.5.3"),
        *judged("auditor_judgement", "The auditor's judgement as drawn.", "R4.5.3"),
        *judged("moderated_judgement", "The judgement after moderation.", "R4.5.3"),
        day(
            "moderated_on", "When it was moderated.", read=lambda row: london_date(row.moderated_at)
        ),
    ),
)


def _learned_of_standing_audit(row: Any) -> ColumnElement[bool]:
    outcome = aliased(ModerationOutcome)
    drawn = there_is(outcome, outcome.id == row.outcome_id, of_standing_audit(outcome))
    return and_(unrestricted(row), drawn)


LEARNING_ACTIONS: Final = Dataset(
    name="learning-actions",
    entity=LearningAction,
    meaning="What somebody is to learn or change because of a moderation.",
    clause="R4.5.5",
    dated="set_on",
    shown=_learned_of_standing_audit,
    listed_at="/v1/learning-actions",
    columns=(
        *subject(),
        id_of("moderation_outcome", "The outcome.", read=lambda row: row.outcome_id),
        worker("owner", "Who is to do it."),
        *coded("state", "Where it stands.", "open", "R4.5.5"),
        day("set_on", "When it was set.", read=lambda row: london_date(row.set_at)),
        day("due_on", "By when it is to be done."),
        day("done_on", "When it was done."),
        day("verified_on", "When it was verified.", read=lambda row: london_date(row.verified_at)),
        flag("made_a_difference", "Whether it made a difference.", "R4.5.5"),
    ),
)

PRACTICE_OBSERVATIONS: Final = Dataset(
    name="practice-observations",
    entity=PracticeObservation,
    meaning="Each observation of a worker's practice; also what was withdrawn.",
    clause="R4.6.2",
    dated="observed_on",
    listed_at="/v1/practice-observations",
    columns=(
        worker("worker", "Whose practice was observed."),
        worker("observer", "Who observed it."),
        *named("team", "The team it was recorded for.", A_TEAM, TEAM),
        day("observed_on", "When it took place.", "R4.6.2"),
        flag("planned", "Whether it was planned.", "R4.6.2"),
        *coded("family_consent", "Whether the family consented.", "given", "R4.6.2"),
        day("recorded_on", "When it was recorded.", read=lambda row: london_date(row.recorded_at)),
        flag(
            "withdrawn",
            "Whether it was withdrawn: then it counts for nothing.",
            read=lambda row: row.withdrawn_at.is_not(None),
        ),
    ),
)

LEARNING_HIGHLIGHTS: Final = Dataset(
    name="learning-highlights",
    entity=LearningHighlight,
    meaning="What each team learned in a quarter: that it was recorded and answered, not the text.",
    clause="R4.6.3",
    dated="recorded_on",
    listed_at="/v1/learning-highlights",
    columns=(
        *named("team", "The team.", A_TEAM, TEAM),
        _QUARTER,
        *coded("routed_to", "Who is to do something about it.", "learning_development", "R4.6.3"),
        day("due_on", "By when it was to be recorded.", "R4.6.3"),
        day("recorded_on", "When it was recorded.", "R4.6.3"),
        flag(
            "late",
            "Whether that was after it was due.",
            "R4.6.3",
            lambda row: row.recorded_on > row.due_on,
        ),
        day(
            "answered_on",
            "When it came back with what was done.",
            "R4.6.3",
            lambda row: london_date(row.answered_at),
        ),
    ),
)

QUARTER_PLANS: Final = Dataset(
    name="quarter-plans",
    entity=QuarterPlan,
    meaning="Each version of a quarter's plan; only the published one counts.",
    clause="R4.4.2",
    listed_at="/v1/quarter-plans",
    columns=(
        _QUARTER,
        whole("number", "The number of the version.", 1, "R4.4.2"),
        *coded("state", "Whether it is a draft, published or superseded.", "published", "R4.4.2"),
        *named("audit_type", "The type of its audits.", _A_TYPE, Named(AuditType, "audit_type")),
        day(
            "published_on", "When it was published.", read=lambda row: london_date(row.published_at)
        ),
        day(
            "superseded_on",
            "When a later version took its place.",
            read=lambda row: london_date(row.superseded_at),
        ),
    ),
)

_PLAN: Final = id_of("quarter_plan", "The quarter plan.", read=lambda row: row.plan_id)

PLAN_TEAMS: Final = Dataset(
    name="plan-teams",
    entity=PlanTeam,
    meaning="The teams of a plan and the audits expected of each: the denominator of completion.",
    clause="R4.4.2",
    key=("plan_id", "team", "theme"),
    columns=(
        _PLAN,
        *named("team", "The team.", A_TEAM, TEAM),
        *named("theme", "The theme.", ("neglect", "Neglect"), Named(Theme, "theme", "title")),
        whole("audits_expected", "How many audits are expected of the team.", 3, "R4.4.2"),
        *named(
            "group",
            "The team's auditor group on the day of publication.",
            ("group-a", "Group A"),
            Named(AuditorGroup, "group"),
            "R4.4.1",
        ),
    ),
)

PLAN_EXEMPTIONS: Final = Dataset(
    name="plan-exemptions",
    entity=PlanExemption,
    meaning="The teams and auditors of whom a plan asks nothing more.",
    clause="R4.4.2",
    dated="decided_on",
    columns=(
        _PLAN,
        *named("team", "The team, or null.", A_TEAM, TEAM),
        worker("auditor", "The auditor, or null."),
        worker("decided_by", "Who decided it.", "R4.4.2"),
        day("decided_on", "When.", read=lambda row: london_date(row.decided_at)),
    ),
)

QA_UPDATES: Final = Dataset(
    name="qa-updates",
    entity=QaUpdate,
    meaning="Each service's update about a quarter: whether it came and when, not its text.",
    clause="R4.7.1",
    dated="due_on",
    columns=(
        *named(
            "service",
            "The service.",
            ("fast", "Family Assessment and Support"),
            Named(Service, "service"),
        ),
        _QUARTER,
        *coded("state", "Where it stands.", "submitted", "R4.7.1"),
        day("due_on", "By when it is due.", "R4.7.1"),
        day("begun_on", "When it was begun.", read=lambda row: london_date(row.begun_at)),
        day("first_submitted_on", "When it was first submitted.", "R4.7.1"),
        flag(
            "late",
            "Whether that was after it was due; null until submitted.",
            "R4.7.1",
            lambda row: row.first_submitted_on > row.due_on,
        ),
    ),
)

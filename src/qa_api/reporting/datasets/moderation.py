"""Moderation: the draws, their outcomes and what is learned from them (§4.5)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, select

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import AuditType, ToolDomain
from qa_api.models.directory import AuditorGroup, Team
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import (
    LearningAction,
    ModeratedDomain,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.reporting.columns import (
    A_TYPE,
    Column,
    Dataset,
    Kind,
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
from qa_api.reporting.datasets.audits import A_TEAM, TEAM, judged, of_standing_audit, scale

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
        *coded("second_grade", "What the policy said of second grades.", "sealed", "R4.5.3"),
        whole("policy_version", "The version of the policy that it was drawn under.", 1),
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
        *named("audit_type", "The audit type.", A_TYPE, Named(AuditType, "audit_type")),
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
        whole("audit_revision", "The revision of the audit that was drawn.", 1),
        *scale("R4.5.3"),
        *judged("auditor_judgement", "The auditor's judgement as drawn.", "R4.5.3"),
        *judged("moderated_judgement", "The judgement after moderation.", "R4.5.3"),
        day(
            "moderated_on", "When it was moderated.", read=lambda row: london_date(row.moderated_at)
        ),
        flag(
            "sealed",
            "Whether the moderator judged before they saw the auditor's judgement.",
            "R4.5.3",
        ),
        *coded("unsealed_because", "Why it was not sealed; null where it was.", "policy", "R4.5.3"),
        *judged(
            "consensus_judgement",
            "What auditor and moderator agreed on, or what one has proposed.",
            "R4.5.3",
        ),
        day(
            "consensus_agreed_on",
            "When they agreed; null while it is only proposed.",
            read=lambda row: london_date(row.consensus_agreed_at),
        ),
    ),
)


def _completed_on(row: Any) -> ColumnElement[Any]:
    """When the row's audit was completed, as it was drawn."""
    outcome = aliased(ModerationOutcome)
    found = select(outcome.completed_on).where(outcome.id == row.outcome_id)
    return value_of(outcome, found)


def _domain_title(row: Any) -> ColumnElement[Any]:
    """What the tool of the row's audit calls the domain."""
    domain, audit = aliased(ToolDomain), aliased(Audit)
    found = select(domain.title).where(
        audit.id == row.audit_id,
        domain.tool_id == audit.tool_id,
        domain.key == row.domain_key,
    )
    return value_of((domain, audit), found)


MODERATED_DOMAINS: Final = Dataset(
    name="moderated-domains",
    entity=ModeratedDomain,
    meaning="Each judged domain of a drawn audit: the auditor's judgement, the others beside it.",
    clause="R4.5.3",
    key=("outcome_id", "domain_key"),
    dated="completed_on",
    shown=of_standing_audit,
    columns=(
        *subject(),
        id_of("moderation_outcome", "The outcome.", read=lambda row: row.outcome_id),
        id_of("audit", "The audit.", read=lambda row: row.audit_id),
        day("completed_on", "When the audit was completed.", read=_completed_on),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        code(
            "domain",
            "The stable key of the domain.",
            "assessment",
            "R4.1.1",
            read=lambda row: row.domain_key,
        ),
        Column(
            "domain_label",
            Kind.LABEL,
            "The domain as the tool of the audit calls it.",
            "Assessment",
            "R4.1.1",
            code="domain",
            read=_domain_title,
        ),
        *scale("R4.5.3"),
        *judged("auditor_judgement", "The auditor's judgement as drawn.", "R4.5.3"),
        *judged("moderated_judgement", "The moderator's; null where they gave none.", "R4.5.3"),
        *judged(
            "consensus_judgement",
            "What auditor and moderator agreed on, or what one has proposed.",
            "R4.5.3",
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

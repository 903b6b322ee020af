"""Every dataset, each declared once (X1)."""

from collections.abc import Mapping
from typing import Final

from qa_api.reporting.columns import Dataset
from qa_api.reporting.datasets import (
    audits,
    board,
    comments,
    dimensions,
    follow_up,
    moderation,
    observations,
    planning,
)

DATASETS: Final[Mapping[str, Dataset]] = {
    dataset.name: dataset
    for dataset in (
        audits.AUDITS,
        audits.AUDIT_ANSWERS,
        audits.AUDIT_JUDGEMENTS,
        follow_up.RESTORATIVE_ACTIONS,
        follow_up.AUDIT_RESPONSES,
        follow_up.RESPONSE_ROUNDS,
        follow_up.NOTIFICATIONS,
        follow_up.ESCALATIONS,
        follow_up.CLOSURE_GATES,
        moderation.MODERATION_SAMPLES,
        moderation.MODERATION_OUTCOMES,
        moderation.MODERATED_DOMAINS,
        moderation.LEARNING_ACTIONS,
        comments.COMMENTS,
        observations.PRACTICE_OBSERVATIONS,
        observations.LEARNING_HIGHLIGHTS,
        planning.QUARTER_PLANS,
        planning.PLAN_TEAMS,
        planning.PLAN_EXEMPTIONS,
        planning.CASELOADS,
        board.QA_UPDATES,
        board.BOARD_COVERAGE,
        dimensions.SERVICES,
        dimensions.TEAMS,
        dimensions.TEAM_SERVICES,
        dimensions.WORKERS,
        dimensions.TEAM_MEMBERSHIPS,
        dimensions.AUDIT_TYPES,
        dimensions.CALENDAR_DAYS,
    )
}

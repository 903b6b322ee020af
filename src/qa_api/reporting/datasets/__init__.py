"""Every dataset, each declared once (X1)."""

from collections.abc import Mapping
from typing import Final

from qa_api.reporting.columns import Dataset
from qa_api.reporting.datasets import auditing, dimensions, following, improving

DATASETS: Final[Mapping[str, Dataset]] = {
    dataset.name: dataset
    for dataset in (
        auditing.AUDITS,
        auditing.AUDIT_ANSWERS,
        auditing.AUDIT_JUDGEMENTS,
        following.RESTORATIVE_ACTIONS,
        following.AUDIT_RESPONSES,
        following.RESPONSE_ROUNDS,
        following.NOTIFICATIONS,
        following.ESCALATIONS,
        following.CLOSURE_GATES,
        improving.MODERATION_SAMPLES,
        improving.MODERATION_OUTCOMES,
        improving.LEARNING_ACTIONS,
        improving.PRACTICE_OBSERVATIONS,
        improving.LEARNING_HIGHLIGHTS,
        improving.QUARTER_PLANS,
        improving.PLAN_TEAMS,
        improving.PLAN_EXEMPTIONS,
        improving.QA_UPDATES,
        dimensions.SERVICES,
        dimensions.TEAMS,
        dimensions.TEAM_SERVICES,
        dimensions.WORKERS,
        dimensions.TEAM_MEMBERSHIPS,
        dimensions.AUDIT_TYPES,
        dimensions.CALENDAR_DAYS,
    )
}

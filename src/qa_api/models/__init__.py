"""The schema: tables only, one file per aggregate; importing the package registers them all."""

from qa_api.models import (  # noqa: F401  # imported so that the metadata is complete
    access,
    actions,
    alerts,
    audits,
    board,
    caseloads,
    catalogue,
    closures,
    comments,
    deliveries,
    directory,
    due_audits,
    escalations,
    events,
    hand_overs,
    lifecycle,
    moderation,
    notifications,
    observations,
    planning,
    policy,
    practice_audits,
    provisioning,
    redactions,
    reporting,
    responses,
    retention,
    rollups,
    subjects,
)
from qa_api.models.base import Base
from qa_api.models.held import hold

__all__ = ["Base"]

hold()

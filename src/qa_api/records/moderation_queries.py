"""What moderation found, as the record has it: once its sample is closed (R4.5.3)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.catalogue import ToolDomain
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import (
    LearningAction,
    ModeratedDomain,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.reads.shapes import Expression, Shape
from qa_api.records.audit_schemas import (
    RecordedLearning,
    RecordedModeratedDomain,
    RecordedModeration,
)
from qa_api.records.under import label_of, placed, rows_under
from qa_api.rules.states import SampleState


def moderated(outcome: Any, audit: Any) -> ColumnElement[bool]:
    """Judged, and by now for good."""
    sample = aliased(ModerationSample)
    closed = there_is(sample, sample.id == outcome.sample_id, sample.state == SampleState.CLOSED)
    return and_(
        outcome.audit_id == audit.id,
        outcome.moderated_at.is_not(None),
        closed,
    )


def _agreed_on(row: Any) -> ColumnElement[bool]:
    """Whether what was proposed was agreed on: until then it is no part of the record."""
    agreed: ColumnElement[bool] = row.consensus_agreed_at.is_not(None)
    return agreed


def _agreed_on_with(domain: Any) -> ColumnElement[bool]:
    outcome = aliased(ModerationOutcome)
    return there_is(outcome, outcome.id == domain.outcome_id, _agreed_on(outcome))


def _if_agreed(name: str, agreed: Callable[[Any], ColumnElement[bool]] = _agreed_on) -> Expression:
    return lambda row, _: case((agreed(row), getattr(row, name)))


def _label_if_agreed(agreed: Callable[[Any], ColumnElement[bool]] = _agreed_on) -> Expression:
    return lambda row, me: case((agreed(row), label_of("consensus_judgement")(row, me)))


def _of_moderated_domain(name: str) -> Expression:
    """A column of the tool's domain that a moderated one is of."""

    def column(row: Any, _: Me) -> ColumnElement[Any]:
        domain, audit = aliased(ToolDomain), aliased(Audit)
        found = select(getattr(domain, name)).where(
            audit.id == row.audit_id, domain.tool_id == audit.tool_id, domain.key == row.domain_key
        )
        return value_of((domain, audit), found)

    return column


_MODERATED_DOMAIN = Shape(
    RecordedModeratedDomain,
    ModeratedDomain,
    {
        "domain": _of_moderated_domain("title"),
        "auditor_label": label_of("auditor_judgement"),
        "moderated_label": label_of("moderated_judgement"),
        "consensus_judgement": _if_agreed("consensus_judgement", _agreed_on_with),
        "consensus_label": _label_if_agreed(_agreed_on_with),
        "consensus_rationale": _if_agreed("consensus_rationale", _agreed_on_with),
    },
)

MODERATION = Shape(
    RecordedModeration,
    ModerationOutcome,
    {
        "auditor_label": label_of("auditor_judgement"),
        "moderated_label": label_of("moderated_judgement"),
        "consensus_judgement": _if_agreed("consensus_judgement"),
        "consensus_label": _label_if_agreed(),
        "consensus_rationale": _if_agreed("consensus_rationale"),
        "domains": rows_under(
            _MODERATED_DOMAIN,
            lambda row, outcome: and_(
                row.outcome_id == outcome.id, row.moderated_judgement.is_not(None)
            ),
            placed(_of_moderated_domain("position")),
        ),
        "learning_actions": rows_under(
            Shape(RecordedLearning, LearningAction),
            lambda row, outcome: row.outcome_id == outcome.id,
            lambda row: (row.set_at, row.id),
        ),
    },
)

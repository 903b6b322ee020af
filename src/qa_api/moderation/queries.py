"""Reading moderation: who may see which, and the statements that return them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Uuid,
    all_,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, array

from qa_api.auth.actor import Me
from qa_api.auth.duty import holds, may_see
from qa_api.auth.reach import (
    allowed_actions,
    whole_authority,
)
from qa_api.auth.reasons.practice import LEARNING_ACTIONS as LEARNING_ACTIONS_SEEN
from qa_api.auth.reasons.practice import OUTCOMES as OUTCOMES_SEEN
from qa_api.auth.reasons.practice import SAMPLES as SAMPLES_SEEN
from qa_api.auth.reasons.practice import moderates_some
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.base import Base
from qa_api.models.inner import rows_of, there_is_for_each, value_of, values_of
from qa_api.models.moderation import (
    LearningAction,
    ModeratedDomain,
    ModeratingTeam,
    ModerationMember,
    ModerationOutcome,
    ModerationSample,
)
from qa_api.models.sealed import is_sealed
from qa_api.moderation.comparing import (
    compared,
    domain_compared,
    domain_moderated,
    in_profile,
    of_whole,
)
from qa_api.moderation.learning_schemas import LearningActionOut, LearningActionRow
from qa_api.moderation.lots import (
    explanation,
    member_visible_to,
    members_seen,
    population,
    population_hash,
    seed,
    strata,
)
from qa_api.moderation.schemas import (
    DrawnOut,
    LearningActionBrief,
    MemberOut,
    ModeratedDomainOut,
    OutcomeOut,
    OutcomeRow,
    SampleOut,
    SampleRow,
)
from qa_api.reads.documents import Document
from qa_api.reads.expressions import (
    changed,
    moderated_in_error,
    of_standing_audit,
    soonest_due,
    subject_of,
    working_days_left,
)
from qa_api.reads.filters import CHANGED, before, equals, flag, is_set, is_true, on_or_after
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import LEARNING_ACTION_SETTLED, LearningActionState


def sample_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who oversees moderation, who moderates something of it, and the teams whose turn it is."""
    return SAMPLES_SEEN.hold(row, me)


def outcome_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """The moderator's while the sample is open, the auditor's when it is closed (R4.5.3, X3).

    Of an audit recorded in error since, only Quality & Standards knows.
    """
    audit = aliased(Audit)
    stands = there_is_for_each(
        audit, audit.id == row.audit_id, audit.recorded_in_error_at.is_(None)
    )
    return OUTCOMES_SEEN.see(row, me, or_(whole_authority(me), stands))


def learning_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who is to do it, who set it, and those who oversee moderation.

    What was learned from an audit recorded in error since is nobody's any more.
    """
    return LEARNING_ACTIONS_SEEN.see(row, me, row.outcome_id != all_(moderated_in_error()))


def _seen_rows(
    shape: Shape,
    kept: Callable[[Any, Any, Me], ColumnElement[bool]],
    order: Callable[[Any], ColumnElement[Any]],
) -> Expression:
    """A list inside a document, with only those rows that the caller may see."""
    entity: type[Base] = shape.entity

    def rows(parent: Any, me: Me) -> ColumnElement[Any]:
        child = aliased(entity)
        found = select(*shape.columns(child, me)).where(kept(child, parent, me))
        return rows_of(child, found.order_by(order(child)))

    return rows


def _teams(row: Any, _: Me) -> ColumnElement[Any]:
    turn = aliased(ModeratingTeam)
    return values_of(turn, turn.team, turn.sample_id == row.id, order=(turn.team,))


def _sample_actions(row: Any, me: Me) -> ColumnElement[Any]:
    """Quality & Standards runs the sample; whoever moderates in it may record, in any role."""
    moderates = moderates_some(row, me)
    held = [
        case((whole_authority(me), literal(Role.QUALITY_STANDARDS.value, Text))),
        case((moderates, literal(Role.AUDITOR.value, Text))),
    ]
    return allowed_actions(row, array(held, type_=Text), {"record_outcome": moderates})


SAMPLE = Document(
    Shape(
        SampleOut,
        ModerationSample,
        {
            "population": population,
            "seed": seed,
            "population_hash": population_hash,
            "explanation": explanation,
            "exclusions": _seen_rows(
                Shape(MemberOut, ModerationMember),
                lambda child, row, me: and_(
                    members_seen(child, row, me), child.exclusion.is_not(None)
                ),
                lambda child: child.audit_id,
            ),
            "strata": strata,
            "moderating_teams": _teams,
            "items": _seen_rows(
                Shape(DrawnOut, ModerationOutcome),
                lambda child, row, me: and_(
                    child.sample_id == row.id, outcome_visible_to(child, me)
                ),
                lambda child: child.position,
            ),
            "allowed_actions": _sample_actions,
        },
    ),
    visible=sample_visible_to,
)

SAMPLES = Listing(
    name="moderation-samples",
    shape=Shape(SampleRow, ModerationSample),
    visible=sample_visible_to,
    order=(lambda row, _: row.starts_on, lambda row, _: row.id),
    filters={
        "group": equals("group"),
        "period": equals("period"),
        "state": equals("state"),
    },
)
"""The latest period first."""

POPULATION = Listing(
    name="moderation-population",
    shape=Shape(MemberOut, ModerationMember),
    visible=member_visible_to,
    descending=False,
    order=(lambda row, _: row.audit_id,),
    filters={
        "sample": equals("sample_id", Uuid()),
        "excluded": is_set("exclusion"),
        "drawn": is_true("drawn"),
    },
)
"""In the order of the audits."""

_OUTCOME_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "judgement_sealed": lambda row, _: is_sealed(row.audit_id),
}

OUTCOME = Document(
    Shape(
        OutcomeOut,
        ModerationOutcome,
        {
            **_OUTCOME_ROW,
            "domains": Shape(ModeratedDomainOut, ModeratedDomain),
            "learning_actions": _seen_rows(
                Shape(LearningActionBrief, LearningAction),
                lambda child, row, _: child.outcome_id == row.id,
                lambda child: child.id,
            ),
        },
    ),
    visible=outcome_visible_to,
    key=("sample_id", "audit_id"),
    subject="subject_id",
)

OUTCOMES = Listing(
    name="moderation-outcomes",
    shape=Shape(OutcomeRow, ModerationOutcome, _OUTCOME_ROW),
    visible=outcome_visible_to,
    subject="subject_id",
    descending=False,
    order=(lambda row, _: row.position, lambda row, _: row.id),
    filters={
        "sample": equals("sample_id", Uuid(), narrows=True),
        "moderator": equals("moderator"),
        "judged": is_set("moderated_at"),
        "sealed": is_true("sealed"),
    },
)
"""In the order of the lot."""


ALL_OUTCOMES = Listing(
    name="all-moderation-outcomes",
    shape=OUTCOMES.shape,
    visible=outcome_visible_to,
    subject="subject_id",
    order=(lambda row, _: row.completed_on, lambda row, _: row.id),
    arms=OUTCOMES_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        **OUTCOMES.filters,
        "type": equals("audit_type"),
        "auditor_team": equals("auditor_team"),
        "scale": Filter(lambda row, value, _: and_(row.scale_code == value, of_whole(row))),
        "scale_number": Filter(
            lambda row, value, _: and_(row.scale_number == value, of_whole(row)), Integer()
        ),
        "compared": Filter(compared),
        "profile": Filter(in_profile),
        "domain": Filter(domain_moderated),
        "domain_compared": Filter(domain_compared),
        "in_error": flag(lambda row, _: not_(of_standing_audit(row))),
        "completed_from": on_or_after("completed_on"),
        "completed_to": before("completed_on"),
    },
)
"""The latest completed first. Half-open: `completed_from` is in, `completed_to` is out."""


def _of_outcome(name: str) -> Expression:
    def column(row: Any, me: Me) -> ColumnElement[Any]:
        outcome = aliased(ModerationOutcome)
        found = select(getattr(outcome, name)).where(
            outcome.id == row.outcome_id, outcome_visible_to(outcome, me)
        )
        return value_of(outcome, found)

    return column


def _is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """Done late stays overdue until somebody else has seen it."""
    finished = case((row.state == LearningActionState.DONE, row.done_on), else_=me.today)
    return and_(row.state.not_in(LEARNING_ACTION_SETTLED), finished > row.due_on)


def owner_can(row: Any) -> ColumnElement[bool]:
    """Whether the owner of a learning action can do it today: let in, not away, with leave."""
    able = holds(row.owner, *roles_with(Permission.LEARNING_ACTION_COMPLETE))
    return and_(able, may_see(row.owner, row))


def _learning_actions_allowed(row: Any, me: Me) -> ColumnElement[Any]:
    """The steps that the service allows.

    The owner does it, or Q&S if they cannot; another person verifies it; only who set it or Q&S
    cancels.
    """
    settles = or_(whole_authority(me), row.set_by == me.worker)
    seen = and_(
        row.state == LearningActionState.DONE, settles, row.done_by.is_distinct_from(me.worker)
    )
    still_open = row.state == LearningActionState.OPEN
    does = or_(row.owner == me.worker, and_(whole_authority(me), not_(owner_can(row))))

    def step(name: str, allowed: ColumnElement[bool]) -> ColumnElement[Any]:
        return case((allowed, literal(name, Text)))

    steps: ColumnElement[Any] = array(
        [
            step("complete", and_(still_open, does)),
            step("verify", seen),
            step("not_achieved", seen),
            step("cancel", and_(still_open, settles, row.owner.is_distinct_from(me.worker))),
        ],
        type_=Text,
    )
    return func.array_to_json(func.array_remove(steps, None), type_=JSON)


_LEARNING_ROW: dict[str, Expression] = {
    "sample_id": _of_outcome("sample_id"),
    "audit_id": _of_outcome("audit_id"),
    "working_days_left": lambda row, me: case(
        (row.state == LearningActionState.OPEN, working_days_left(row.due_on, me))
    ),
    "overdue": _is_overdue,
}

LEARNING_ACTION = Document(
    Shape(
        LearningActionOut,
        LearningAction,
        {**_LEARNING_ROW, "allowed_actions": _learning_actions_allowed},
    ),
    visible=learning_visible_to,
    subject="subject_id",
)

LEARNING_ACTIONS = Listing(
    name="learning-actions",
    shape=Shape(LearningActionRow, LearningAction, _LEARNING_ROW),
    visible=learning_visible_to,
    subject="subject_id",
    descending=False,
    order=(soonest_due, lambda row, _: row.id),
    arms=LEARNING_ACTIONS_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "state": equals("state"),
        "owner": equals("owner", narrows=True),
        "sample": Filter(lambda row, value, me: _of_outcome("sample_id")(row, me) == value, Uuid()),
        "overdue": flag(_is_overdue),
        "due_from": on_or_after("due_on"),
        "due_to": before("due_on"),
    },
)
"""Soonest due first. Half-open: `due_from` is in, `due_to` is out."""

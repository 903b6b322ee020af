"""What the rule of retention looks at, as columns of a subject or an observation (X4)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import ARRAY, Text

from qa_api.models.access import AccessLog
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.inner import there_is, value_of
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.observations import ObservationCorrection
from qa_api.models.responses import AuditResponse
from qa_api.models.retention import LegalHold
from qa_api.models.sealed import stands_in
from qa_api.models.subjects import SubjectAlias
from qa_api.reads.expressions import london_day, of_standing_audit, same_person
from qa_api.rules.retention import RecordClass, RecordFacts
from qa_api.rules.states import (
    ACTION_SETTLED,
    AUDIT_OPEN,
    ESCALATION_UNRESOLVED,
    GATE_CLOSED,
    LEARNING_ACTION_SETTLED,
    ResponseState,
)

CLASS_OF_KIND: Final[Mapping[str, RecordClass]] = {
    "child": RecordClass.CHILD_RECORD,
    "carer_household": RecordClass.CARER_RECORD,
}
"""The class of a subject's own record."""

_LAST_RECORDS: Final = table(
    "last_records", column("subject_id", Uuid), column("at", DateTime(timezone=True))
)
"""By the event log, of those whom the caller sees; what is decided about keeping does not count."""


def last_recorded_at(subject: Any) -> ColumnElement[Any]:
    """When something was last recorded about a subject: every change says so in the event log."""
    last = _LAST_RECORDS.alias()
    people = func.array(same_person(subject.id).scalar_subquery(), type_=ARRAY(Uuid))
    return value_of(last, select(func.max(last.c.at)).where(last.c.subject_id == any_(people)))


def case_closed_on(subject: Any) -> ColumnElement[Any]:
    """The London date on which the last of a subject's cases closed; null while one is open."""
    gate = aliased(ClosureGate)
    closed = and_(gate.current, gate.state.in_(GATE_CLOSED))
    episodes = (
        select(
            func.bool_or(closed).label("closed"),
            func.max(gate.closing_counts_at).filter(closed).label("closed_at"),
        )
        .where(gate.subject_id == subject.id)
        .group_by(gate.system, gate.episode_id)
        .correlate_except(gate)
        .subquery()
    )
    last = case((func.bool_and(episodes.c.closed), london_day(func.max(episodes.c.closed_at))))
    return select(last).select_from(episodes).scalar_subquery()


def last_looked_on(subject: Any) -> ColumnElement[Any]:
    """The London date of the newest line of the access log that names the subject."""
    line = aliased(AccessLog)
    ids = func.array(same_person(subject.id).scalar_subquery())
    found = select(london_day(func.max(line.at))).where(line.subject_ids.op("&&")(ids))
    return value_of(line, found)


def something_is_open(subject: Any) -> ColumnElement[bool]:
    """Whether somebody is still to do something about a subject: what they write must have a place.

    Not what belongs to an audit that was recorded in error: that is in nobody's list.
    """
    audit, answer = aliased(Audit), aliased(AuditResponse)
    action, escalation = aliased(RestorativeAction), aliased(Escalation)
    return or_(
        there_is(
            audit,
            audit.subject_id == subject.id,
            stands_in(audit, AUDIT_OPEN),
            audit.recorded_in_error_at.is_(None),
        ),
        there_is(
            answer,
            answer.subject_id == subject.id,
            answer.state != ResponseState.ADEQUATE,
            of_standing_audit(answer),
        ),
        there_is(
            action,
            action.subject_id == subject.id,
            action.set_at.is_not(None),
            action.state.not_in(ACTION_SETTLED),
            of_standing_audit(action),
        ),
        there_is(
            escalation,
            escalation.subject_id == subject.id,
            escalation.state.in_(ESCALATION_UNRESOLVED),
        ),
        _moderation_waits(subject),
    )


def _moderation_waits(subject: Any) -> ColumnElement[bool]:
    """Whether somebody is to judge a pair, to agree to a consensus, or to do what they learnt."""
    outcome, sample = aliased(ModerationOutcome), aliased(ModerationSample)
    learning = aliased(LearningAction)
    return or_(
        there_is(
            outcome,
            outcome.subject_id == subject.id,
            or_(outcome.moderated_at.is_(None), outcome.consensus_proposed_at.is_not(None)),
            outcome.consensus_agreed_at.is_(None),
            of_standing_audit(outcome),
            there_is(sample, sample.id == outcome.sample_id, sample.closed_at.is_(None)),
        ),
        there_is(
            learning,
            learning.subject_id == subject.id,
            learning.state.not_in(LEARNING_ACTION_SETTLED),
        ),
    )


def holds_over(subject: Any, hold: Any) -> ColumnElement[bool]:
    """Whether a hold stands over a subject's record, or over the class of it."""
    own_class = case(
        *((subject.kind == kind, literal(name.value)) for kind, name in CLASS_OF_KIND.items())
    )
    stand_in = aliased(SubjectAlias)
    stand_ins = select(stand_in.subject_id).where(stand_in.stands_for == subject.id)
    return and_(
        hold.lifted_at.is_(None),
        or_(
            hold.subject_id.in_(same_person(subject.id)),
            # Who may not see the record holds it by that which stands for it.
            hold.subject_id.in_(stand_ins.correlate_except(stand_in)),
            and_(
                hold.subject_id.is_(None),
                or_(hold.record_class.is_(None), hold.record_class == own_class),
            ),
        ),
    )


def holds_of_subject(subject: Any) -> ColumnElement[Any]:
    """The ids of the holds that stand over a subject's record."""
    hold = aliased(LegalHold)
    ids = func.array_agg(cast(hold.id, Text))
    nothing = cast(array([], type_=Text), ARRAY(Text))
    return value_of(hold, select(func.coalesce(ids, nothing)).where(holds_over(subject, hold)))


def subject_facts(subject: Any) -> tuple[ColumnElement[Any], ...]:
    """The facts of a subject's record, to be read with `facts_in`."""
    return (
        subject.born_on.label("born_on"),
        subject.died_on.label("died_on"),
        subject.approval_ended_on.label("approval_ended_on"),
        london_day(last_recorded_at(subject)).label("last_recorded_on"),
        case_closed_on(subject).label("case_closed_on"),
    )


def facts_in(row: Any) -> RecordFacts:
    """The facts of a row that has the columns of `subject_facts`."""
    return RecordFacts(
        born_on=row.born_on,
        died_on=row.died_on,
        last_recorded_on=row.last_recorded_on,
        case_closed_on=row.case_closed_on,
        approval_ended_on=row.approval_ended_on,
    )


def observation_recorded_at(observation: Any) -> ColumnElement[Any]:
    """When an observation was last written to: recorded, corrected or withdrawn."""
    correction = aliased(ObservationCorrection)
    corrected = value_of(
        correction,
        select(func.max(correction.corrected_at)).where(
            correction.observation_id == observation.id
        ),
    )
    return func.greatest(observation.recorded_at, observation.withdrawn_at, corrected)

"""Which records are past their day: found by the date of the trigger, judged by the rule (X4)."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Uuid, and_, bindparam, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.auth.reach import unrestricted
from qa_api.models.aliases import aliased
from qa_api.models.inner import there_is
from qa_api.models.observations import PracticeObservation
from qa_api.models.retention import LegalHold, RetentionItem
from qa_api.models.subjects import Subject
from qa_api.reads.expressions import london_day
from qa_api.retention.facts import (
    CLASS_OF_KIND,
    case_closed_on,
    facts_in,
    holds_over,
    last_recorded_at,
    observation_recorded_at,
    subject_facts,
)
from qa_api.retention.months import last_day
from qa_api.rules.cadence import months_after
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import RetentionRule
from qa_api.rules.retention import (
    RecordClass,
    RecordFacts,
    Retention,
    Settled,
    retention,
    rule_of,
)
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

_OF_AGE_YEARS: Final = 18
_RECORDED: Final = "last_recorded_on"


class Candidate(Unchanging):
    """A record whose day has passed, by the one of its three names that it has."""

    retention: Retention
    subject_id: UUID | None = None
    observation_id: UUID | None = None
    month: date | None = None


class _Asked(Unchanging):
    """One class of record: its rule, the last day of a trigger, and how many at most."""

    policy: Policy
    rule: RetentionRule
    record_class: RecordClass
    latest: date
    most: int


async def past_their_day(work: Work, policy: Policy, as_at: date, most: int) -> list[Candidate]:
    """The records that may go as at a day, the longest past first within each class.

    At most so many. Not those under a hold, in another run that is under way, or gone already,
    and none about a subject whom the actor may not see.
    """
    found: list[Candidate] = []
    for record_class in RecordClass:
        rule = rule_of(record_class, policy)
        if rule is None or await class_is_held(work, record_class):
            continue
        room = max(0, most - len(found))
        asked = _Asked(policy, rule, record_class, _latest(as_at, rule), room)
        found.extend(
            [
                candidate
                async for candidate in _of_class(work, asked)
                if candidate.retention.may_go(as_at)
            ]
        )
    return found[:most]


def _latest(as_at: date, rule: RetentionRule) -> date:
    """The last day that a trigger can have had; the rule itself decides about days near it."""
    return months_after(as_at, -12 * rule.years) + timedelta(days=1)


def _of_class(work: Work, asked: _Asked) -> AsyncIterator[Candidate]:
    if asked.record_class in CLASS_OF_KIND.values():
        return _subjects(work, asked)
    if asked.record_class is RecordClass.PRACTICE_OBSERVATION:
        return _observations(work, asked)
    return _months(work, asked)


async def class_is_held(work: Work, record_class: RecordClass) -> bool:
    """Whether a hold stands over a whole class of record, or over all there is."""
    held = select(LegalHold.id).where(
        LegalHold.lifted_at.is_(None),
        LegalHold.subject_id.is_(None),
        or_(LegalHold.record_class.is_(None), LegalHold.record_class == record_class.value),
    )
    return await work.session.scalar(held.limit(1)) is not None


def _free(item: Any, same: ColumnElement[bool]) -> ColumnElement[bool]:
    """In no run that is under way, and not gone."""
    taken = there_is(item, same, or_(item.outcome.is_(None), item.outcome == Settled.REMOVED.value))
    return ~taken


async def _subjects(work: Work, asked: _Asked) -> AsyncIterator[Candidate]:
    subject = aliased(Subject)
    item = aliased(RetentionItem)
    hold = aliased(LegalHold)
    kinds = [kind for kind, own in CLASS_OF_KIND.items() if own is asked.record_class]
    latest, trigger = asked.latest, asked.rule.trigger
    triggers: Mapping[str, tuple[ColumnElement[Any], date]] = {
        "reaches_18_on": (subject.born_on, months_after(latest, -12 * _OF_AGE_YEARS)),
        _RECORDED: (london_day(last_recorded_at(subject)), latest),
        "case_closed_on": (case_closed_on(subject), latest),
    }
    triggered_on, until = triggers.get(trigger) or (getattr(subject, trigger), latest)
    rows = await work.session.execute(
        select(subject.id, *subject_facts(subject))
        .where(
            subject.kind.in_(kinds),
            subject.merged_into_id.is_(None),
            unrestricted(subject, work.me, subject.id),
            triggered_on <= until,
            _free(item, item.subject_id == subject.id),
            ~there_is(hold, holds_over(subject, hold)),
        )
        .order_by(triggered_on, subject.id)
        .limit(asked.most)
    )
    for row in rows:
        found = retention(asked.record_class, facts_in(row), asked.policy)
        yield Candidate(found, subject_id=row.id)


async def _observations(work: Work, asked: _Asked) -> AsyncIterator[Candidate]:
    if asked.rule.trigger != _RECORDED:
        return
    observation = aliased(PracticeObservation)
    item = aliased(RetentionItem)
    recorded_on = london_day(observation_recorded_at(observation))
    rows = await work.session.execute(
        select(observation.id, recorded_on.label("recorded_on"))
        .where(recorded_on <= asked.latest, _free(item, item.observation_id == observation.id))
        .order_by(recorded_on, observation.id)
        .limit(asked.most)
    )
    for row in rows:
        facts = RecordFacts(last_recorded_on=row.recorded_on)
        found = retention(asked.record_class, facts, asked.policy)
        yield Candidate(found, observation_id=row.id)


async def _months(work: Work, asked: _Asked) -> AsyncIterator[Candidate]:
    if asked.rule.trigger != _RECORDED:
        return
    held = await work.session.scalar(_HELD)
    rows = await work.session.scalars(
        _MONTHS[asked.record_class], {"latest": asked.latest, "held": held or []}
    )
    waiting = await work.session.scalars(
        select(RetentionItem.month).where(
            and_(
                RetentionItem.record_class == asked.record_class.value,
                RetentionItem.outcome.is_(None),
            )
        )
    )
    taken = set(waiting)
    for month in rows:
        if month not in taken:
            facts = RecordFacts(last_recorded_on=last_day(month))
            yield Candidate(retention(asked.record_class, facts, asked.policy), month=month)


_HELD: Final = text("SELECT qa_held_subjects() AS held").columns(held=ARRAY(Uuid))
_GIVEN: Final = (bindparam("latest", type_=Date), bindparam("held", type_=ARRAY(Uuid)))

# Month by month along the index; a month in which all is held has nothing to give.
_MONTHS: Final = {
    RecordClass.ACCESS_LOG: text("""
        SELECT m::date AS month
        FROM generate_series(
            date_trunc('month', (SELECT min(at) FROM access_log) AT TIME ZONE 'Europe/London'),
            CAST(:latest AS date), interval '1 month') AS m
        WHERE EXISTS (
            SELECT FROM access_log line
            WHERE line.at >= m AT TIME ZONE 'Europe/London'
              AND line.at < (m + interval '1 month') AT TIME ZONE 'Europe/London'
              AND NOT line.subject_ids && CAST(:held AS uuid[]))
        ORDER BY m""")
    .bindparams(*_GIVEN)
    .columns(month=Date),
    RecordClass.WEBHOOK_DELIVERY: text("""
        SELECT DISTINCT
            date_trunc('month', settled_at AT TIME ZONE 'Europe/London')::date AS month
        FROM deliveries
        WHERE settled_at < CAST(:latest AS date) AND CAST(:held AS uuid[]) IS NOT NULL
        ORDER BY month""")
    .bindparams(*_GIVEN)
    .columns(month=Date),
}

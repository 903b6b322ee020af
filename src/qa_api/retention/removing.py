"""Executing approved runs: a few items at a time, each judged again at that moment (X4).

The database's own function removes the content, and trusts nothing that is decided here.
"""

import logging
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, func, literal, or_, select, text, update
from sqlalchemy.exc import DBAPIError

from qa_api import events
from qa_api.attempts import of_driver
from qa_api.case_events.turns import turn_of_ref
from qa_api.models.aliases import aliased
from qa_api.models.observations import PracticeObservation
from qa_api.models.retention import LegalHold, RetentionItem, RetentionRun
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.reads.expressions import london_day, same_person
from qa_api.retention.facts import (
    CLASS_OF_KIND,
    facts_in,
    holds_of_subject,
    last_recorded_at,
    observation_recorded_at,
    something_is_open,
    subject_facts,
)
from qa_api.retention.months import last_day
from qa_api.rules.retention import RecordClass, RecordFacts, Settled, obstacle, retention
from qa_api.rules.states import RetentionRunState
from qa_api.rules.transitions import next_state
from qa_api.work import Work

log = logging.getLogger(__name__)

AT_ONCE: Final = 10
"""Items settled in one transaction: a worker that is killed has lost no more than these."""

_REFUSED: Final = "23001"


async def remove_approved_content(work: Work) -> int:
    """Settle the next items of approved runs; how many. A run with no items left is executed.

    Two workers never take the same item, and an item whose worker did not commit waits again.
    """
    items = await work.session.execute(
        select(
            RetentionItem.id,
            RetentionItem.run_id,
            RetentionItem.record_class,
            RetentionItem.subject_id,
            RetentionItem.observation_id,
            RetentionItem.month,
            RetentionRun.policy_version,
            RetentionRun.proposed_at,
        )
        .join(RetentionRun, RetentionRun.id == RetentionItem.run_id)
        .where(RetentionRun.state == RetentionRunState.APPROVED, RetentionItem.outcome.is_(None))
        .order_by(RetentionRun.approved_at, RetentionItem.id)
        .limit(AT_ONCE)
        .with_for_update(of=RetentionItem, skip_locked=True)
    )
    settled = 0
    for item in items.all():
        outcome = await _obstacle(work, item) or await _remove(work, item)
        if outcome is not Settled.REMOVED:
            await work.session.execute(
                update(RetentionItem)
                .where(RetentionItem.id == item.id)
                .values(outcome=outcome.value, settled_at=work.now)
            )
        settled += 1
    await _finish_runs(work)
    return settled


async def _obstacle(work: Work, item: Any) -> Settled | None:
    """The rule, asked once more: under the run's policy and under the one in force now."""
    facts, holds, recorded_since = await _facts(work, item)
    subject = aliased(Subject)
    still_open = item.subject_id is not None and await work.session.scalar(
        select(something_is_open(subject)).where(subject.id == item.subject_id)
    )
    record_class = RecordClass(item.record_class)
    listed, now = (
        retention(record_class, facts, policy, holds)
        for policy in (await work.policy(item.policy_version), await work.policy())
    )
    return obstacle(
        listed, now, work.today, recorded_since=recorded_since, still_open=bool(still_open)
    )


async def _facts(work: Work, item: Any) -> tuple[RecordFacts, list[str], bool]:
    """The facts as they are now, the holds that stand, and whether anything was recorded since."""
    if item.subject_id is not None:
        return await _facts_of_subject(work, item)
    holds = await _holds_of_class(work, item.record_class)
    if item.month is not None:
        return RecordFacts(last_recorded_on=last_day(item.month)), holds, False
    observation = aliased(PracticeObservation)
    recorded_at = observation_recorded_at(observation)
    row = (
        await work.session.execute(
            select(
                recorded_at.label("recorded_at"), london_day(recorded_at).label("recorded_on")
            ).where(observation.id == item.observation_id)
        )
    ).one()
    facts = RecordFacts(last_recorded_on=row.recorded_on)
    return facts, holds, row.recorded_at > item.proposed_at


async def _take_hold_of(work: Work, subject_id: UUID) -> None:
    """Lock the subject, and keep out case events about them until this work ends.

    An event that comes later finds the old name unknown; one that came first has been recorded.
    """
    people = same_person(literal(subject_id))
    names = await work.session.execute(
        select(SubjectAlias.system, SubjectAlias.ref).where(SubjectAlias.subject_id.in_(people))
    )
    # First the turns, then the rows: in the same order as whoever receives events.
    for turn in sorted(turn_of_ref(name.system, name.ref) for name in names):
        lock = func.pg_advisory_xact_lock(literal(turn, BigInteger))
        await work.session.execute(select(lock))
    subject = aliased(Subject)
    rows = select(subject.id).where(subject.id.in_(people)).order_by(subject.id)
    await work.session.execute(rows.with_for_update())


async def _facts_of_subject(work: Work, item: Any) -> tuple[RecordFacts, list[str], bool]:
    await _take_hold_of(work, item.subject_id)
    subject = aliased(Subject)
    row = (
        await work.session.execute(
            select(
                subject.kind,
                subject.merged_into_id,
                *subject_facts(subject),
                last_recorded_at(subject).label("recorded_at"),
                holds_of_subject(subject).label("holds"),
            ).where(subject.id == item.subject_id)
        )
    ).one()
    # Merged since, it is part of another record, which nobody has listed.
    changed = row.merged_into_id is not None or CLASS_OF_KIND[row.kind] != item.record_class
    recorded = row.recorded_at is not None and row.recorded_at > item.proposed_at
    return facts_in(row), list(row.holds), changed or recorded


async def _holds_of_class(work: Work, record_class: str) -> list[str]:
    found = await work.session.scalars(
        select(LegalHold.id).where(
            LegalHold.lifted_at.is_(None),
            LegalHold.subject_id.is_(None),
            or_(LegalHold.record_class.is_(None), LegalHold.record_class == record_class),
        )
    )
    return [str(hold_id) for hold_id in found]


_STILL_KEPT: Final = "the record is still kept"
_OF_THE_FUNCTION: Final = frozenset(
    {
        _STILL_KEPT,
        "a legal hold stands",
        "the run is not approved by a second person",
        "there is no such item to remove",
    }
)


def _said_of(fault: DBAPIError) -> tuple[int, str]:
    """How loud, and in what words, the log tells that the database keeps an item.

    Of the database's own words only those are told that the function for it says: others may
    repeat a row.
    """
    why = getattr(of_driver(fault), "message", None)
    if why == _STILL_KEPT:
        return logging.WARNING, (
            "retention: item %s is kept: by the database's own clock its day has not passed, or"
            " something was recorded about it within a year"
        )
    if why in _OF_THE_FUNCTION:
        return logging.ERROR, f"retention: the database refused item %s: {why}"
    return logging.ERROR, "retention: the database refused item %s"


async def _remove(work: Work, item: Any) -> Settled:
    try:
        async with work.transaction.savepoint():
            await work.session.execute(select(func.remove_retained_content(item.id, work.now)))
    except DBAPIError as fault:
        if getattr(fault.orig, "sqlstate", None) != _REFUSED:
            raise
        log.log(*_said_of(fault), item.id)
        return Settled.REFUSED_BY_DATABASE
    went = (await work.session.execute(_LINES_GONE, {"item": item.id})).one()
    await work.record(
        events.ContentRemoved(
            about=item.id,
            subject=item.subject_id,
            run_id=item.run_id,
            record_class=item.record_class,
            policy_version=item.policy_version,
            lines=went.lines,
            places=went.places,
        )
    )
    return Settled.REMOVED


_LINES_GONE = text("""
SELECT coalesce(sum(cardinality(places)), 0) AS lines,
       encode(sha256(convert_to(string_agg(number || ':' || array_to_string(places, ','), ';'
                                           ORDER BY number), 'UTF8')), 'hex') AS places
FROM access_removals WHERE item_id = :item
""")


async def _finish_runs(work: Work) -> None:
    item = aliased(RetentionItem)
    waiting = (
        select(item.id)
        .where(item.run_id == RetentionRun.id, item.outcome.is_(None))
        .correlate_except(item)
        .exists()
    )
    done = await work.session.scalars(
        select(RetentionRun)
        .where(RetentionRun.state == RetentionRunState.APPROVED, ~waiting)
        .order_by(RetentionRun.id)
        .with_for_update(skip_locked=True)
    )
    for run in done.all():
        run.state = RetentionRunState(next_state("retention_run", run.state, "execute"))
        run.executed_at = work.now
        await work.record(
            events.RetentionRunMoved(about=run.id, state=run.state, items_hash=run.items_hash)
        )

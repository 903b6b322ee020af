"""The working calendar. A change never overwrites: it makes a new version."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, BOOLEAN, DATE, INTEGER, insert
from sqlalchemy.exc import NoResultFound

from qa_api import problems
from qa_api.calendars.policies import policy_version_on, recorded_by
from qa_api.calendars.schemas import (
    AdditionOut,
    AdditionQuery,
    CalendarRef,
    DeadlineOut,
    DeadlineQuery,
    DeadlineRule,
)
from qa_api.changed_rights import Related, reach_changed
from qa_api.data import official_calendar_text
from qa_api.events import CalendarChanged
from qa_api.models.base import new_id
from qa_api.models.policy import BankHoliday, CalendarDay, CalendarVersion
from qa_api.problems import InputError, Problem
from qa_api.rules import deadlines
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.deadlines import Deadline
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.values.explanations import ExplanationOut, StepOut
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_CLOCKS: Final[Mapping[DeadlineRule, Callable[[datetime, Policy, Calendar], Deadline]]] = {
    DeadlineRule.RESPONSE_DUE: deadlines.response_due,
    DeadlineRule.RETURN_ROUND_DUE: deadlines.return_round_due,
    DeadlineRule.REVIEW_DUE: deadlines.review_due,
    DeadlineRule.QUEUED_NOTIFICATION_DUE: deadlines.queued_notification_due,
    DeadlineRule.ACKNOWLEDGE_DUE: deadlines.acknowledge_due,
    DeadlineRule.INFORM_DUE: deadlines.inform_due,
    DeadlineRule.OVERDUE_TOLD: deadlines.overdue_told,
}


async def install_official_calendar(work: Work) -> Calendar:
    """Bring in the published bank holidays that ship with the service (R4.2.1).

    In an empty authority they become version 1. Later they add what was published since: a further
    horizon and its days. What the authority added or withdrew stands.
    """
    official = official_calendar(official_calendar_text())
    before = await _calendar_to_change(work)
    if before is None:
        before = Calendar(official.division, 0, official.known_from, official.known_until, {})
    known_until = max(before.known_until, official.known_until)
    held = {*before.holidays, *before.withdrawn}
    published = {day: title for day, title in official.holidays.items() if day not in held}
    if not published and known_until == before.known_until:
        return before
    work.session.add_all(
        BankHoliday(
            holiday_on=day, added_version=before.version + 1, title=title, source="official"
        )
        for day, title in published.items()
    )
    return await publish(work, before, "The published bank holidays.", known_until)


async def add_bank_holiday(work: Work, holiday_on: date, *, title: str, reason: str) -> Calendar:
    """Add a proclaimed or local bank holiday, from a new version of the calendar on (R4.2.4).

    Open clocks are counted again. A day past the end of the calendar counts once the calendar
    reaches it. Refuses a day before the calendar begins or far beyond its end, and one that is a
    holiday already.
    """
    before = await calendar_in_force(work)
    before.check_ahead(holiday_on)
    if holiday_on in before.holidays:
        raise AlreadySo("bank_holiday")
    work.session.add(
        BankHoliday(
            holiday_on=holiday_on,
            added_version=before.version + 1,
            title=title,
            source="authority",
        )
    )
    return await publish(work, before, reason)


async def withdraw_bank_holiday(
    work: Work, holiday_on: date, *, reason: str, expected: Precondition | None = None
) -> Calendar:
    """Make a bank holiday a working day again, from a new version of the calendar on (Trap 1).

    A clock keeps the days that it was given. 404 for a day that never was a bank holiday.
    """
    before = await calendar_in_force(work)
    holiday = await work.find(
        select(BankHoliday)
        .where(BankHoliday.holiday_on == holiday_on)
        .order_by(BankHoliday.added_version.desc())
        .limit(1)
    )
    if holiday.withdrawn_version is not None:
        raise AlreadySo("withdrawn_bank_holiday")
    if expected is not None:
        expected.check(holiday.added_version)
    holiday.withdrawn_version, holiday.withdrawn_reason = before.version + 1, reason
    return await publish(work, before, reason)


async def horizon_warning(work: Work) -> date | None:
    """The last day that the calendar knows, once it is near enough to tell people (Trap 1)."""
    calendar, policy = await work.calendar(), await work.policy()
    soon = calendar.ends_soon(work.today, policy.calendar_notice_days)
    return calendar.known_until if soon else None


async def _calendar_to_change(work: Work) -> Calendar | None:
    """The newest calendar if there is one, under a lock: other changes wait."""
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("calendar"))))
    newest = await work.session.scalar(select(func.max(CalendarVersion.version)))
    return None if newest is None else await work.calendar(newest)


async def calendar_in_force(work: Work) -> Calendar:
    """The newest calendar, under a lock: other changes wait. 404 if there is none."""
    calendar = await _calendar_to_change(work)
    if calendar is None:
        raise problems.not_found()
    return calendar


async def publish(
    work: Work, before: Calendar, reason: str, known_until: date | None = None
) -> Calendar:
    """Put a new version of the calendar in force, also for the rest of this work."""
    version = before.version + 1
    work.session.add(
        CalendarVersion(
            version=version,
            division=before.division,
            known_from=before.known_from,
            known_until=known_until or before.known_until,
            reason=reason,
            recorded_at=work.now,
            recorded_by=recorded_by(work),
        )
    )
    await work.session.flush()
    work.calendar_version = version
    calendar = await work.calendar()
    await _index_days(work, calendar)
    turned = sorted(before.withdrawn.keys() ^ calendar.withdrawn.keys())
    about = new_id()
    await work.record(CalendarChanged(about=about, calendar_version=version, days=tuple(turned)))
    await reach_changed(
        work,
        "working_calendar",
        calendar.division,
        about,
        before=_days_off(before),
        after=_days_off(calendar),
        reason=reason,
    )
    return calendar


def _days_off(calendar: Calendar) -> Iterator[Related]:
    """The days on which no clock runs: they decide how late somebody is told."""
    yield Related("known", "the calendar", calendar.known_from, calendar.known_until)
    for day, title in calendar.holidays.items():
        yield Related("bank_holiday", title, day, day + timedelta(days=1))


async def _index_days(work: Work, calendar: Calendar) -> None:
    """Write each known day with the working index that the calendar rule gives it."""
    first, last = calendar.known_from.toordinal(), calendar.known_until.toordinal()
    days = [date.fromordinal(ordinal) for ordinal in range(first, last + 1)]
    numbered = (
        func.unnest(
            literal(days, ARRAY(DATE)),
            literal([calendar.working_index(day) for day in days], ARRAY(INTEGER)),
            literal([calendar.is_working_day(day) for day in days], ARRAY(BOOLEAN)),
        )
        .table_valued("day", "working_index", "working")
        .render_derived()
    )
    written = insert(CalendarDay).from_select(["day", "working_index", "working"], select(numbered))
    new = written.excluded
    await work.session.execute(
        written.on_conflict_do_update(
            index_elements=[CalendarDay.day],
            set_={"working_index": new.working_index, "working": new.working},
            # Only the days that a change touches are written again.
            where=(CalendarDay.working_index != new.working_index)
            | (CalendarDay.working != new.working),
        )
    )


async def count_working_days(work: Work, query: AdditionQuery) -> AdditionOut:
    """The day so many working days after a day, by the newest calendar (R4.2.1)."""
    calendar = await work.calendar()
    steps = calendar.explain_addition(query.start, query.days)
    return AdditionOut(
        start=query.start,
        days=query.days,
        due_on=calendar.add_working_days(query.start, query.days),
        calendar=CalendarRef.model_validate(calendar),
        steps=[StepOut.model_validate(step) for step in steps],
    )


async def explain_deadline(work: Work, query: DeadlineQuery) -> DeadlineOut:
    """A clock of the procedure, started at an instant: what it comes to, and why (X2)."""
    policy = await _policy_of(work, query)
    calendar = await _calendar_of(work, query)
    found = _CLOCKS[query.rule](query.at, policy, calendar)
    if found.due_on is None or found.due_at is None:
        raise calendar.refusal()
    return DeadlineOut(
        rule=query.rule,
        at=query.at,
        due_on=found.due_on,
        due_at=found.due_at,
        explanation=ExplanationOut.of(found.explanation),
    )


async def _policy_of(work: Work, query: DeadlineQuery) -> Policy:
    version = query.policy_version or await policy_version_on(work, local_date(query.at))
    if version is None:
        raise problems.business_rule(
            "policy", "No policy was in force on that day; name the policy_version to count by."
        )
    try:
        return await work.policy(version)
    except NoResultFound:
        raise _unknown("policy_version") from None


async def _calendar_of(work: Work, query: DeadlineQuery) -> Calendar:
    try:
        return await work.calendar(query.calendar_version)
    except NoResultFound:
        raise _unknown("calendar_version") from None


def _unknown(parameter: str) -> Problem:
    return problems.validation([InputError.of(parameter, "unknown", "There is no such version.")])

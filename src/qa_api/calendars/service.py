"""The working calendar and the policy. A change never overwrites: it makes a new version."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, BOOLEAN, DATE, INTEGER, insert
from sqlalchemy.exc import NoResultFound

from qa_api import problems
from qa_api.calendars.policy_schemas import NewPolicy
from qa_api.calendars.schemas import (
    AdditionOut,
    AdditionQuery,
    CalendarRef,
    DeadlineOut,
    DeadlineQuery,
    DeadlineRule,
)
from qa_api.data import official_calendar_text
from qa_api.events import CalendarChanged, ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.events import LoggedEvent
from qa_api.models.policy import BankHoliday, CalendarDay, CalendarVersion, PolicyVersion
from qa_api.problems import InputError, Problem
from qa_api.rules import deadlines
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.deadlines import Deadline
from qa_api.rules.decision import AlreadySo, RuleRefused
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import carried_into, policy_from_values
from qa_api.values.explanations import ExplanationOut, StepOut
from qa_api.values.preconditions import Precondition
from qa_api.work import SERVICE, Work

_CLOCKS: Final[Mapping[DeadlineRule, Callable[[datetime, Policy, Calendar], Deadline]]] = {
    DeadlineRule.RESPONSE_DUE: deadlines.response_due,
    DeadlineRule.RETURN_ROUND_DUE: deadlines.return_round_due,
    DeadlineRule.REVIEW_DUE: deadlines.review_due,
    DeadlineRule.QUEUED_NOTIFICATION_DUE: deadlines.queued_notification_due,
    DeadlineRule.ACKNOWLEDGE_DUE: deadlines.acknowledge_due,
    DeadlineRule.INFORM_DUE: deadlines.inform_due,
    DeadlineRule.OVERDUE_TOLD: deadlines.overdue_told,
}
_NOTHING_CHANGED: Final[Mapping[str, object]] = {}


# --- the working calendar ---


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
    if expected is not None:
        expected.check(holiday.added_version)
    if holiday.withdrawn_version is not None:
        raise AlreadySo("withdrawn_bank_holiday")
    holiday.withdrawn_version, holiday.withdrawn_reason = before.version + 1, reason
    return await publish(work, before, reason)


async def horizon_warning(work: Work) -> date | None:
    """The last day that the calendar knows, once it is near enough to tell people (Trap 1)."""
    calendar, policy = await work.calendar(), await work.policy()
    soon = calendar.ends_soon(work.today, policy.calendar_notice_days)
    return calendar.known_until if soon else None


async def _calendar_to_change(work: Work) -> Calendar | None:
    """The newest calendar, if there is one; who else would change it waits for this work."""
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("calendar"))))
    newest = await work.session.scalar(select(func.max(CalendarVersion.version)))
    return None if newest is None else await work.calendar(newest)


async def calendar_in_force(work: Work) -> Calendar:
    """The newest calendar; who else would change it waits for this work. 404 where none is."""
    calendar = await _calendar_to_change(work)
    if calendar is None:
        raise problems.not_found()
    return calendar


def _recorded_by(work: Work) -> UUID | None:
    return None if work.actor is SERVICE else work.actor.principal_id


async def publish(
    work: Work, before: Calendar, reason: str, known_until: date | None = None
) -> Calendar:
    """Let a new version of the calendar hold from here on, also for the rest of this work."""
    version = before.version + 1
    work.session.add(
        CalendarVersion(
            version=version,
            division=before.division,
            known_from=before.known_from,
            known_until=known_until or before.known_until,
            reason=reason,
            recorded_at=work.now,
            recorded_by=_recorded_by(work),
        )
    )
    await work.session.flush()
    work.calendar_version = version
    calendar = await work.calendar()
    await _index_days(work, calendar)
    turned = sorted(before.withdrawn.keys() ^ calendar.withdrawn.keys())
    await work.record(CalendarChanged(about=new_id(), calendar_version=version, days=tuple(turned)))
    return calendar


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
        explanation=ExplanationOut.model_validate(found.explanation.as_json()),
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


# --- the policy ---


async def install_policy(
    work: Work,
    values: Mapping[str, object] = _NOTHING_CHANGED,
    *,
    effective_from: date,
    reason: str,
    made_as: UUID | None = None,
) -> Policy:
    """Make a version of the authority's whole policy, from a London day on.

    It has the values in force on that day, or the procedure's own in an empty authority, with
    `values` in their place. Refuses unknown keys and values that a key does not take. What is
    scheduled for later days gets the change as a further version, where it says nothing else.
    """
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("policy"))))
    before = await policy_version_on(work, effective_from)
    kept = (await work.policy(before)).values() if before else {}
    policy = await _add_version(work, {**kept, **values}, effective_from, reason, made_as)
    for later in await _scheduled_after(work, effective_from):
        carried = carried_into(later.values(), kept, values)
        if carried != later.values():
            why = f"Version {policy.version} carried on"
            await _add_version(work, carried, later.effective_from, why)
    if effective_from <= work.today:
        work.policy_version = await policy_version_on(work, work.today) or policy.version
    return policy


async def _add_version(
    work: Work,
    values: Mapping[str, object],
    effective_from: date,
    reason: str,
    made_as: UUID | None = None,
) -> Policy:
    newest = await work.session.scalar(select(func.max(PolicyVersion.version)))
    policy = policy_from_values((newest or 0) + 1, effective_from, values)
    work.session.add(
        PolicyVersion(
            version=policy.version,
            effective_from=effective_from,
            values=policy.values(),
            reason=reason,
            recorded_at=work.now,
            recorded_by=_recorded_by(work),
        )
    )
    await work.session.flush()
    about = made_as or new_id()
    await work.record(ConfigurationChanged(about=about, what="policy", code=str(policy.version)))
    return policy


async def _scheduled_after(work: Work, day: date) -> list[Policy]:
    """What is in force from each later day on which a version takes effect, the earliest first."""
    newest_of_day = (
        select(func.max(PolicyVersion.version))
        .where(PolicyVersion.effective_from > day)
        .group_by(PolicyVersion.effective_from)
        .order_by(PolicyVersion.effective_from)
    )
    return [await work.policy(version) for version in await work.session.scalars(newest_of_day)]


async def change_policy(work: Work, made_as: UUID, given: NewPolicy) -> Policy:
    """Decide on a new version of the policy. What is past was made under what held then."""
    if given.effective_from < work.today:
        detail = "A policy takes effect today or later."
        at = InputError.at(["effective_from"], "in-the-past", detail)
        raise problems.business_rule("policy", detail, [at])
    keys = [change.key for change in given.changes]
    repeated = [
        InputError.at(["changes", at, "key"], "key-repeated", "This key is given twice.")
        for at, key in enumerate(keys)
        if keys.count(key) > 1
    ]
    if repeated:
        raise problems.validation(repeated)
    try:
        return await install_policy(
            work,
            {change.key: change.model_dump()["value"] for change in given.changes},
            effective_from=given.effective_from,
            reason=given.reason,
            made_as=made_as,
        )
    except RuleRefused as refusal:
        place = [keys.index(refusal.field)] if refusal.field in keys else []
        at = InputError.at(["changes", *place], refusal.code, refusal.message)
        raise problems.business_rule(
            refusal.clause, refusal.message, [at], code=refusal.code
        ) from None


async def policy_made_as(work: Work, made_as: UUID) -> int:
    """The version that a request made, by the id it was to be made as; a repetition asks this."""
    code = await work.session.scalar(
        select(LoggedEvent.data["code"].astext).where(LoggedEvent.about_id == made_as)
    )
    return int(code or 0)


async def policy_version_on(work: Work, day: date) -> int | None:
    """The version in force on a London day: the latest effective, the higher one on a tie."""
    version: int | None = await work.session.scalar(
        select(PolicyVersion.version)
        .where(PolicyVersion.effective_from <= day)
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.version.desc())
        .limit(1)
    )
    return version

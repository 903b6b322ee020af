"""What the worker looks for at intervals: what fell due, and the housekeeping.

Each task has a transaction of its own and an advisory lock in it, so that several workers never
do one at the same time, and one that fails stops no other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import delete, exists, func, or_, select

from qa_api.alerts import alert_role
from qa_api.attempts import Result, in_whole_attempts, name_of
from qa_api.auth.roles import Role
from qa_api.board.awaiting import count_awaited_updates
from qa_api.board.rollup_upkeep import fold_rollups
from qa_api.calendars.service import horizon_warning
from qa_api.closure_gates.deciding_again import decide_gates_again
from qa_api.due_audits.schedule import open_due_audits
from qa_api.escalations.handing_on import tell_who_is_asked_now
from qa_api.escalations.missed import alert_missed_hops
from qa_api.escalations.service import end_doubled
from qa_api.events import CalendarChanged
from qa_api.me.service import settle_alerts
from qa_api.models.access import IdempotencyKey
from qa_api.models.board import QaUpdate
from qa_api.models.escalations import Escalation
from qa_api.models.notifications import Notification
from qa_api.models.observations import LearningHighlight
from qa_api.models.policy import CalendarVersion
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.notifications.service import alert_queued_past_policy
from qa_api.observations.awaiting import count_awaited_highlights, count_awaited_observations
from qa_api.reads.expressions import uncounted
from qa_api.reporting.forgetting import forget_downloads
from qa_api.responses.handing_on import tell_who_reviews_now
from qa_api.responses.overdue import alert_overdue_responses, alert_unreviewed
from qa_api.responses.service import take_back_from_leavers
from qa_api.retention.caseloads import forget_old_caseloads
from qa_api.retention.names import forget_names_of_leavers
from qa_api.retention.removing import remove_approved_content
from qa_api.rules.alerts import AlertKind
from qa_api.subjects.service import resolve_waiting
from qa_api.unusual_reads.finding import look_through_days
from qa_api.webhooks.deleting import skip_what_waits_for_deleted
from qa_api.webhooks.service import alert_failing_endpoints
from qa_api.work import Work, Workshop

log = logging.getLogger(__name__)

Task = Callable[[Work], Awaitable[object]]

KEYS_KEPT: Final = timedelta(days=30)
CALENDAR_IS_NEW: Final = timedelta(days=1)
_CALENDAR: Final = uuid5(NAMESPACE_URL, "urn:qa-api:working-calendar")


async def tell_calendar_ends(work: Work) -> None:
    """Tell the administrators, once, that the working calendar soon ends (Trap 1)."""
    known_until = await horizon_warning(work)
    if known_until is not None:
        await alert_role(
            work,
            Role.ADMINISTRATOR,
            AlertKind.CALENDAR_ENDS_SOON,
            _CALENDAR,
            occasion=known_until.isoformat(),
        )


UNCOUNTED: Final = (
    uncounted(AuditResponse.due_on, AuditResponse.explanation),
    or_(
        uncounted(ResponseRound.due_on, ResponseRound.explanation),
        uncounted(ResponseRound.review_due_on, ResponseRound.review_explanation),
    ),
    Notification.queued_until.is_(None),
    or_(Escalation.acknowledge_by.is_(None), Escalation.inform_by.is_(None)),
    QaUpdate.due_on.is_(None),
    LearningHighlight.due_on.is_(None),
)
"""What has a date that the calendar does not reach, table by table."""


async def tell_uncounted_dates(work: Work) -> None:
    """Tell the administrators and Q&S, once, that dates wait for the calendar (Trap 1)."""
    waiting = select(or_(*(exists().where(condition) for condition in UNCOUNTED)))
    if not await work.session.scalar(waiting):
        return
    known_until = (await work.calendar()).known_until
    for role in (Role.ADMINISTRATOR, Role.QUALITY_STANDARDS):
        await alert_role(
            work, role, AlertKind.CALENDAR_UNKNOWN, _CALENDAR, occasion=known_until.isoformat()
        )


async def count_again_under_new_calendar(work: Work) -> None:
    """Count open dates again for a day after the calendar has changed (R4.2.4).

    Work that began under the old calendar may have started a clock after all others were counted.
    """
    is_new = select(CalendarVersion.version).where(
        CalendarVersion.version == work.calendar_version,
        # By the clock that all share: none of theirs may end the day before it has begun.
        CalendarVersion.stored_at > func.now() - CALENDAR_IS_NEW,
    )
    if await work.session.scalar(is_new) is None:
        return
    changed = CalendarChanged(about=_CALENDAR, calendar_version=work.calendar_version)
    for react in work.reactions.get(CalendarChanged, ()):
        await react(work, changed)


async def forget_idempotency_keys(work: Work) -> None:
    """Drop the keys of requests that nobody repeats any more."""
    await work.session.execute(
        # A worker ahead of its time forgets nothing early.
        delete(IdempotencyKey).where(
            IdempotencyKey.at < func.least(work.now, func.now()) - KEYS_KEPT
        )
    )


TASKS: Final[Mapping[str, Task]] = {
    "audits that fall due": open_due_audits,
    "responses handed to who left the team": take_back_from_leavers,
    "who is to review now": tell_who_reviews_now,
    "who is asked now": tell_who_is_asked_now,
    "overdue responses": alert_overdue_responses,
    "responses not reviewed": alert_unreviewed,
    "notifications queued past policy": alert_queued_past_policy,
    "escalations not answered": alert_missed_hops,
    "endpoints that fail": alert_failing_endpoints,
    "messages for deleted endpoints": skip_what_waits_for_deleted,
    "clocks under a new calendar": count_again_under_new_calendar,
    "end of the calendar": tell_calendar_ends,
    "dates past the end of the calendar": tell_uncounted_dates,
    "cases that wait for somebody known": resolve_waiting,
    "gates that are decided again": decide_gates_again,
    "escalations of one closing": end_doubled,
    "workers to be observed": count_awaited_observations,
    "highlights that teams owe": count_awaited_highlights,
    "updates that services owe": count_awaited_updates,
    "alerts about what is over": settle_alerts,
    "old idempotency keys": forget_idempotency_keys,
    "downloads of yesterday": forget_downloads,
    "caseloads of long ago": forget_old_caseloads,
    "content whose time has come": remove_approved_content,
    "names of who left long ago": forget_names_of_leavers,
    "what figures count": fold_rollups,
    "reads of days that are over": look_through_days,
}
"""In this order, at every sweep."""


_MINE: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"


async def do_alone(
    workshop: Workshop, correlation_id: str, name: str, act: Callable[[Work], Awaitable[Result]]
) -> Result | None:
    """Do a task in its own transaction; None where another worker does it at this moment."""

    async def attempt() -> Result | None:
        async with workshop.open_as_service(correlation_id) as work:
            if await work.driver.fetchval(_MINE, f"sweep: {name}"):
                return await act(work)
            return None

    return await in_whole_attempts(attempt)


async def sweep(workshop: Workshop, tasks: Mapping[str, Task]) -> None:
    """Do every task once, except those that another worker does at this moment."""
    for name, act in tasks.items():
        try:
            await do_alone(workshop, "sweep", name, act)
        except Exception as fault:  # noqa: BLE001 - whatever it is must not stop the others
            log.error(  # noqa: TRY400 - a traceback may show a row
                "sweep: %s failed: %s", name, name_of(fault)
            )


async def run_sweeps(workshop: Workshop, interval_seconds: float) -> None:
    """Sweep, pause, and again, until cancelled."""
    while True:
        await sweep(workshop, TASKS)
        await asyncio.sleep(interval_seconds)

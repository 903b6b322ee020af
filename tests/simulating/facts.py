"""Facts of a year made by hand: what happened on Monday 23 November 2026 and in the year before."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from qa_api.data import official_calendar_text
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.closure import Cycle, EpisodePhase
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.moderation import Unsealed
from qa_api.rules.observation import Days, ObservedWorker
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.responses import ReviewOutcome
from qa_api.rules.sampling import Member, draw
from qa_api.rules.states import ResponseState
from qa_api.simulating.clocks import (
    Clocks,
    EscalationRaised,
    NotificationSent,
    ResponseGiven,
    RoundGiven,
    Started,
)
from qa_api.simulating.due import Closing, Household, Interval, Owed, Settled
from qa_api.simulating.observed import Colleague, Place
from qa_api.simulating.policies import Policies, Year
from qa_api.simulating.sampled import Audited, Drawn, Moderated, Moderation
from qa_api.simulating.simulation import Facts

TODAY: Final = date(2026, 11, 23)
TEAM: Final = "lincoln-fast"
FOUR_POINT: Final = JudgedOn("four-point", 1)


@cache
def calendar() -> Calendar:
    return official_calendar(official_calendar_text())


def at(day: str, hour: int = 10) -> datetime:
    """An hour of UTC on a day."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def started(day: str) -> Started:
    return Started(at(day), 1, calendar())


def facts(
    *,
    responses: Sequence[ResponseGiven] = (),
    notifications: Sequence[NotificationSent] = (),
    escalations: Sequence[EscalationRaised] = (),
    households: Sequence[Household] = (),
    intervals: Sequence[Interval] = (),
    closings: Sequence[Closing] = (),
    colleagues: Sequence[Colleague] = (),
    moderation: Moderation | None = None,
    values: Mapping[str, object] | None = None,
) -> Facts:
    """What there was, under one version of the policy: the procedure's but for `values`."""
    return Facts(
        Year.before(TODAY),
        Policies([policy_from_values(1, date(2012, 1, 1), values or {})]),
        Clocks(responses, notifications, escalations, calendar()),
        Owed(households, intervals, closings),
        colleagues,
        moderation or Moderation((), (), {}),
    )


# --- clocks ---


def response(notified: str, *rounds: RoundGiven, state: str = "adequate") -> ResponseGiven:
    return ResponseGiven(started(notified), ResponseState(state), rounds)


def given(
    number: int = 1,
    *,
    returned: str | None = None,
    submitted: str | None = None,
    reviewed: str | None = None,
    outcome: str = "adequate",
) -> RoundGiven:
    """A round, submitted and reviewed on days."""
    return RoundGiven(
        number,
        started(returned) if returned else None,
        at(submitted) if submitted else None,
        started(submitted) if submitted else None,
        ReviewOutcome(outcome) if reviewed else None,
        at(reviewed, 15) if reviewed else None,
    )


def notification(queued: str, notified: str | None) -> NotificationSent:
    when = at(notified) if notified else None
    return NotificationSent(started(queued), when, is_queued=when is None)


def escalation(raised: str, acknowledged: str, informed: str) -> EscalationRaised:
    one = started(raised)
    return EscalationRaised(one, one, at(acknowledged, 16), at(informed, 16), None)


# --- audits ---


def household(panel: str, *made: tuple[str, str], ended: str | None = None) -> Household:
    """A household; each audit that was made by the date it was due on and that of completion."""
    done = [date.fromisoformat(done_on) for _, done_on in made]
    settled = [
        Settled(date.fromisoformat(due_on), 1, date.fromisoformat(done_on))
        for due_on, done_on in made
    ]
    end = date.fromisoformat(ended) if ended else None
    return Household(TEAM, date.fromisoformat(panel), end, None, done, settled)


def closing(opened: str, closed: str | None = None, reason: str | None = None) -> Closing:
    phase = EpisodePhase.CLOSED if closed else EpisodePhase.PROPOSED
    closed_at = at(closed) if closed else None
    cycle = Cycle(phase=phase, closed_at=closed_at, reason_code=reason)
    return Closing(date.fromisoformat(opened), cycle, 1, offered=True)


# --- observations ---


def colleague(
    starts: str = "2020-01-06", *observed: str, absent: tuple[str, str] | None = None
) -> Colleague:
    starts_on = date.fromisoformat(starts)
    away = [Days(*map(date.fromisoformat, absent))] if absent else []
    return Colleague(
        ObservedWorker(starts_on, None, tuple(away)),
        [Place(TEAM, Days(starts_on))],
        [date.fromisoformat(day) for day in observed],
    )


# --- moderation ---


def audited(
    number: int, month: str, on: JudgedOn = FOUR_POINT, audit_type: str = "collaborative"
) -> Audited:
    member = Member(f"{month}-{number:03}", audit_type, "good", TEAM)
    return Audited(member, "a", date.fromisoformat(f"{month}-10"), (on,), in_error=False)


def populated(**months: int) -> Moderation:
    """So many audits completed in each month, written `m2026_01`; nothing was drawn of them."""
    audits = [
        audited(number, name[1:].replace("_", "-"))
        for name, many in months.items()
        for number in range(many)
    ]
    return Moderation(audits, (), {})


def drawn_in_january(
    audits: Sequence[Audited],
    values: Mapping[str, object],
    seed: str = "0",
    unsealed: Mapping[int, Unsealed] | None = None,
) -> Moderation:
    """Audits of January 2026 of which a sample was drawn, and moderated as it was judged."""
    members = [each.member for each in audits]
    lot = draw(members, policy_from_values(1, date(2012, 1, 1), values), seed).drawn
    sample = Drawn("a", date(2026, 1, 1), date(2026, 2, 1), seed, 1, members, frozenset(lot))
    judged = {each.member.audit_id: each.judged_on for each in audits}
    moderated = {
        audit_id: Moderated(judged[audit_id], (unsealed or {}).get(place))
        for place, audit_id in enumerate(lot)
    }
    return Moderation(audits, [sample], moderated)

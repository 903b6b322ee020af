"""How many practice observations are asked of a worker, and how that stands (§4.6, R4.6).

The period comes from the policy, the share from the days on which the worker was there in it: in
service, not on a long absence, not exempt. Observations follow the worker from team to team.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from qa_api.rules.cadence import months_after
from qa_api.rules.calendar import Calendar
from qa_api.rules.deadlines import Counting, Deadline, deadline
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ObservationWindow, Rounding
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.6, R4.6.1"
_RECORDING: Final = "§4.6, R4.6.2"
_HIGHLIGHTS: Final = "§4.6, R4.6.3"
_ONE_DAY: Final = timedelta(days=1)
_FIRST_FINANCIAL_YEAR: Final = date(2000, 4, 1)


class Days(Unchanging):
    """From a first day up to the day after the last; without an end while it goes on."""

    first: date
    until: date | None = None

    def ended(self, as_at: date) -> "Days":
        """The same as it is known on a day: what goes on has lasted until that day, included."""
        return (
            self if self.until is not None else Days(self.first, max(self.first, as_at + _ONE_DAY))
        )


class Period(Unchanging):
    """The period in which observations are counted, both days included."""

    starts_on: date
    ends_on: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.starts_on <= day <= self.ends_on

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends_on - self.starts_on).days + 1


class ObservedWorker(Unchanging):
    """What decides how many observations are asked of one worker."""

    starts_on: date | None
    leaves_on: date | None
    """The last day in service."""
    absences: tuple[Days, ...] = ()
    exemptions: tuple[Days, ...] = ()
    required: int | None = None
    """A number of the worker's own in place of the policy's."""


class ObservationStanding(Unchanging):
    """How a worker's observations stand on a day."""

    period: Period
    done: int
    required: int
    exempt: bool
    """Whether they are exempt on this very day."""
    expected_by_now: int
    explanation: Explanation

    @property
    def remaining(self) -> int:
        """How many are still to be done in this period."""
        return max(0, self.required - self.done)

    @property
    def met(self) -> bool:
        """Whether as many were done as the whole period asks for."""
        return self.done >= self.required

    @property
    def on_pace(self) -> bool:
        """Whether as many were done as the part of the period that is over asks for."""
        return self.done >= self.expected_by_now


def period_at(policy: Policy, as_at: date, starts_on: date | None) -> Period:
    """The period that a day belongs to, for a worker who started on a day (R4.6.1).

    Periods of the financial year follow each other from 1 April 2000, so that those of another
    length than a year have edges too. A rolling period ends on the day itself. Periods that
    count from the start fall back on the financial year where no start is known.
    """
    months = policy.observation_window_months
    if policy.observation_window is ObservationWindow.ROLLING:
        return Period(months_after(as_at, -months) + _ONE_DAY, as_at)
    from_start = policy.observation_window is ObservationWindow.FROM_START_DATE
    anchor = starts_on if from_start and starts_on is not None else _FIRST_FINANCIAL_YEAR
    passed = (as_at.year - anchor.year) * 12 + as_at.month - anchor.month
    number = passed // months
    if months_after(anchor, number * months) > as_at:
        number -= 1
    following = months_after(anchor, (number + 1) * months)
    return Period(months_after(anchor, number * months), following - _ONE_DAY)


def observations_at(
    worker: ObservedWorker, observed_on: Iterable[date], as_at: date, policy: Policy
) -> ObservationStanding:
    """What is done, required and expected of a worker as at a day, and why (R4.6.1, R4.6.2).

    The number is shared out over the days of the period on which the worker is there. On pace
    means: as many as the days gone by ask for, rounded down; on the last of the days, all.
    """
    period = period_at(policy, as_at, worker.starts_on)
    there = _days_there(worker, period, as_at, policy)
    counted, gone_by = _how_many(there), _how_many(there, as_at)
    whole = policy.observations_required if worker.required is None else worker.required
    required = _required(whole, counted, period, policy)
    expected = required * gone_by // counted if counted else 0
    done = sum(period.holds(day) and day <= as_at for day in observed_on)
    explanation = Explanation(
        "observations_required",
        CLAUSE,
        policy.version,
        facts={
            "as_at": as_at,
            "window": policy.observation_window.value,
            "period_starts_on": period.starts_on,
            "period_ends_on": period.ends_on,
            "days_in_period": period.days,
            "days_counted": counted,
            "days_counted_by_now": gone_by,
            "asked_of_a_whole_period": whole,
            "prorated": policy.observation_prorated,
            "rounding": policy.observation_rounding.value,
            "expected_by_now": expected,
        },
    )
    exempt = any(_holds(days, as_at) for days in worker.exemptions)
    return ObservationStanding(period, done, required, exempt, expected, explanation)


def _days_there(worker: ObservedWorker, period: Period, as_at: date, policy: Policy) -> list[range]:
    """The days of the period in service, not on a long absence and not exempt.

    By their ordinals, in stretches: a day by itself would be counted for everybody at each sweep.
    """
    first = max(period.starts_on, worker.starts_on or period.starts_on)
    last = min(period.ends_on, worker.leaves_on or period.ends_on)
    there = [range(first.toordinal(), last.toordinal() + 1)]
    for gone in _days_gone(worker, as_at, policy):
        there = [part for kept in there for part in _without(kept, gone)]
    return there


def _days_gone(worker: ObservedWorker, as_at: date, policy: Policy) -> Iterator[range]:
    """The days of long absences, as far as they have gone, and those exempt."""
    for absence in worker.absences:
        away = _ordinals(absence.ended(as_at))
        if len(away) >= policy.long_absence_days:
            yield away
    yield from map(_ordinals, worker.exemptions)


def _ordinals(days: Days) -> range:
    until = date.max if days.until is None else days.until
    return range(days.first.toordinal(), until.toordinal())


def _without(kept: range, gone: range) -> tuple[range, ...]:
    """What is left of one stretch without another: what lies before it, and what lies after."""
    before = range(kept.start, min(kept.stop, gone.start))
    after = range(max(kept.start, gone.stop), kept.stop)
    return tuple(part for part in (before, after) if part) if gone else (kept,)


def _how_many(there: Iterable[range], up_to: date = date.max) -> int:
    """Of these stretches, the days up to one of them, which is included."""
    after = up_to.toordinal() + 1
    return sum(len(range(each.start, min(each.stop, after))) for each in there)


def _required(whole: int, days: int, period: Period, policy: Policy) -> int:
    if not policy.observation_prorated:
        return whole if days else 0
    share = Fraction(whole * days, period.days)
    match policy.observation_rounding:
        case Rounding.UP:
            return -(-share // 1)
        case Rounding.DOWN:
            return share // 1
        case Rounding.NEAREST:
            return (share + Fraction(1, 2)) // 1  # a half counts as one


def _holds(days: Days, day: date) -> bool:
    return days.first <= day and (days.until is None or day < days.until)


def check_observation(
    *, worker: str, observer: str, observed_on: date, today: date, in_service: bool
) -> None:
    """Refuse an observation that cannot be recorded as it is (R4.6.2)."""
    if observer == worker:
        raise RuleRefused(
            "own-practice", _RECORDING, "Nobody observes their own practice.", "observer"
        )
    if observed_on > today:
        raise RuleRefused(
            "in-the-future",
            _RECORDING,
            "The day of the observation must not be in the future.",
            "observed_on",
        )
    if not in_service:
        raise RuleRefused(
            "not-in-service",
            _RECORDING,
            "The worker was not in service on that day.",
            "observed_on",
        )


def check_highlight(quarter: FinancialQuarter, today: date) -> None:
    """Refuse learning highlights of a quarter that has not begun (R4.6.3)."""
    if quarter.starts_on > today:
        raise RuleRefused("in-the-future", _HIGHLIGHTS, "That quarter has not begun.", "quarter")


def highlights_due(quarter: FinancialQuarter, policy: Policy, calendar: Calendar) -> Deadline:
    """Until when a team's learning highlights of a quarter are due (R4.6.3)."""
    counting = Counting(
        "highlights_due",
        _HIGHLIGHTS,
        policy.version,
        quarter.ends_on,
        policy.highlights_working_days,
    )
    return deadline(counting, calendar, quarter=quarter.label)

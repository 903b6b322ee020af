"""The Board's figures as data: each with its written numerator and denominator (§4.7, R4.7.3).

A part of a figure is a list of the API with filters, so the figure counts exactly the rows that
the list shows, and the link to them cannot say anything else.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from qa_api.rules.agreement import pairs_needed
from qa_api.rules.calendar import Calendar
from qa_api.rules.deadlines import Counting, Deadline, deadline
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
_UPDATES: Final = "§4.7, R4.7.1"

Value: TypeAlias = str | bool | int | date


class Source(StrEnum):
    """The list of the API that a figure counts, by its path under `/v1/`."""

    AUDITS = "audits"
    RESPONSES = "audit-responses"
    ACTIONS = "restorative-actions"
    ESCALATIONS = "escalations"
    GATES = "closure-gates"


class Unit(StrEnum):
    """What a figure's value is: its numerator over its denominator, or a median of spans."""

    SHARE = "share"
    WORKING_DAYS = "working_days"
    MINUTES = "minutes"


class Span(StrEnum):
    """The time that a median is of."""

    NOTIFIED_TO_SUBMITTED = "notified_to_submitted"
    RAISED_TO_ACKNOWLEDGED = "raised_to_acknowledged"
    RAISED_TO_INFORMED = "raised_to_informed"


class Counted(Unchanging):
    """Rows of one list: those dated in the quarter by `dated`, and kept by the filters."""

    definition: str
    source: Source
    dated: str
    """The filter pair that holds the quarter: `due` for `due_from` and `due_to`."""
    filters: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def narrowed(self, definition: str, **filters: Value) -> "Counted":
        """Some of these rows. So a numerator never holds a row that its denominator lacks."""
        return Counted(definition, self.source, self.dated, {**self.filters, **filters})


class Figure(Unchanging):
    """One figure. Of a median, the numerator is the rows whose spans it is the median of."""

    key: str
    title: str
    unit: Unit
    numerator: Counted
    denominator: Counted
    span: Span | None = None
    clause: str = CLAUSE


class Scope(Unchanging):
    """Whose figures: held by a team or a service now, of an audit type; None is everything."""

    team: str | None = None
    service: str | None = None
    type: str | None = None

    def filters(self, source: Source) -> dict[str, Value]:
        """The scope in the filters of a list."""
        of_type = "type" if source is Source.AUDITS else "audit_type"
        named = {"team": self.team, "service": self.service, of_type: self.type}
        return {name: value for name, value in named.items() if value is not None}


def given(part: Counted, quarter: FinancialQuarter, scope: Scope) -> dict[str, Value]:
    """Every filter that a part sets: the quarter half-open, its London dates (Trap 4)."""
    return {
        f"{part.dated}_from": quarter.starts_on,
        f"{part.dated}_to": quarter.next.starts_on,
        **part.filters,
        **scope.filters(part.source),
    }


def share(numerator: int, denominator: int) -> float | None:
    """Numerator over denominator to four places; None where there is nothing to divide by."""
    return round(numerator / denominator, 4) if denominator else None


def counted_under(quarter: FinancialQuarter, policy: Policy, as_at: datetime) -> Explanation:
    """How every figure of a quarter is counted, and when one is withheld (R4.7.3, X2).

    What a figure counts is written beside it; this is what all of them have in common.
    """
    return Explanation(
        "figures_of_quarter",
        CLAUSE,
        policy.version,
        facts={
            "starts_on": quarter.starts_on,
            "ends_before": quarter.next.starts_on,
            "as_at": as_at,
            "small_cell_minimum": policy.small_cell_minimum,
            "agreement_minimum_pairs": pairs_needed(policy),
            "agreement_kappa_weights": policy.agreement_kappa_weights.value,
        },
    )


def update_due(quarter: FinancialQuarter, policy: Policy, calendar: Calendar) -> Deadline:
    """Until when a service's update about a quarter is due (R4.7.1)."""
    counting = Counting(
        "qa_update_due", _UPDATES, policy.version, quarter.ends_on, policy.qa_update_working_days
    )
    return deadline(counting, calendar, quarter=quarter.label)


def check_over(quarter: FinancialQuarter, today: date) -> None:
    """Refuse to report on a quarter that is not over in London (R4.7.1)."""
    if today <= quarter.ends_on:
        raise RuleRefused("quarter-not-over", _UPDATES, "That quarter is not over yet.", "quarter")


def is_late(due_on: date | None, first_submitted_on: date | None, today: date) -> bool:
    """Late: first submitted after the due date, or the date has passed without (R4.7.1).

    What has no date yet, because the calendar does not reach it, is not late.
    """
    return due_on is not None and (first_submitted_on or today) > due_on


_DUE = Counted("audits due in the quarter", Source.AUDITS, "due")
_STANDING = _DUE.narrowed("audits due in the quarter that were not cancelled", cancelled=False)
_DONE = _STANDING.narrowed("those of them completed by now, late ones too", done=True)
_CANCELLED = _DUE.narrowed(
    "audits due in the quarter that were cancelled, those of exempt teams apart",
    cancelled=True,
    exempt=False,
)
_EXEMPT = _DUE.narrowed(
    "audits due in the quarter that were cancelled unbegun because their team is exempt",
    exempt=True,
)
COMPLETED: Final = Counted("audits completed in the quarter", Source.AUDITS, "completed")
_RESPONSES = Counted("responses due in the quarter", Source.RESPONSES, "due")
_FIRST_ON_TIME = _RESPONSES.narrowed(
    "those first submitted by their due date", first_submitted_on_time=True
)
_ADEQUATE_ON_TIME = _RESPONSES.narrowed(
    "those whose round that was found adequate was submitted by the due date",
    adequate_on_time=True,
)
_LATE = _RESPONSES.narrowed(
    "those that no submission by the due date can make adequate any more", adequate_on_time=False
)
_ACTIONS = Counted("restorative actions set in the quarter", Source.ACTIONS, "set")
_OPEN = _ACTIONS.narrowed("those neither verified nor cancelled", settled=False)
_OVERDUE = _ACTIONS.narrowed("those that missed a date and are not verified", overdue=True)
_VERIFIED = _ACTIONS.narrowed("those verified by somebody other than the doer", state="verified")
_BY_FIRST_PROMISE = _ACTIONS.narrowed(
    "those done at once, or by the date that was promised first", by_first_promise=True
)
_ESCALATIONS = Counted("escalations raised in the quarter", Source.ESCALATIONS, "raised")
_URGENT = _ESCALATIONS.narrowed(
    "escalations of urgent findings raised in the quarter", trigger="urgent_finding"
)
_CLOSURES = Counted("closures of cases in the quarter", Source.GATES, "closed")

CATALOGUE: Final = (
    Figure("audits_due", "Audits due", Unit.SHARE, _STANDING, _DUE),
    Figure(
        "audits_done",
        "Audits done",
        Unit.SHARE,
        _DONE,
        _STANDING,
    ),
    Figure("audits_cancelled", "Audits cancelled", Unit.SHARE, _CANCELLED, _DUE),
    Figure("audits_exempt", "Audits exempt", Unit.SHARE, _EXEMPT, _DUE, clause="§4.4, R4.4.2"),
    Figure(
        "family_contact",
        "Family contact",
        Unit.SHARE,
        COMPLETED.narrowed(
            "those of them whose auditor spoke with the child, young person or family",
            family_contacted=True,
        ),
        COMPLETED,
        clause="§4.1, R4.1.4",
    ),
    Figure(
        "responses_first_on_time",
        "Responses first submitted on time",
        Unit.SHARE,
        _FIRST_ON_TIME,
        _RESPONSES,
        clause="§4.2, R4.2.4",
    ),
    Figure(
        "responses_adequate_on_time",
        "Responses adequate on time",
        Unit.SHARE,
        _ADEQUATE_ON_TIME,
        _RESPONSES,
        clause="§4.2, R4.2.4",
    ),
    Figure(
        "responses_late",
        "Responses late",
        Unit.SHARE,
        _LATE,
        _RESPONSES,
        clause="§4.2, R4.2.4",
    ),
    Figure(
        "responses_overdue",
        "Responses overdue now",
        Unit.SHARE,
        _RESPONSES.narrowed("those still awaited from the worker after their date", overdue=True),
        _RESPONSES,
        clause="§4.2, R4.2.5",
    ),
    Figure(
        "responses_returned",
        "Responses returned",
        Unit.SHARE,
        _RESPONSES.narrowed("those returned at least once", was_returned=True),
        _RESPONSES,
        clause="§4.2, R4.2.4",
    ),
    Figure(
        "response_time",
        "Median time to respond",
        Unit.WORKING_DAYS,
        _RESPONSES.narrowed(
            "those submitted: working days from notification to the first submission",
            submitted=True,
        ),
        _RESPONSES,
        Span.NOTIFIED_TO_SUBMITTED,
        clause="§4.2, R4.2.1",
    ),
    Figure("actions_open", "Actions open", Unit.SHARE, _OPEN, _ACTIONS, clause="§4.2, R4.2.6"),
    Figure(
        "actions_overdue",
        "Actions overdue",
        Unit.SHARE,
        _OVERDUE,
        _ACTIONS,
        clause="§4.2, R4.2.6",
    ),
    Figure(
        "actions_verified",
        "Actions verified",
        Unit.SHARE,
        _VERIFIED,
        _ACTIONS,
        clause="§4.2, R4.2.6",
    ),
    Figure(
        "actions_by_first_promise",
        "Actions done by the date first promised",
        Unit.SHARE,
        _BY_FIRST_PROMISE,
        _ACTIONS,
        clause="§4.2, R4.2.6",
    ),
    Figure("urgent_findings", "Urgent findings", Unit.SHARE, _URGENT, _ESCALATIONS),
    Figure(
        "urgent_to_team_manager",
        "Median time of urgent findings to the team manager",
        Unit.MINUTES,
        _URGENT.narrowed(
            "those acknowledged: minutes from raising to the manager's acknowledgement",
            acknowledged=True,
        ),
        _URGENT,
        Span.RAISED_TO_ACKNOWLEDGED,
        clause="§4.3, R4.3.3",
    ),
    Figure(
        "urgent_to_quality_standards",
        "Median time of urgent findings to Quality & Standards",
        Unit.MINUTES,
        _URGENT.narrowed(
            "those passed on: minutes from raising until Quality & Standards was informed",
            informed=True,
        ),
        _URGENT,
        Span.RAISED_TO_INFORMED,
        clause="§4.3, R4.3.3",
    ),
    Figure(
        "closures_with_audit",
        "Closures with a prior audit",
        Unit.SHARE,
        _CLOSURES.narrowed("those whose closure audit was completed before", audited=True),
        _CLOSURES,
        clause="§3, C3",
    ),
    Figure(
        "closures_without_audit",
        "Closures without a prior audit",
        Unit.SHARE,
        _CLOSURES.narrowed("those without an audit completed before", audited=False),
        _CLOSURES,
        clause="§3, C5",
    ),
    Figure(
        "closures_exempt",
        "Closures exempt",
        Unit.SHARE,
        _CLOSURES.narrowed(
            "those that needed no closure audit: by their reason under the policy of their day, or "
            "because the authority had no audit for such closings",
            exempt=True,
        ),
        _CLOSURES,
        clause="§3, C3",
    ),
)
"""Every figure of the lists, in the order in which the Board reads them."""

SPLIT: Final[tuple[tuple[Counted, tuple[Counted, ...]], ...]] = (
    (_DUE, (_STANDING, _CANCELLED, _EXEMPT)),
    (_RESPONSES, (_ADEQUATE_ON_TIME, _LATE)),
    (_FIRST_ON_TIME, (_ADEQUATE_ON_TIME,)),
    (_ACTIONS, (_OPEN, _VERIFIED)),
    (_OPEN, (_OVERDUE,)),
)
"""Counts of several figures that lie apart within one whole: what one of them would give away."""


def figures_of(scope: Scope) -> tuple[Figure, ...]:
    """The figures that have a meaning in a scope: a closure has no audit type where none was."""
    return tuple(
        figure
        for figure in CATALOGUE
        if scope.type is None or figure.denominator.source is not Source.GATES
    )


def of_theme(part: Counted, theme: str) -> Counted:
    """Those of them that look into one theme (R4.4.2)."""
    return part.narrowed(f"{part.definition}, of this theme", theme=theme)


def theme_figure(theme: str) -> Figure:
    """How many of the audits planned for a theme are completed (R4.4.2, R4.7.3)."""
    return Figure(
        "audits_done",
        "Audits done",
        Unit.SHARE,
        of_theme(_DONE, theme),
        of_theme(_STANDING, theme),
        clause="§4.4, R4.4.2",
    )

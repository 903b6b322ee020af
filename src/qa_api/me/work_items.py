"""One thing that waits for somebody, as a row: what, about which record, by when, for whom.

A row names the person and the roles in which they do it, or a group of which any member can do it,
and who of them may not. It holds no text: the record itself is one request away.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from qa_api.auth.duty import (
    NOBODY,
    acts_for,
    holds,
    holds_over,
    leads_team,
    led_by_somebody,
    may_see,
    these,
)
from qa_api.auth.roles import Role
from qa_api.models.policy import CalendarVersion
from qa_api.reads.expressions import NO_DATE
from qa_api.rules.waiting import ONLY_TOLD, SHARED, WAITS

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

PERSON: Final = "person"
TEAM_LEADS: Final = "team_leads"
TEAM_SUPERVISORS: Final = "team_supervisors"
TEAM_OBSERVERS: Final = "team_observers"
TEAM_MANAGERS: Final = "team_managers"
QUALITY_STANDARDS: Final = "quality_standards"
ADMINISTRATORS: Final = "administrator"
LEADS: Final = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
"""Who leads a team, by role."""
ADDRESSED: Final = ("learning_development", "practice_advisor")
"""Roles that a learning highlight is routed to."""
MEMBERS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        TEAM_LEADS: frozenset(LEADS),
        TEAM_SUPERVISORS: frozenset((*LEADS, Role.PRACTICE_SUPERVISOR)),
        TEAM_OBSERVERS: frozenset((Role.TEAM_MANAGER, Role.PRACTICE_SUPERVISOR)),
        TEAM_MANAGERS: frozenset((Role.TEAM_MANAGER,)),
        QUALITY_STANDARDS: frozenset((Role.QUALITY_STANDARDS,)),
        ADMINISTRATORS: frozenset((Role.ADMINISTRATOR,)),
        **{role: frozenset((Role(role),)) for role in ADDRESSED},
    }
)
"""By group: the roles without any of which nobody has what waits for it in their list."""


def wait(
    kind: str,
    list_: str,
    record: Any,
    *,
    due_on: Column,
    late_on: Column | None = None,
    waits_for: str | Column = PERSON,
    groups: Iterable[str] = (),
    person: Column | None = None,
    in_roles: Iterable[Role] = (),
    barred: Column = NOBODY,
    about: Column | None = None,
    path: Column | None = None,
    told: Column | None = None,
    told_on: Column | None = None,
    uncounted: ColumnElement[bool] | None = None,
    count: Column | None = None,
    sort_on: Column | None = None,
) -> Select[Any]:
    """A thing that waits in somebody's list; `path` leads to its record where the list does not.

    `in_roles`: the person does it in these roles; an account without any does not list it.
    `groups`: where a column says for which group it waits, those that it may name.
    `barred`: who of the group may not do it. `late_on`: the date that makes it late and sorts it,
    if not `due_on`. `uncounted`: its date lies past the end of the calendar, where it is sorted.
    `count`: how many things the row stands for. `sort_on`: the date it is sorted by in the words of
    an index, which then gives the order (`in_order`).
    """
    _require_listed(kind, list_, waits_for)
    due, late = cast(due_on, Date), cast(due_on if late_on is None else late_on, Date)
    in_order = sort_on is not None
    if sort_on is None:
        sort_on = _sort_on(*([late, due] if told_on is None else [told_on]), uncounted=uncounted)
    return select(
        *_about_what(kind, list_, record, path, about),
        _or_null(told, Text).label("told"),
        _or_null(told_on, Date).label("told_on"),
        literal(told is not None).label("only_told"),
        due.label("due_on"),
        late.label("late_on"),
        sort_on.label("sort_on"),
        (literal(False) if uncounted is None else uncounted).label("calendar_unknown"),
        _or_null(person, Text).label("person"),
        these(*(literal(role.value, Text) for role in sorted(in_roles))).label("in_roles"),
        barred.label("barred"),
        _or_null(count, Integer).label("count"),
        cast(waits_for, Text).label("waits_for"),
    ).execution_options(kind=kind, seen_in=_seen_in(waits_for, groups, in_roles), in_order=in_order)


def _about_what(
    kind: str, list_: str, record: Any, path: Column | None, about: Column | None
) -> list[ColumnElement[Any]]:
    """Its record: how it is known, where it is read, and what decides who sees it."""
    about = record.id if about is None else about
    return [
        func.concat(literal(f"{kind}:"), cast(record.id, Text)).label("key"),
        literal(kind, Text).label("kind"),
        (func.concat(f"/v1/{list_}/", cast(about, Text)) if path is None else path).label("path"),
        about.label("about"),
        getattr(record, "subject_id", cast(null(), Uuid)).label("subject_id"),
        getattr(record, "team", cast(null(), Text)).label("team"),
        getattr(record, "restricted", literal(False)).label("restricted"),
    ]


def _seen_in(
    waits_for: str | Column, groups: Iterable[str], in_roles: Iterable[Role]
) -> frozenset[Role]:
    named = (waits_for,) if isinstance(waits_for, str) and waits_for != PERSON else groups
    return frozenset(in_roles).union(*(MEMBERS[group] for group in named))


def kind_of(waiting: Select[Any]) -> str:
    """The kind of what a statement of `wait` finds."""
    kind: str = waiting.get_execution_options()["kind"]
    return kind


def seen_in(waiting: Select[Any]) -> frozenset[Role]:
    """In which roles somebody can have what a statement of `wait` finds in their list."""
    roles: frozenset[Role] = waiting.get_execution_options()["seen_in"]
    return roles


def in_order(waiting: Select[Any]) -> bool:
    """Whether an index gives what a statement of `wait` finds for a person in the list's order."""
    return bool(waiting.get_execution_options()["in_order"])


def _require_listed(kind: str, list_: str, waits_for: str | Column) -> None:
    """Fail at a thing that `rules/waiting.py` does not list: a hand-over would forget it.

    Raises LookupError.
    """
    if (kind, list_) == ONLY_TOLD:
        return
    by_name = isinstance(waits_for, str) and waits_for == PERSON
    if (kind, list_) not in WAITS or (by_name and WAITS[kind, list_] is SHARED):
        raise LookupError(f"say in rules/waiting.py for whom {kind} of {list_} can wait")


def _or_null(value: Column | None, type_: type[TypeEngine[Any]]) -> ColumnElement[Any]:
    return cast(null() if value is None else value, type_)


def _sort_on(*dates: Column, uncounted: ColumnElement[bool] | None) -> ColumnElement[Any]:
    """The date by which it stands in the order: the first of these that there is."""
    first: ColumnElement[Any] = func.coalesce(*dates, literal(NO_DATE, Date))
    if uncounted is None:
        return first
    ends_on = select(func.max(CalendarVersion.known_until) + 1).scalar_subquery()
    return case((uncounted, cast(ends_on, Date)), else_=first)


def can(person: Column, record: Any, *roles: Role, even_away: bool = False) -> ColumnElement[bool]:
    """Whether the person named can do it today: let in with one of the roles, here, may see it."""
    return and_(holds(person, *roles, even_away=even_away), may_see(person, record))


def can_over(
    person: Column, record: Any, *roles: Role, even_away: bool = False
) -> ColumnElement[bool]:
    """As `can`, but a role over teams counts only if it is over the record's team."""
    held = holds_over(person, record.team, *roles, even_away=even_away)
    return and_(held, may_see(person, record))


def waits_for(
    kind: str, list_: str, record: Any, person: Column, *roles: Role, **facts: Any
) -> Select[Any]:
    """Waits for the person named, as long as they may do it, away or not."""
    waits = wait(kind, list_, record, person=person, in_roles=roles, **facts)
    return waits.where(can(person, record, *roles, even_away=True))


def with_the_team(
    record: Any,
    *,
    group: str,
    roles: tuple[Role, ...] = LEADS,
    where: ColumnElement[bool],
    barred: ColumnElement[Any] | None = None,
    **facts: Any,
) -> list[Select[Any]]:
    """Waits for a group of the record's team; where nobody of it can act, for Q&S."""
    led = led_by_somebody(record, *roles, barred=barred)
    facts |= {} if barred is None else {"barred": barred}
    return [
        wait(record=record, waits_for=group, **facts).where(where, led),
        wait(record=record, waits_for=QUALITY_STANDARDS, **facts).where(where, ~led),
    ]


def appoint(about: Column) -> Select[Any]:
    """An entry for administrators: Quality & Standards lack somebody who can do this.

    Administrators read nothing about a subject: they see the id and which role is missing (X3).
    """
    return wait(
        "appoint",
        "role-assignments",
        SimpleNamespace(id=about),
        due_on=null(),
        waits_for=ADMINISTRATORS,
        path=literal("/v1/role-assignments", Text),
    )


def last_day(instant: Column) -> ColumnElement[Any]:
    """The London day that ends at an instant: deadlines end with their day."""
    return cast(
        func.timezone("Europe/London", instant - func.make_interval(0, 0, 0, 0, 0, 0, 1)), Date
    )


def told_a_role(alert: Any) -> ColumnElement[bool]:
    """Whether all who hold a role were told, and not a person."""
    return cast(alert.recipient, Text).in_((QUALITY_STANDARDS, ADMINISTRATORS))


def left_post(alert: Any) -> ColumnElement[bool]:
    """Whether the alert went to a former lead of the team: an alert moves with the post."""
    led = leads_team(alert.recipient, alert.team)
    return and_(not_(told_a_role(alert)), alert.team.is_not(None), not_(led))


def acts_for_post(alert: Any) -> ColumnElement[Any]:
    """Who acts today in the post that was alerted; null if that is Quality & Standards."""
    of_service = alert.recipient_role == Role.HEAD_OF_SERVICE
    return acts_for(alert.team, alert, of_service=of_service)

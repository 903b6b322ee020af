"""Reading what waits for the caller, soonest first."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)

from qa_api.auth.actor import Me
from qa_api.auth.duty import is_one_of
from qa_api.auth.reach import managed, senior, supervised, unrestricted, whole_authority
from qa_api.auth.roles import Role
from qa_api.me.schemas import WorkItem
from qa_api.me.work_items import (
    ADDRESSED,
    ADMINISTRATORS,
    PERSON,
    QUALITY_STANDARDS,
    TEAM_LEADS,
    TEAM_MANAGERS,
    TEAM_OBSERVERS,
    TEAM_SUPERVISORS,
)
from qa_api.me.work_list import pieces_at, places_for, waiting_work
from qa_api.reads.expressions import subject_of, working_days_left
from qa_api.reads.filters import equals, flag
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Shape
from qa_api.rules.alerts import ADVICE


def waits_for(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether a thing waits for the caller: in person, as a lead of the team, or as Q&S.

    Work of one's own belongs to a role. If the caller's account does not hold that role it is not
    listed: having a worker's code gives no right to see anything.
    """
    free = not_(is_one_of(me.worker, row.barred))
    teams = row.waits_for.in_((TEAM_LEADS, TEAM_SUPERVISORS))
    observers = row.waits_for == TEAM_OBSERVERS
    managers = row.waits_for == TEAM_MANAGERS
    return and_(
        unrestricted(row, me),
        or_(
            and_(
                row.waits_for == PERSON,
                row.person == me.worker,
                row.in_roles.op("&&")(me.roles),
            ),
            and_(teams, managed(row, me), free),
            and_(row.waits_for == TEAM_SUPERVISORS, supervised(row, me), free),
            and_(managers, row.team == any_(me.managed_teams), free),
            and_(observers, or_(row.team == any_(me.managed_teams), supervised(row, me)), free),
            and_(row.waits_for == QUALITY_STANDARDS, whole_authority(me), free),
            and_(row.waits_for == ADMINISTRATORS, me.holds(Role.ADMINISTRATOR), free),
            *(and_(row.waits_for == role, me.holds(Role(role))) for role in ADDRESSED),
        ),
    )


def _waits_for_caller(row: Any, me: Me) -> ColumnElement[bool]:
    """The same for whoever reads: what waits for a team is in one that the policies know as theirs.

    Asked for by itself, so that an index finds their teams' among everybody's.
    """
    of_team = row.waits_for.in_((TEAM_LEADS, TEAM_SUPERVISORS, TEAM_OBSERVERS, TEAM_MANAGERS))
    # By itself, or PostgreSQL would plan for the teams of nobody, as it is before anybody calls.
    teams = cast(select(func.qa_teams()).scalar_subquery(), ARRAY(Text))
    return and_(waits_for(row, me), case((of_team, row.team == any_(teams)), else_=True))


def _team_told(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether they are shown the team: of a comment that asks them only where it is theirs to lead.

    Whose work was audited is not told who holds the case since (R4.1.9). The comment shows its team
    to everybody else.
    """
    leads = or_(whole_authority(me), senior(me), managed(row, me), supervised(row, me))
    return or_(row.kind != "reply", leads)


def _is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """Its date has passed; a date of an action that was missed stays so, whatever came after."""
    return func.coalesce(row.late_on < me.today, literal(False))


def _stands_on(row: Any) -> ColumnElement[Any]:
    """The date by which it is sorted: the date that was missed, else the due date."""
    return func.coalesce(row.late_on, row.due_on)


@cache
def work() -> Listing:
    """What is to be done, soonest first, what has no date last; then what is only to be known."""
    return Listing(
        name="work, what is to be done first",
        shape=Shape(
            WorkItem,
            waiting_work(),
            {
                "overdue": _is_overdue,
                "missed_on": lambda row, _: case((row.late_on < row.due_on, row.late_on)),
                "advice": lambda row, _: case(
                    *(
                        (row.told == kind.value, literal(words, Text))
                        for kind, words in ADVICE.items()
                    )
                ),
                "working_days_left": lambda row, me: working_days_left(row.due_on, me),
                "subject": subject_of,
                "team": lambda row, me: case((_team_told(row, me), row.team)),
            },
        ),
        visible=_waits_for_caller,
        subject="subject_id",
        own_work=True,
        descending=False,
        order=(
            # What is only to be known never stands before what is to be done.
            lambda row, _: row.only_told,
            lambda row, _: row.sort_on,
            lambda row, _: row.key,
            lambda row, _: row.waits_for,
        ),
        filters={
            "kind": equals("kind"),
            "due_from": Filter(lambda row, value, _: _stands_on(row) >= value, Date()),
            "due_to": Filter(lambda row, value, _: _stands_on(row) < value, Date()),
            "overdue": flag(_is_overdue),
        },
    )


def work_for(roles: Collection[str], kind: str | None = None) -> Listing:
    """The same for a caller who holds these roles: only what can be in their list is looked for.

    `kind`: the one that they filter by, where they do.

    The statement asks for their rights all the same. A role that they were given a moment ago shows
    itself at the next request.
    """
    return _work_at(places_for(roles, kind))


@cache
def _work_at(places: tuple[int, ...]) -> Listing:
    return replace(work(), pieces=pieces_at(places))

"""What is kept of everybody's rights is what their roles come to (ADR 79)."""

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.selectable import LateralFromClause

from qa_api.auth.roles import Role
from qa_api.checking.answers import Answer, Row
from qa_api.db import Prepared, parameter
from qa_api.models.access import KeptRights, Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.directory import TeamService, Worker
from qa_api.work import Workshop

_TEXTS = ARRAY(Text)
_KEPT: Final = ("roles", "supervised_teams", "managed_teams", "headed_teams")


async def every_kept_right_is_what_roles_come_to(workshop: Workshop) -> Answer:
    """Today and tomorrow: one kept for too long shows what somebody may not see any more."""
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        days = [work.today, work.today + timedelta(days=1)]
        whose = list(await work.session.scalars(select(aliased(Principal).id)))
        differing = await work.run(differing_rights(), days=days, whose=whose)
    return Answer.of(len(whose), [Row(Principal.__tablename__, row["id"]) for row in differing])


def differing_rights() -> Prepared:
    """Of these principals those whose rights, kept for these `days`, are not what a join says."""
    asked = func.unnest(parameter("days", ARRAY(Date))).table_valued(column("day", Date))
    each = asked.render_derived("days")
    day = each.c.day
    principal, person, kept = aliased(Principal), aliased(Worker), aliased(KeptRights)
    held = _joined(principal, person, day)
    of_the_day = and_(kept.principal_id == principal.id, kept.begins <= day, kept.ends > day)
    whose = principal.id == any_(parameter("whose", ARRAY(Uuid)))
    differ = or_(
        *(
            func.coalesce(getattr(kept, name), _none()).is_distinct_from(held.c[name])
            for name in _KEPT
        )
    )
    found = (
        select(principal.id)
        .select_from(each)
        .join(principal, true())
        .outerjoin(person, person.code == principal.worker)
        .join(held, true())
        .outerjoin(kept, of_the_day)
    )
    return Prepared.of(found.where(whose, differ).distinct().order_by(principal.id))


def _none() -> ColumnElement[Any]:
    return cast(array([], type_=Text), _TEXTS)


def _joined(principal: Any, person: Any, day: ColumnElement[date]) -> LateralFromClause:
    """One row: the roles that a principal holds on a day, and the teams that some of them reach."""
    assignment, belongs = aliased(RoleAssignment), aliased(TeamService)
    team = func.coalesce(assignment.team, belongs.team)

    def teams_as(role: Role) -> ColumnElement[Any]:
        codes = func.array_agg(team.distinct()).filter(
            assignment.role == role.value, team.is_not(None)
        )
        return func.coalesce(codes, _none())

    return (
        select(
            func.coalesce(func.array_agg(assignment.role.distinct()), _none()).label("roles"),
            teams_as(Role.PRACTICE_SUPERVISOR).label("supervised_teams"),
            teams_as(Role.TEAM_MANAGER).label("managed_teams"),
            teams_as(Role.HEAD_OF_SERVICE).label("headed_teams"),
        )
        .select_from(assignment)
        .outerjoin(belongs, (belongs.service == assignment.service) & belongs.valid.contains(day))
        .where(
            assignment.principal_id == principal.id,
            assignment.valid.contains(day),
            _in_force(assignment, person, day),
        )
        .correlate_except(assignment, belongs)
        .lateral("held")
    )


def _in_force(assignment: Any, person: Any, day: ColumnElement[date]) -> ColumnElement[bool]:
    """The person is in service, and has not left the post that they held the role for."""
    in_service = and_(
        func.coalesce(person.starts_on <= day, True), func.coalesce(person.leaves_on >= day, True)
    )
    left = func.qa_left_post(
        person.code,
        assignment.team,
        assignment.service,
        func.lower(assignment.valid),
        day,
        type_=Boolean,
    )
    return and_(in_service, or_(assignment.scope == "authority", ~left))

"""Who must act for a team today, in SQL: whoever holds the post, or acts for them (§4.2, §4.3).

Every read asks the directory: the manager, else the deputy, else the head of service, else Quality
& Standards. Somebody in post can act if they are in service, not on a long absence, and hold the
role. For a restricted record they also need an unexpired grant. The views `role_holders` and
`team_leads` answer for the day of the statement's context.
"""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    func,
    or_,
    select,
    table,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import InstrumentedAttribute

from qa_api.auth.roles import SCOPES_OF_ROLE, Role
from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.aliases import aliased
from qa_api.models.inner import there_is, value_of

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

HOLDERS: Final = func.qa_holders_today().table_valued(
    column("worker", Text),
    column("role", Text),
    column("team", Text),
    column("away", Boolean),
    column("principal_id", Uuid),
    column("service", Text),
    name="role_holders",
)
"""Who holds a role today; `team` is null where it is held over the authority, `service` where it is
not held over one. A role over a service stands once for each of its teams, or once without."""
LEADS: Final = func.qa_leads_today().table_valued(
    column("team", Text),
    column("place", Integer),
    column("acts_as", Text),
    column("worker", Text),
    name="team_leads",
)
"""Who leads a team today, the first to be asked with the lowest `place`."""
LEADS_OF_ONE: Final = table("team_leads", column("team", Text), column("worker", Text))
"""The same for a statement that asks about one team: the others are not looked for."""
# Computed once in a statement, however many rows ask for it: directories are small.
_leads = select(LEADS).cte("leads_today").prefix_with("MATERIALIZED")
_holders = select(HOLDERS).cte("holders_today").prefix_with("MATERIALIZED")

HEAD: Final = 3
"""The place of the head of service."""
NOBODY: Final[ColumnElement[Any]] = cast(array([], type_=Text), ARRAY(Text))


def these(*people: Column) -> ColumnElement[Any]:
    """Workers' codes as an array; some may be null."""
    return cast(array([cast(person, Text) for person in people]), ARRAY(Text))


def acts_for(
    team: Column,
    row: Any,
    barred: ColumnElement[Any] = NOBODY,
    *,
    of: Column = _leads.c.worker,
    of_service: ColumnElement[bool] | None = None,
) -> ColumnElement[Any]:
    """Who acts for `team` today about a record; null where it falls to Quality & Standards.

    Those in `barred` are passed over. `of`: another column of `LEADS` than the worker's code;
    `of_service`: whether only the head of service is asked.
    """
    asked = [] if of_service is None else [or_(~of_service, _leads.c.place == HEAD)]
    found = (
        select(of)
        .where(
            _leads.c.team == team,
            ~is_one_of(_leads.c.worker, barred),
            may_see(_leads.c.worker, row),
            *asked,
        )
        .order_by(_leads.c.place)
        .limit(1)
    )
    return value_of(_leads, found)


def leads() -> Subquery:
    """Each of those who lead a team today, once, and whether nobody is asked before them."""
    first = func.min(_leads.c.place)
    of_team = func.min(first).over(partition_by=_leads.c.team)
    return (
        select(_leads.c.team, _leads.c.worker, (first == of_team).label("is_first"))
        .group_by(_leads.c.team, _leads.c.worker)
        .subquery("lead")
    )


def first_leads() -> Subquery:
    """Who of a team is asked first today; each of them, where there are several."""
    each = leads()
    return select(each.c.team, each.c.worker).where(each.c.is_first).subquery("first_lead")


def acts_as(team: Column, row: Any, barred: ColumnElement[Any] = NOBODY) -> ColumnElement[Any]:
    """In which capacity `acts_for` acts."""
    return acts_for(team, row, barred, of=_leads.c.acts_as)


def leads_team(worker: Column, team: Column) -> ColumnElement[bool]:
    """Whether the worker is one of those who lead the team today."""
    return there_is(_leads, _leads.c.team == team, _leads.c.worker == worker)


def is_one_of(worker: Column, people: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the worker is in an array that may hold nulls."""
    return func.coalesce(worker == any_(people), False)


def may_see(worker: Column, row: Any) -> ColumnElement[bool]:
    """Whether the record is not restricted, or the worker holds an unexpired grant for it."""
    if not hasattr(row, "restricted"):
        return true()  # about no subject
    grant, principal = aliased(RestrictionGrant), aliased(Principal)
    granted = there_is(
        (grant, principal),
        grant.subject_id == row.subject_id,
        grant.principal_id == principal.id,
        principal.worker == worker,
        grant.expires_at > func.qa_now(),
    )
    return or_(~row.restricted, granted)


def able(*roles: Role) -> Select[Any]:
    """Whoever is let in today, and not away, with one of the roles, wherever held."""
    return select(_holders.c.worker).where(
        _holds(*roles), _holders.c.worker.is_not(None), ~_holders.c.away
    )


def holds(worker: Column, *roles: Role, even_away: bool = False) -> ColumnElement[bool]:
    """Whether the worker is let in today, and not away, with one of the roles, wherever held."""
    # A set that does not depend on the row, so that it is hashed and looked up.
    of_role = select(_holders.c.worker).where(
        _holds(*roles), _holders.c.worker.is_not(None), *([] if even_away else [~_holders.c.away])
    )
    return func.coalesce(worker.in_(of_role), False)


def holds_over(
    worker: Column, team: Column, *roles: Role, even_away: bool = False
) -> ColumnElement[bool]:
    """As `holds`, where a role that is held over teams counts only for this team."""
    anywhere = [role for role in roles if "authority" in SCOPES_OF_ROLE[role]]
    over = select(_holders.c.worker, _holders.c.team).where(
        _holds(*(role for role in roles if role not in anywhere)),
        _holders.c.worker.is_not(None),
        _holders.c.team.is_not(None),
        *([] if even_away else [~_holders.c.away]),
    )
    of_team = func.coalesce(tuple_(worker, team).in_(over), False)
    return or_(holds(worker, *anywhere, even_away=even_away), of_team)


def _holds(*roles: Role) -> ColumnElement[bool]:
    return _holders.c.role.in_([role.value for role in roles])


def somebody_holds(role: Role, barred: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Whether anybody holds the role today who is not away, or barred."""
    free = [] if barred is None else [~is_one_of(_holders.c.worker, barred)]
    return there_is(_holders, _holds(role), ~_holders.c.away, *free)


def heads(service: Column, worker: Column) -> ColumnElement[bool]:
    """Whether the worker heads the service today, away or not."""
    return _one_heads(service, _holders.c.worker == worker)


def headed_by_somebody(service: Column) -> ColumnElement[bool]:
    """Whether anybody heads the service today who is not on a long absence."""
    return _one_heads(service, ~_holders.c.away)


def heads_of(service: Column) -> Select[Any]:
    """Everybody who heads the service today, away or not."""
    return select(_holders.c.worker).where(*_of_head(service)).distinct()


def _one_heads(service: Column, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return there_is(_holders, *_of_head(service), *conditions)


def _of_head(service: Column) -> tuple[ColumnElement[bool], ...]:
    return (_holds(Role.HEAD_OF_SERVICE), _holders.c.service == service)


def team_led_by_somebody(
    team: Column, *roles: Role, but: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Whether anybody, `but` the worker named, holds one of these roles over the team today.

    Who is away does not count.
    """
    over = select(_holders.c.team).where(
        _holds(*roles),
        ~_holders.c.away,
        _holders.c.team.is_not(None),
        *([] if but is None else [_holders.c.worker != but]),
    )
    return func.coalesce(team.in_(over), False)


def led_by_somebody(
    row: Any, *roles: Role, barred: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Whether somebody with one of these roles over the row's team may act on it today."""
    over = and_(_holds(*roles), ~_holders.c.away, _holders.c.team.is_not(None))
    allowed = [over] if barred is None else [over, ~is_one_of(_holders.c.worker, barred)]
    granted = _one_of(row, *allowed, may_see(_holders.c.worker, row))
    if barred is not None:
        return granted
    anybody = team_led_by_somebody(row.team, *roles)
    return and_(anybody, or_(~row.restricted, granted)) if hasattr(row, "restricted") else anybody


def _one_of(row: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return there_is(_holders, _holders.c.team == row.team, *conditions)

"""The first lock, in SQL: whether a row is within the caller's reach, and by which role.

Domains build their `visible_to` from these, and decide what each role may see (X3).
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import ARRAY

from qa_api.auth.actor import Me
from qa_api.auth.roles import Role
from qa_api.db import parameter
from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.directory import TeamMembership
from qa_api.models.escalations import EscalationRecipient
from qa_api.models.inner import there_is, value_of, values_of
from qa_api.models.lifecycle import AllowedAction
from qa_api.models.responses import AuditResponse
from qa_api.models.sealed import stands_in
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.states import AUDIT_NOT_CANCELLED
from qa_api.rules.unchanging import Unchanging


class Arm(Unchanging, eq=False):
    """One way to find rows within a caller's reach, narrow enough for an index.

    It may find more rows than the reason allows: each is checked again.
    """

    gate: Callable[[Me], ColumnElement[bool]] | None = None
    """Whether the caller has this way at all."""
    column: str = "id"
    value: Callable[[Me], ColumnElement[Any]] | None = None
    """What `column` is of the caller's; without it and `values` it finds every row."""
    values: Callable[[Me], Select[Any]] | None = None
    """Or what `column` may be, as `value`, each looked up by itself."""
    names_rows: bool = False
    """Whether these are the rows themselves, so few that figures look no further for them."""
    searches: bool = False
    """Whether `values` are searched for and may be many: a list first asks the other arms, and then
    looks no further than they reach."""

    def looked_up(self, me: Me) -> Select[Any] | None:
        """What `column` may be, as `value`; None for every row."""
        if self.value is not None:
            return select(self.value(me).label("value"))
        return None if self.values is None else self.values(me)

    def finds(self, row: Any, me: Me) -> ColumnElement[bool]:
        """Whether it finds a row, as an index can answer it."""
        if self.value is not None:
            return getattr(row, self.column) == self.value(me)  # type: ignore[no-any-return]  # a column of any row
        found = self.looked_up(me)
        return true() if found is None else getattr(row, self.column).in_(found)


def of_theirs(column: str, value: Callable[[Me], ColumnElement[Any]]) -> Arm:
    """By a column that holds something of the caller's."""
    return Arm(column=column, value=value)


def teams_led(me: Me) -> ColumnElement[Any]:
    """Each team that the caller supervises, manages, or whose service they head."""
    return func.unnest(me.supervised_teams.op("||")(me.managed_teams).op("||")(me.headed_teams))


ACROSS_THE_AUTHORITY: Final = Arm(
    gate=lambda me: me.holds(Role.QUALITY_STANDARDS, Role.SENIOR_LEADER)
)
BY_TEAM: Final = Arm(column="team", values=lambda me: select(teams_led(me).label("value")))
BY_ALLOCATION: Final = of_theirs("worker", lambda me: me.worker)


def unrestricted(
    row: Any, me: Me, subject_id: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Not restricted, or the caller holds an unexpired grant for this subject."""
    return or_(~row.restricted, _granted(row.subject_id if subject_id is None else subject_id, me))


def _granted(subject_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    grant = aliased(RestrictionGrant)
    return there_is(
        grant,
        grant.subject_id == subject_id,
        grant.principal_id == me.principal_id,
        grant.expires_at > me.now,
    )


def names_for(alias: Any, me: Me) -> ColumnElement[bool]:
    """Whether a reference means this row's subject for the caller.

    A stand-in has the reference of a restricted record. It is meant only for those who have no
    grant for that record; the record itself is checked where it is read.
    """
    return or_(alias.stands_for.is_(None), ~_granted(alias.stands_for, me))


def subject_named(
    system: ColumnElement[str], ref: ColumnElement[str], me: Me
) -> ScalarSelect[UUID]:
    """The id of the subject that a reference means for the caller, who may not see it yet."""
    alias = aliased(SubjectAlias)
    found = (
        select(alias.subject_id)
        .where(alias.system == system, alias.ref == ref, names_for(alias, me))
        .order_by(alias.stands_for.nulls_last())
        .limit(1)
    )
    return value_of(alias, found)


def subject_of_path(me: Me) -> ScalarSelect[UUID]:
    """The id of the subject that the parameters `system` and `ref` name, by any of its names."""
    return subject_named(parameter("system", Text()), parameter("ref", Text()), me)


def whole_authority(me: Me) -> ColumnElement[bool]:
    """Quality & Standards: everything but restricted records."""
    return me.holds(Role.QUALITY_STANDARDS)


def senior(me: Me) -> ColumnElement[bool]:
    """Senior leaders: the whole authority, for reading."""
    return me.holds(Role.SENIOR_LEADER)


def managed(row: Any, me: Me) -> ColumnElement[bool]:
    """In a team that the caller manages, or a service that they head."""
    of_theirs: ColumnElement[bool] = row.team == any_(me.led_teams)
    return of_theirs


def supervised(row: Any, me: Me) -> ColumnElement[bool]:
    """In a team of which the caller is practice supervisor."""
    of_theirs: ColumnElement[bool] = row.team == any_(me.supervised_teams)
    return of_theirs


def workers_led(me: Me) -> Select[Any]:
    """Whoever belongs today to a team that the caller leads, each once."""
    place = aliased(TeamMembership)
    found = select(place.worker.label("value")).where(
        place.valid.contains(me.today), place.team.in_(select(teams_led(me)))
    )
    return found.distinct()


def led_now(worker: Any, me: Me) -> ColumnElement[bool]:
    """Somebody who belongs today to a team that the caller supervises, manages or heads."""
    place = aliased(TeamMembership)
    return there_is(
        place,
        place.worker == worker,
        place.valid.contains(me.today),
        or_(
            *(
                place.team == any_(teams)
                for teams in (me.supervised_teams, me.managed_teams, me.headed_teams)
            )
        ),
    )


def allocated(row: Any, me: Me) -> ColumnElement[bool]:
    """About a case that is allocated to the caller now."""
    return and_(row.worker == me.worker, me.holds(Role.WORKER))


def audited_by(auditor: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Assigned to the caller as auditor."""
    return and_(auditor == me.worker, me.holds(Role.AUDITOR))


def own_system(system: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Sent by the case system that calls."""
    return and_(system == me.system, me.holds(Role.CASE_SYSTEM))


def person_behind(principal_id: Any) -> ColumnElement[Any]:
    """The worker whose account a principal is, by code; null for other clients."""
    principal = aliased(Principal)
    return value_of(principal, select(principal.worker).where(principal.id == principal_id))


def another_person(principal_id: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller is another person than who came in as that principal (C5, R4.1.5)."""
    return func.coalesce(person_behind(principal_id) != me.worker, False)


def roles_over(
    row: Any,
    me: Me,
    *,
    auditor: ColumnElement[Any] | None = None,
    worker: ColumnElement[Any] | None = None,
    as_worker: Iterable[Role] = (Role.WORKER,),
) -> ColumnElement[Any]:
    """The caller's roles over one row, as `Actor.roles_over` has them for a loaded actor.

    `as_worker`: the roles in which the caller does what is theirs as its worker.
    """
    over: list[tuple[Role, ColumnElement[bool]]] = [
        (Role.QUALITY_STANDARDS, whole_authority(me)),
        (Role.SENIOR_LEADER, senior(me)),
        (Role.HEAD_OF_SERVICE, row.team == any_(me.headed_teams)),
        (Role.TEAM_MANAGER, row.team == any_(me.managed_teams)),
        (Role.PRACTICE_SUPERVISOR, supervised(row, me)),
    ]
    if auditor is not None:
        over.append((Role.AUDITOR, audited_by(auditor, me)))
    if worker is not None:
        over.append((Role.WORKER, and_(worker == me.worker, me.holds(*as_worker))))
    return array([case((held, literal(role.value, Text))) for role, held in over], type_=Text)


def allowed_actions(
    row: Any,
    roles: ColumnElement[Any],
    only_if: Mapping[str, ColumnElement[bool]] = MappingProxyType({}),
) -> ColumnElement[Any]:
    """What the caller may do with a row in its state: the table of steps, joined with their roles.

    `only_if`: steps that depend on more than the role. The rules may still refuse a step for its
    own reasons; what is not named here is refused always.
    """
    step = aliased(AllowedAction)
    return values_of(
        step,
        step.action.distinct(),
        step.aggregate == row.aggregate,
        step.from_state == row.state,
        step.roles.op("&&")(roles.cast(ARRAY(Text))),
        *(or_(step.action != name, condition) for name, condition in only_if.items()),
    )


def was_audited(audit: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller's own view of an audit of their work can be written, or is (R4.1.9)."""
    told = func.qa_was_audited(audit.id, me.worker, type_=Boolean)
    return and_(audit.audited_worker == me.worker, told)


def own_work(subject_id: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Whether somebody's record is the caller's own work, which is a reason to read it.

    It is if a team of theirs holds it, the case is theirs or their system's, they audit or moderate
    it, an audit was of their work, an escalation asks them, or an action or response is theirs. A
    role over the whole authority is no such reason. Rows that the caller may not see do not count.
    """
    subject, audit = aliased(Subject), aliased(Audit)
    asked, action = aliased(EscalationRecipient), aliased(RestorativeAction)
    response = aliased(AuditResponse)
    ids = ARRAY(Uuid)
    moderated = cast(select(func.qa_moderated(type_=ids)).scalar_subquery(), ids)

    def of_theirs_led(team: Any) -> ColumnElement[bool]:
        teams = (me.supervised_teams, me.managed_teams, me.headed_teams)
        return or_(*(team == any_(codes) for codes in teams))

    held = there_is(
        subject,
        subject.id == subject_id,
        or_(of_theirs_led(subject.team), subject.worker == me.worker, subject.system == me.system),
    )
    audits = there_is(
        audit,
        audit.subject_id == subject_id,
        stands_in(audit, AUDIT_NOT_CANCELLED),
        or_(
            audit.auditor == me.worker,
            audit.id == any_(moderated),
            was_audited(audit, me),
        ),
    )
    addressed = there_is(
        asked,
        asked.subject_id == subject_id,
        or_(asked.recipient == me.worker, of_theirs_led(asked.for_team)),
    )
    to_do = there_is(action, action.subject_id == subject_id, action.owner == me.worker)
    to_answer = there_is(
        response, response.subject_id == subject_id, response.handed_to == me.worker
    )
    return or_(
        held,
        audits,
        addressed,
        to_do,
        to_answer,
    )

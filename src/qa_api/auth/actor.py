"""The caller as the database knows them at this moment, and the context its policies read.

One statement turns a token's `(issuer, subject)` into rights: it stands in front of every read as
a common table expression, and opens every change on its own. No role claim of a token is read, so
somebody who leaves loses their rights with the next request.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import TypeEngine

from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared, parameter
from qa_api.models.access import KeptRights, Principal
from qa_api.models.aliases import aliased
from qa_api.rules.unchanging import Unchanging

_TEXTS = ARRAY(Text)
_ASKED_FOR_OFTEN = (Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.AUDITOR, Role.WORKER)
"""The roles that one statement asks for dozens of times, each at a cost."""
_AUTHORITY_WIDE = (Role.QUALITY_STANDARDS, Role.SENIOR_LEADER, Role.REPORTING)


class Actor(Unchanging):
    """Who acts: a person or a system, the roles they hold today and the teams those reach."""

    principal_id: UUID
    worker: str | None
    system: str | None
    roles: frozenset[Role]
    supervised_teams: frozenset[str]
    managed_teams: frozenset[str]
    headed_teams: frozenset[str]

    @classmethod
    def of(cls, row: Any) -> Self:
        """Whoever a row of `context` or of `context_of_many` is."""
        return cls(
            principal_id=row.principal_id,
            worker=row.worker,
            system=row.system,
            roles=frozenset(Role(role) for role in row.roles),
            supervised_teams=frozenset(row.supervised_teams),
            managed_teams=frozenset(row.managed_teams),
            headed_teams=frozenset(row.headed_teams),
        )

    def holds(self, permission: Permission) -> bool:
        """Whether any of the roles gives this permission, over whatever records."""
        return not self.roles.isdisjoint(roles_with(permission))

    def given(self, now: datetime, today: date) -> dict[str, Any]:
        """The values of `Me.given` for this actor."""
        return {
            "principal_id": self.principal_id,
            "worker": self.worker,
            "system": self.system,
            "roles": sorted(self.roles),
            "supervised_teams": sorted(self.supervised_teams),
            "managed_teams": sorted(self.managed_teams),
            "headed_teams": sorted(self.headed_teams),
            "led_teams": sorted(self.managed_teams | self.headed_teams),
            "now": now,
            "today": today,
        }

    def as_caller(self, now: datetime, today: date) -> dict[str, Any]:
        """The values of `CALLER` for this actor."""
        return {f"caller_{name}": value for name, value in self.given(now, today).items()}

    def roles_over(
        self,
        *,
        team: str | None,
        worker: str | None = None,
        auditor: str | None = None,
        system: str | None = None,
    ) -> frozenset[Role]:
        """The roles this actor holds over one record, by who holds, made or sent it."""
        over = {
            Role.QUALITY_STANDARDS: True,
            Role.SENIOR_LEADER: True,
            Role.HEAD_OF_SERVICE: team in self.headed_teams,
            Role.TEAM_MANAGER: team in self.managed_teams,
            Role.PRACTICE_SUPERVISOR: team in self.supervised_teams,
            Role.AUDITOR: auditor is not None and auditor == self.worker,
            Role.WORKER: worker is not None and worker == self.worker,
            Role.CASE_SYSTEM: system is not None and system == self.system,
        }
        return frozenset(role for role in self.roles if over.get(role, False))


class Me(Unchanging):
    """The actor as SQL: columns of the statement's own context, or the values of a loaded actor."""

    principal_id: ColumnElement[UUID]
    worker: ColumnElement[str | None]
    system: ColumnElement[str | None]
    roles: ColumnElement[Any]
    supervised_teams: ColumnElement[Any]
    managed_teams: ColumnElement[Any]
    headed_teams: ColumnElement[Any]
    led_teams: ColumnElement[Any]
    """Those they manage and those they head: one value, so cheap to compare with that PostgreSQL
    does so before it asks the policies of a row."""
    now: ColumnElement[datetime]
    today: ColumnElement[date]
    computed: Mapping[Role, ColumnElement[bool]] = field(default_factory=dict, compare=False)
    """Whether they hold a role, where the statement has computed it once for all who ask."""

    @classmethod
    def in_context(cls, context: CTE) -> Self:
        """The columns of the context that the statement itself computes."""
        columns = {name: context.c[name] for name in cls.__dataclass_fields__ if name != "computed"}
        return cls(**columns, computed={role: context.c[_holds(role)] for role in _ASKED_FOR_OFTEN})

    @classmethod
    def loaded(cls, actor: Actor, now: datetime, today: date) -> Self:
        """The values of an actor that this transaction has loaded."""

        def texts(values: frozenset[Any]) -> ColumnElement[Any]:
            return literal(sorted(values), _TEXTS)

        return cls(
            principal_id=literal(actor.principal_id, Uuid),
            worker=literal(actor.worker, Text),
            system=literal(actor.system, Text),
            roles=texts(actor.roles),
            supervised_teams=texts(actor.supervised_teams),
            managed_teams=texts(actor.managed_teams),
            headed_teams=texts(actor.headed_teams),
            led_teams=texts(actor.managed_teams | actor.headed_teams),
            now=literal(now, DateTime(timezone=True)),
            today=literal(today, Date),
        )

    @classmethod
    def given(cls, prefix: str = "") -> Self:
        """Parameters, for a statement that is compiled once and run for an actor that is loaded.

        `prefix`: what their names begin with, where the statement is about two actors.
        """
        return cls._each(lambda name, type_: parameter(f"{prefix}{name}", type_))

    @classmethod
    def named(cls) -> Self:
        """Values that the caller of a kept statement names at each run; see `CALLER`."""
        return cls._each(lambda name, type_: bindparam(f"caller_{name}", type_=type_))

    @classmethod
    def _each(cls, value: Callable[[str, TypeEngine[Any]], ColumnElement[Any]]) -> Self:
        return cls(
            principal_id=value("principal_id", Uuid()),
            worker=value("worker", Text()),
            system=value("system", Text()),
            roles=value("roles", _TEXTS),
            supervised_teams=value("supervised_teams", _TEXTS),
            managed_teams=value("managed_teams", _TEXTS),
            headed_teams=value("headed_teams", _TEXTS),
            led_teams=value("led_teams", _TEXTS),
            now=value("now", DateTime(timezone=True)),
            today=value("today", Date()),
        )

    def holds(self, *roles: Role) -> ColumnElement[bool]:
        """Whether the actor holds any of these roles."""
        if len(roles) == 1 and (known := self.computed.get(roles[0])) is not None:
            return known
        named = cast(array([literal(role.value, Text) for role in roles]), _TEXTS)
        return self.roles.op("&&")(named)


CALLER: Final = Me.named()
"""Whoever calls, for a statement that is put together once and kept.

To put `visible_to` of an audit together takes five to fifteen milliseconds, more than all else
that a change does. `Work.find` gives such a statement the values of its own caller.
"""


def _holds(role: Role) -> str:
    return f"holds_{role.value}"


@cache
def finding_the_caller() -> Prepared:
    """`context`, compiled once for all who run it by itself."""
    return Prepared.of(context())


def context() -> Select[Any]:
    """The statement that finds the caller and sets what row-level security reads.

    Its parameters are `issuer`, `subject`, `now`, `today` and `permitted_roles`. No row: the token
    names nobody we know. `permitted` false: they hold no role with the permission asked for.
    """
    now = parameter("now", DateTime(timezone=True))
    today = parameter("today", Date())
    rights = _rights(
        today,
        Principal.issuer == parameter("issuer", Text()),
        Principal.subject == parameter("subject", Text()),
    )
    return select(
        *rights.c,
        _led(rights).label("led_teams"),
        now.label("now"),
        today.label("today"),
        rights.c.roles.op("&&")(parameter("permitted_roles", _TEXTS)).label("permitted"),
        *_often(rights),
        _settings(rights, now).label("guard"),
    )


def context_of_many() -> Select[Any]:
    """What `context` says of many callers at once: those of the ids in `principals` still let in.

    It sets nothing that row-level security reads. What it is asked for is only who might be
    concerned; what somebody sees is asked for them alone. Its other parameters are `now` and
    `today`.
    """
    now = parameter("now", DateTime(timezone=True))
    today = parameter("today", Date())
    rights = _rights(today, Principal.id == any_(parameter("principals", ARRAY(Uuid))))
    led = _led(rights).label("led_teams")
    return select(*rights.c, led, now.label("now"), today.label("today"), *_often(rights))


def _led(rights: Subquery) -> ColumnElement[Any]:
    led: ColumnElement[Any] = rights.c.managed_teams.op("||")(rights.c.headed_teams)
    return led


def _often(rights: Subquery) -> Iterator[ColumnElement[bool]]:
    for role in _ASKED_FOR_OFTEN:
        yield (literal(role.value) == any_(rights.c.roles)).label(_holds(role))


def _rights(today: ColumnElement[Any], *whose: ColumnElement[bool]) -> Subquery:
    """Whose they are, their roles of today and the teams that these reach.

    Both are kept for the days to come too (ADR 79); who has no row of today holds no role.
    """
    kept = aliased(KeptRights)
    of_today = and_(kept.principal_id == Principal.id, kept.begins <= today, kept.ends > today)
    none = cast(array([], type_=Text), _TEXTS)
    return (
        select(
            Principal.id.label("principal_id"),
            Principal.worker,
            Principal.system,
            func.coalesce(kept.roles, none).label("roles"),
            func.coalesce(kept.supervised_teams, none).label("supervised_teams"),
            func.coalesce(kept.managed_teams, none).label("managed_teams"),
            func.coalesce(kept.headed_teams, none).label("headed_teams"),
        )
        .select_from(Principal)
        .outerjoin(kept, of_today)
        .where(*whose, Principal.disabled_at.is_(None))
        .subquery("rights")
    )


def _settings(rights: Subquery, now: ColumnElement[Any]) -> ColumnElement[str]:
    """Sets what the policies read, for this transaction alone."""
    wide = rights.c.roles.bool_op("&&")(
        array([literal(role.value, Text) for role in _AUTHORITY_WIDE])
    )
    led = _led(rights)
    teams = rights.c.supervised_teams.op("||")(led)
    # From whoever reads the whole authority nothing is sealed (R4.5.3).
    judges = and_(rights.c.worker.is_not(None), not_(wide))
    sealed = case((judges, func.qa_sealed_from(rights.c.worker, teams, led, type_=Text)))

    def setting(name: str, value: ColumnElement[Any]) -> ColumnElement[str]:
        return func.set_config(literal(name, Text), func.coalesce(value, ""), True)

    return func.concat(
        setting("qa.reach", case((wide, "authority"), else_="rows")),
        setting("qa.teams", func.array_to_string(teams, ",")),
        setting("qa.sealed", sealed),
        # Whoever reads the whole authority is shown what was recorded in error (R4.1.5).
        setting("qa.in_error", case((not_(wide), func.qa_in_error_told(type_=Text)))),
        setting("qa.worker", rights.c.worker),
        setting("qa.system", rights.c.system),
        setting("qa.principal", cast(rights.c.principal_id, Text)),
        setting("qa.now", cast(now, Text)),
    )

"""What the identity provider says of people: it lets somebody new in, and ends access (X3).

It never changes whose token a principal is, nor which worker: two people do. Somebody who is let in
by it has no worker and no role. It lets nobody in again whose access a person ended.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from qa_api import problems
from qa_api.changed_rights import Related, keep, reach_of, record_and_alert
from qa_api.directory import group_grants, rights
from qa_api.directory.rights_written import as_json, right_of
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.base import new_id
from qa_api.models.provisioning import ScimMember, ScimUser
from qa_api.rules.transitions import next_state
from qa_api.rules.unchanging import Unchanging
from qa_api.scim.refusals import not_unique
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

ENDED: Final = "The identity provider ended their access."
CALLED: Final = "The identity provider gave them another externalId."
LET_IN: Final = "The identity provider told of them."
_ANY: Final = Precondition(any_version=True)

_MACHINES: Final = ("case_system", "reporting", "identity_provider")
"""The roles of accounts that are no person's."""


def _is_a_machine() -> ColumnElement[bool]:
    """Whether two people gave a principal a machine's role, and no other ever."""
    held = aliased(RoleAssignment)
    has = exists().where(held.principal_id == Principal.id)
    given = has.where(held.role.in_(_MACHINES), held.group_role_id.is_(None))
    other = has.where(held.role.not_in(_MACHINES))
    return or_(
        Principal.system.is_not(None),
        and_(
            Principal.worker.is_(None),
            given.correlate_except(held),
            ~other.correlate_except(held),
        ),
    )


_IS_A_PERSON: Final = or_(
    ScimUser.named,
    ~exists()
    .where(
        Principal.issuer == ScimUser.issuer,
        Principal.subject == ScimUser.subject,
        Principal.disabled_at.is_(None),
        _is_a_machine(),
    )
    .correlate_except(Principal),
)
"""Somebody of whom the provider told is one; of the others, whoever has become no machine since."""


class Told(Unchanging):
    """What the provider says of somebody."""

    user_name: str
    external_id: str | None
    display_name: str | None
    active: bool


class Person(Unchanging):
    """Somebody as they stand: what the provider told, and whether their token is let in."""

    row: ScimUser
    active: bool


async def take_up(work: Work, issuer: str) -> None:
    """List everybody whom two people let in with a token of this issuer, but no machine.

    So the provider can end their access.
    """
    user = aliased(ScimUser)
    there = exists().where(user.deleted_at.is_(None), user.issuer == Principal.issuer)
    known = there.where(user.subject == Principal.subject)
    called = there.where(func.lower(user.user_name) == func.lower(Principal.subject))
    named = there.where(user.external_id == Principal.subject)
    now = literal(work.now)
    kept: dict[str, Any] = {
        "id": Principal.id,
        "issuer": Principal.issuer,
        "subject": Principal.subject,
        "user_name": case((called, cast(Principal.id, Text)), else_=Principal.subject),
        "external_id": case((named, null()), else_=Principal.subject),
        "named": literal(value=False),
        "created_at": now,
        "changed_at": now,
        "version": literal(1),
    }
    people = select(*kept.values()).where(
        Principal.issuer == issuer, Principal.disabled_at.is_(None), ~known, ~_is_a_machine()
    )
    listed = insert(ScimUser).from_select(list(kept), people)
    await work.session.execute(listed.on_conflict_do_nothing())


async def found(
    work: Work, issuer: str, *where: ColumnElement[bool], offset: int = 0, limit: int = 200
) -> tuple[int, Sequence[Person]]:
    """How many there are, and some of them, in the order in which they came."""
    of_issuer = (ScimUser.issuer == issuer, ScimUser.deleted_at.is_(None), _IS_A_PERSON, *where)
    counted = select(func.count()).select_from(ScimUser).where(*of_issuer)
    listed = _listed().where(*of_issuer).order_by(ScimUser.created_at, ScimUser.id)
    rows = await work.session.execute(listed.offset(offset).limit(limit))
    total = await work.session.scalar(counted)
    return total or 0, [Person(row=user, active=active) for user, active in rows.all()]


async def one(work: Work, issuer: str, user_id: UUID, *, to_change: bool = False) -> Person:
    """The person of this id; 404 where the provider has none."""
    statement = _listed().where(
        ScimUser.id == user_id,
        ScimUser.issuer == issuer,
        ScimUser.deleted_at.is_(None),
        _IS_A_PERSON,
    )
    if to_change:
        await group_grants.take_turn(work)
        statement = statement.with_for_update(of=ScimUser)
    row = (await work.session.execute(statement)).one_or_none()
    if row is None:
        raise problems.not_found()
    return Person(row=row[0], active=row[1])


async def create(work: Work, issuer: str, told: Told) -> UUID:
    """Somebody of whom the provider tells for the first time."""
    await group_grants.take_turn(work)
    await take_up(work, issuer)
    subject = told.external_id or told.user_name
    of_token = select(ScimUser).where(
        ScimUser.issuer == issuer,
        ScimUser.subject == subject,
        ScimUser.deleted_at.is_(None),
        _IS_A_PERSON,
    )
    row = await work.session.scalar(of_token.with_for_update())
    if row is not None and row.named:
        raise not_unique("There is a user of this `externalId` or `userName` already.")
    in_force = await _in_force(work, issuer, subject)
    if row is not None:
        if told.external_id is None:
            told = told.but(external_id=row.external_id)
        await change(work, Person(row=row, active=in_force is not None), told)
        return row.id
    if in_force is not None:
        raise not_unique("This token is that of an account that is no person's.")
    row = ScimUser(
        id=new_id(),
        issuer=issuer,
        subject=subject,
        named=True,
        created_at=work.now,
        **_said(told),
        changed_at=work.now,
    )
    await _refuse_name_of_another(work, row)
    work.session.add(row)
    await work.session.flush()
    if told.active:
        await _let_in(work, row)
    else:
        row.ended_at = work.now
    await group_grants.settle(work)
    return row.id


async def change(work: Work, person: Person, told: Told) -> None:
    """Keep what is said now; end access, or let in again whom the provider itself shut out.

    What is said again, as after an answer that was lost, is no change.
    """
    row, called = person.row, person.row.external_id
    said = _said(told) | {"named": True}
    if told.active != person.active or any(getattr(row, name) != said[name] for name in said):
        for name, value in said.items():
            setattr(row, name, value)
        row.changed_at = work.now
    await _refuse_name_of_another(work, row)
    if row.external_id != called:
        await _tell_external_id(work, row, called)
    if person.active and not told.active:
        await _end(work, row)
    elif told.active and not person.active:
        await _let_in(work, row)
    await group_grants.settle(work)


async def remove(work: Work, person: Person) -> None:
    """End their access, and forget them as a user and as a member; what they did stands."""
    if person.active:
        await _end(work, person.row)
    await work.session.flush()
    members = await work.session.scalars(
        select(ScimMember).where(ScimMember.user_id == person.row.id)
    )
    for member in members.all():
        await work.session.delete(member)
    person.row.deleted_at = work.now
    await group_grants.settle(work)


# --- access ---


async def _let_in(work: Work, row: ScimUser) -> None:
    """A principal of their token without worker or role; two people say whose it is."""
    await _refuse_whom_a_person_shut_out(work, row)
    principal = Principal(id=new_id(), issuer=row.issuer, subject=row.subject)
    work.session.add(principal)
    await work.session.flush()
    change = await keep(
        work,
        new_id(),
        "principal",
        principal.id,
        None,
        as_json(right_of(principal)),
        based_on=None,
        workers=(),
        reason=LET_IN,
    )
    change.state = next_state("rights_change", change.state, "make")
    row.ended_at = None
    await work.record(
        ConfigurationChanged(about=principal.id, what="principal", code=str(principal.id))
    )
    await record_and_alert(work, change)


async def _end(work: Work, row: ScimUser) -> None:
    """Shut them out from their next request on."""
    principal = await _in_force(work, row.issuer, row.subject)
    if principal is not None:
        await rights.disable(work, principal.id, _ANY, ENDED)
    row.ended_at = work.now


async def _refuse_whom_a_person_shut_out(work: Work, row: ScimUser) -> None:
    """What a person ended, two people begin again; the provider begins what it ended itself."""
    last = (
        select(Principal.disabled_at)
        .where(Principal.issuer == row.issuer, Principal.subject == row.subject)
        .order_by(Principal.disabled_at.desc().nulls_last())
        .limit(1)
    )
    ended = await work.session.scalar(last)
    by_provider = select(ScimUser.id).where(
        ScimUser.issuer == row.issuer, ScimUser.subject == row.subject, ScimUser.ended_at == ended
    )
    if ended is not None and await work.session.scalar(by_provider.limit(1)) is None:
        detail = "An administrator ended their access: two people let them in again, not SCIM."
        raise problems.forbidden(detail)


async def _in_force(work: Work, issuer: str, subject: str) -> Principal | None:
    of_token = select(Principal).where(
        Principal.issuer == issuer, Principal.subject == subject, Principal.disabled_at.is_(None)
    )
    principal: Principal | None = await work.session.scalar(of_token.with_for_update())
    return principal


# --- what is kept of them ---


def _listed() -> Select[ScimUser, bool]:
    active = exists().where(
        Principal.issuer == ScimUser.issuer,
        Principal.subject == ScimUser.subject,
        Principal.disabled_at.is_(None),
    )
    return select(ScimUser, active.label("active"))


def _said(told: Told) -> dict[str, Any]:
    return {
        "user_name": told.user_name,
        "external_id": told.external_id,
        "display_name": told.display_name,
    }


async def _refuse_name_of_another(work: Work, row: ScimUser) -> None:
    """By `externalId` the provider finds whom it ends: it never names two people."""
    others = select(ScimUser.id).where(
        ScimUser.issuer == row.issuer, ScimUser.deleted_at.is_(None), ScimUser.id != row.id
    )
    called = func.lower(ScimUser.user_name) == func.lower(row.user_name)
    checked = [("userName", called)]
    if row.external_id is not None:
        named = or_(ScimUser.external_id == row.external_id, ScimUser.subject == row.external_id)
        checked.append(("externalId", named))
    with work.session.no_autoflush:
        for attribute, same in checked:
            if await work.session.scalar(others.where(same).limit(1)) is not None:
                raise not_unique(f"Another user has this `{attribute}`.")


async def _tell_external_id(work: Work, row: ScimUser, was: str | None) -> None:
    """By what the provider finds somebody is another than before: no right, but it is told."""
    principal = await _in_force(work, row.issuer, row.subject)
    target = row.id if principal is None else principal.id
    before, after = (
        reach_of(str(target), [Related(relation="external_id", value=value)] if value else [])
        for value in (was, row.external_id)
    )
    change = await keep(
        work,
        new_id(),
        "principal",
        target,
        before,
        after,
        based_on=None,
        workers={principal.worker} if principal is not None and principal.worker else (),
        reason=CALLED,
    )
    change.state = next_state("rights_change", change.state, "make")
    await work.record(ConfigurationChanged(about=row.id, what="identity_user", code=str(row.id)))
    await record_and_alert(work, change)

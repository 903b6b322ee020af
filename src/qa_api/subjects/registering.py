"""What Quality & Standards enter by hand: subjects, and access to a restricted one."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Uuid, column, select, table

from qa_api import events, problems
from qa_api.attempts import DoneMeanwhile
from qa_api.auth.roles import Permission
from qa_api.directory.references import take_turn_to_read
from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.subjects import CaseSystem, Subject
from qa_api.problems import InputError
from qa_api.subjects import service
from qa_api.subjects.schemas import RestrictionGrantIn, SubjectIn, WaitingWorkGrantIn
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def put_subject(
    work: Work, subject_id: UUID, system: str, ref: str, given: SubjectIn, expected: Precondition
) -> None:
    """Register what a case system calls `ref` as `subject_id`, or correct what is known about it.

    An allocation entered by hand counts from now on, until the case system sends one that is dated
    later. A child never becomes a household, nor the reverse. If the record is hidden from the
    caller, they register a stand-in for it. Nothing that follows shows them that the reference is
    restricted, and nothing about the hidden record changes (X3).
    """
    if await work.session.get(CaseSystem, system) is None:
        raise problems.not_found()
    await take_turn_to_read(work)
    subject = await _visible(work, system, ref)
    version = None if subject is None else subject.version
    expected.check(version)
    facts = given.model_dump(exclude={"kind", "team", "worker"})
    _refuse_impossible_days(given, work.today)
    if subject is None:
        hidden = await _hidden(work, system, ref)
        registered = await service.register_subject(
            work,
            system,
            ref,
            given.kind,
            team=given.team,
            worker=given.worker,
            subject_id=subject_id,
            stands_for=hidden,
            **facts,
        )
        if registered.id != subject_id:  # and what is given here would be dropped
            raise DoneMeanwhile
        return
    if subject.kind != given.kind:
        detail = "A child cannot become a carer household, nor the reverse."
        raise problems.business_rule("§3", detail, [InputError.at(["kind"], "fixed", detail)])
    if (given.team, given.worker) != _reported(subject):
        await service.reallocate(work, subject, team=given.team, worker=given.worker, at=work.now)
    corrected = {name: value for name, value in facts.items() if value != getattr(subject, name)}
    entered = service.as_entered(subject.ref, work.now, corrected)
    subject.entered = {**subject.entered, **entered}
    for name, value in corrected.items():
        setattr(subject, name, value)
    await work.record(events.SubjectEdited(about=subject.id, subject=subject.id))


async def _visible(work: Work, system: str, ref: str) -> Subject | None:
    values = {**work.caller, "system": system, "ref": ref}
    found: Subject | None = await work.session.scalar(service.to_change(), values)
    return found


async def _hidden(work: Work, system: str, ref: str) -> UUID | None:
    """The restricted record that the reference means; it stays restricted until this work ends."""
    known = await service.find_known(work, system, ref)
    if known is None:
        return None
    await work.session.refresh(known, with_for_update=True)
    if known.merged_into_id is not None or not known.restricted:
        raise problems.precondition_failed(None)  # it came to be seen in this moment
    return known.id


def _reported(subject: Subject) -> tuple[str | None, str | None]:
    """The allocation as it was given, whether the directory knows its codes or not yet."""
    return subject.team or subject.reported_team, subject.worker or subject.reported_worker


def _refuse_impossible_days(given: SubjectIn, today: date) -> None:
    for name in ("born_on", "died_on"):
        on: date | None = getattr(given, name)
        if on is not None and on > today:
            detail = "Must be today in London, or an earlier day."
            raise problems.validation([InputError.at([name], "in-the-future", detail)])
    if given.born_on and given.died_on and given.died_on < given.born_on:
        detail = "Must not be before the day of birth."
        raise problems.validation([InputError.at(["died_on"], "order", detail)])


async def grant_restricted_access(
    work: Work, grant_id: UUID, system: str, ref: str, given: RestrictionGrantIn
) -> None:
    """Give somebody else access to a restricted record until an instant (X3).

    Whoever grants need not see the record. Nobody gives access to themselves, under whichever
    account: it takes a second person. Every refusal is made before the record is looked for, so
    that nobody learns which records are restricted except by a grant, which stays on record.
    """
    grantee = await _principal(work, given.principal_id)
    await _check_grant(work, grantee, given)
    subject = await service.find_subject(work, system, ref, visible=False)
    await _grant(work, grant_id, subject, grantee, given)


async def grant_for_waiting_work(work: Work, grant_id: UUID, given: WaitingWorkGrantIn) -> None:
    """Give somebody access to the restricted record on which something waits, without seeing it.

    If it is not open, or not on a restricted record, it is 404 like what does not exist.
    """
    waits = table("restricted_work", column("id", Uuid), column("subject_id", Uuid)).c
    found = select(waits.subject_id).where(waits.id == given.about).limit(1)
    await work.act_as_service()
    subject = await work.find(select(Subject).where(Subject.id.in_(found)))
    grantee = (
        await _principal_of(work, given.worker)
        if given.worker is not None
        else await _principal(work, given.principal_id)
    )
    await _check_grant(work, grantee, given)
    await _grant(work, grant_id, subject, grantee, given)


async def _principal(work: Work, principal_id: UUID | None) -> Principal:
    found = await work.session.get(Principal, principal_id) if principal_id else None
    if found is None or found.disabled_at is not None:
        detail = "There is no such principal."
        at = InputError.at(["principal_id"], "unknown-id", detail)
        raise problems.business_rule("X3", detail, [at])
    return found


async def _principal_of(work: Work, worker: str) -> Principal:
    """The one account of a worker."""
    found = await work.session.scalars(
        select(Principal).where(Principal.worker == worker, Principal.disabled_at.is_(None))
    )
    principals = found.all()
    if len(principals) != 1:
        detail = (
            "No worker of this code has an account."
            if not principals
            else "This worker has several accounts; name the principal."
        )
        at = InputError.at(["worker"], "not-one-principal", detail)
        raise problems.business_rule("X3", detail, [at])
    return principals[0]


async def _check_grant(
    work: Work, grantee: Principal, given: RestrictionGrantIn | WaitingWorkGrantIn
) -> None:
    """Refuse a grant to oneself, in the past or for too long, whatever the record."""
    if grantee.worker == work.person():
        detail = "Nobody can give themselves access to a restricted record; another person can."
        at = InputError.at(["principal_id"], "oneself", detail)
        raise problems.business_rule("X3", detail, [at])
    if given.expires_at <= work.now:
        at = InputError.at(["expires_at"], "past", "Must be in the future.")
        raise problems.validation([at])
    days = (await work.policy()).restriction_grant_days
    if given.expires_at > work.now + timedelta(days=days):
        detail = (
            f"Access to a restricted record is given for at most {days} days. It can be given"
            " again after that."
        )
        at = InputError.at(["expires_at"], "too-long", detail)
        raise problems.business_rule("X3", detail, [at], code="grant-too-long")


async def _grant(
    work: Work,
    grant_id: UUID,
    subject: Subject,
    grantee: Principal,
    given: RestrictionGrantIn | WaitingWorkGrantIn,
) -> None:
    work.require(Permission.RESTRICTION_GRANT, team=subject.team)
    if not subject.restricted:
        raise problems.business_rule("X3", "This record is not restricted: nobody needs a grant.")
    work.session.add(
        RestrictionGrant(
            id=grant_id,
            subject_id=subject.id,
            principal_id=grantee.id,
            reason=given.reason,
            granted_by=work.actor.principal_id,
            granted_at=work.now,
            expires_at=given.expires_at,
        )
    )
    await work.record(
        events.RestrictionGranted(about=grant_id, subject=subject.id, principal_id=grantee.id)
    )

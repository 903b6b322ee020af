"""Who can moderate, what is their own, and how they are related to the auditor (R4.5.2)."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, select, union

from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.directory.service import available, supervisor_of, team_leads
from qa_api.models.access import Principal, RestrictionGrant, RoleAssignment
from qa_api.models.directory import Post, TeamMembership, Worker
from qa_api.models.moderation import ModerationOutcome
from qa_api.moderation.knowing import who_knows
from qa_api.rules.moderation import ModeratedAudit, Moderator, Relation, Unsealed
from qa_api.work import Work


async def candidates(
    work: Work, teams: Collection[str], audits: Collection[UUID]
) -> list[Moderator]:
    """The auditors of the moderating teams and the senior leaders, in service today."""
    found = await work.session.scalars(
        union(
            _holders(work, Role.AUDITOR)
            .join(TeamMembership, TeamMembership.worker == Worker.code)
            .where(TeamMembership.team.in_(teams), TeamMembership.valid.contains(work.today)),
            _holders(work, Role.SENIOR_LEADER),
        ).order_by("code")
    )
    codes = found.all()
    knows = await who_knows(work, codes, audits)
    return [await moderator(work, code, (), knows[code]) for code in codes]


async def moderator(
    work: Work,
    worker: str,
    outcomes: Sequence[ModerationOutcome],
    knows: Mapping[str, Unsealed],
) -> Moderator:
    """The facts that decide which audits somebody may moderate today, and which of them sealed."""
    roles = frozenset(await work.session.scalars(_roles_of(work, worker)))
    theirs = await work.session.scalars(
        union(
            select(TeamMembership.team).where(
                TeamMembership.worker == worker, TeamMembership.valid.contains(work.today)
            ),
            select(Post.team).where(
                Post.worker == worker, Post.team.is_not(None), Post.valid.contains(work.today)
            ),
            select(RoleAssignment.team)
            .join(Principal, Principal.id == RoleAssignment.principal_id)
            .where(
                Principal.worker == worker,
                RoleAssignment.team.is_not(None),
                RoleAssignment.valid.contains(work.today),
            ),
        )
    )
    granted = frozenset(
        await work.session.scalars(
            select(RestrictionGrant.subject_id)
            .join(Principal, Principal.id == RestrictionGrant.principal_id)
            .where(Principal.worker == worker, RestrictionGrant.expires_at > work.now)
        )
    )
    return Moderator(
        worker,
        frozenset(theirs),
        senior_leader=Role.SENIOR_LEADER in roles,
        may_record=not roles.isdisjoint(roles_with(Permission.MODERATION_RECORD)),
        may_see=frozenset(str(o.audit_id) for o in outcomes if o.subject_id in granted),
        knows=knows,
    )


async def relation(work: Work, worker: str, audit: ModeratedAudit, team: str | None) -> Relation:
    """How a moderator is related to the auditor, whose team was `team` (R4.5.2)."""
    if await supervisor_of(work, audit.auditor) == worker:
        return Relation.SUPERVISES_AUDITOR
    leads = await team_leads(work, team)
    if worker in {leads.manager, leads.deputy, leads.head_of_service}:
        return Relation.MANAGES_AUDITOR
    return Relation.NONE


def _holders(work: Work, role: Role) -> Select[str]:
    return (
        select(Worker.code)
        .join(Principal, Principal.worker == Worker.code)
        .join(RoleAssignment, RoleAssignment.principal_id == Principal.id)
        .where(
            RoleAssignment.role == role,
            RoleAssignment.valid.contains(work.today),
            Principal.disabled_at.is_(None),
            available(Worker, work.today),
        )
    )


def _roles_of(work: Work, worker: str) -> Select[str]:
    return (
        select(RoleAssignment.role)
        .join(Principal, Principal.id == RoleAssignment.principal_id)
        .join(Worker, Worker.code == Principal.worker)
        .where(
            Worker.code == worker,
            RoleAssignment.valid.contains(work.today),
            Principal.disabled_at.is_(None),
            available(Worker, work.today),
        )
    )

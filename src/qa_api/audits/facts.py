"""What is known around one audit today: its type and tool, who holds the case, who may audit.

One statement finds all of it, because an audit is created whole and often.
"""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Date, DateTime, Text, Uuid, bindparam, text

from qa_api import problems
from qa_api.audits.schemas import SubjectRef
from qa_api.auth.actor import Actor
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared
from qa_api.directory.service import without_none
from qa_api.models.audits import Audit
from qa_api.problems import InputError
from qa_api.rules.audits import (
    AuditorFacts,
    AuditorRule,
    StarterRule,
    check_auditor,
    may_start,
)
from qa_api.rules.tools import OverallAsked
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

CLAUSE = "§4.1, R4.1.8"


class Holder(Unchanging):
    """The subject of an audit and who holds the case; without a subject, the team alone."""

    subject_id: UUID | None
    kind: str | None
    team: str | None
    worker: str | None
    restricted: bool


class PublishedTool(Unchanging):
    """The tool that audits of a type are made with now, and its scale."""

    id: UUID
    scale_code: str
    scale_number: int
    overall: OverallAsked


class AuditFacts(Unchanging):
    """What a new or beginning audit of a type refers to, as the directory has it today."""

    subject_kind: str
    """The kind of subject that audits of this type are about."""
    run_by: str
    starter_rule: StarterRule
    start_teams: frozenset[str]
    rule: AuditorRule
    tool: PublishedTool | None
    manager: str | None
    head_of_service: str | None
    auditor_known: bool
    """Whether the auditor named holds the role, is in service and not on a long absence."""
    auditor_team: str | None
    facts: AuditorFacts

    def check_auditor(self, policy_version: int, *, overridden: bool) -> None:
        """Refuse an auditor who holds no such role, or whom the type's rule bars (R4.1.8)."""
        if not self.auditor_known:
            told = "Nobody of this code is an auditor today."
            raise problems.business_rule(
                CLAUSE, told, [InputError.at(["auditor"], "not-an-auditor", told)]
            )
        check_auditor(
            self.rule, self.facts, policy_version=policy_version, supervision_override=overridden
        )

    def check_starts(self, work: Work, team: str | None, auditor: str | None) -> None:
        """Refuse to let the actor start such an audit of a team's case, by the type's rule."""
        check_starts(work, self.starter_rule, self.start_teams, team=team, auditor=auditor)

    def check_runs(self, roles: frozenset[Role]) -> None:
        """Refuse to let these roles run audits of this type, unless one of them may."""
        check_runs(self.run_by, roles)


def check_starts(
    work: Work,
    rule: StarterRule,
    own_teams: Collection[str],
    *,
    team: str | None,
    auditor: str | None,
) -> None:
    """Refuse to let the actor start an audit of a team's case, by the rule of its type (R3.1).

    A practice supervisor starts one for themselves or for nobody yet. Who leads one of the type's
    own teams audits another team's case themselves, since nobody else of theirs could see it.
    """
    actor, permitted = work.actor, roles_with(Permission.AUDIT_PLAN)
    over_case = actor.roles_over(team=team) & permitted
    over_own = {role for own in own_teams for role in actor.roles_over(team=own) & permitted}
    if not may_start(rule, over_case, over_own):
        raise problems.forbidden("None of your roles can start audits of this type.")
    if over_case == {Role.PRACTICE_SUPERVISOR} and auditor not in {None, actor.worker}:
        raise problems.forbidden("A practice supervisor can only assign an audit to themselves.")
    if not over_case and auditor != actor.worker:
        raise problems.forbidden(
            "You can start an audit of another team's case only if you audit it yourself."
        )


def check_runs(run_by: str, roles: frozenset[Role]) -> None:
    """Managers run their service area's types; the others are Quality & Standards' (§4.1)."""
    if run_by != "service_area" and Role.QUALITY_STANDARDS not in roles:
        raise problems.forbidden("Audits of this type are run by Quality & Standards.")


class References(Unchanging):
    """What a plan names, resolved."""

    facts: AuditFacts
    holder: Holder
    team_known: bool
    known_owners: frozenset[str]
    able_owners: frozenset[str]
    """Those of them who could do an action."""
    re_audited: bool
    """Whether `re_audit_of` is a finished audit of this subject."""


async def references(
    work: Work,
    type_: str,
    *,
    subject: SubjectRef | None,
    team: str | None,
    auditor: str | None,
    owners: Sequence[str] = (),
    re_audit_of: UUID | None = None,
) -> References | None:
    """What a plan refers to; None where there is no such type.

    A subject of which the caller may not plan audits is not found, like one that does not exist.
    """
    actor = work.actor
    asked = partial(
        _found,
        work,
        _OF_SUBJECT,
        type=type_,
        auditor=auditor,
        system=subject.system if subject else None,
        ref=subject.ref if subject else None,
        team=team,
        teams=sorted(_led(actor)),
        principal_id=actor.principal_id,
        now=work.now,
        owners=list(owners),
        doers=sorted(roles_with(Permission.ACTION_COMPLETE)),
        re_audit_of=re_audit_of,
    )
    row = await asked(anywhere=Role.QUALITY_STANDARDS in actor.roles)
    if row and subject and row.subject_id is None and not _led(actor).isdisjoint(row.start_teams):
        # Their type: they start it on any team's case, and see what they audit.
        await work.act_as_service()
        row = await asked(anywhere=True)
    return row and References(
        facts=_facts(row, auditor),
        holder=Holder(row.subject_id, row.kind, row.team, row.worker, row.restricted),
        team_known=row.team_known,
        known_owners=frozenset(row.known_owners or ()),
        able_owners=frozenset(row.able_owners or ()),
        re_audited=row.re_audited,
    )


async def facts_of_holder(
    work: Work, type_: str, *, team: str | None, worker: str | None, auditor: str | None
) -> AuditFacts:
    """What is known around an audit of work that this team and worker hold, or held."""
    row = await _found(work, _OF_HOLDER, type=type_, team=team, worker=worker, auditor=auditor)
    if row is None:
        raise problems.business_rule("§3, R3.1", "Audits of this type are no longer made.")
    return _facts(row, auditor)


async def facts_of_audit(work: Work, audit: Audit, auditor: str | None) -> AuditFacts:
    """The facts about the audit; once it has started, as they were when it started."""
    begun = audit.started_at is not None
    return await facts_of_holder(
        work,
        audit.type,
        team=audit.audited_team if begun else audit.team,
        worker=audit.audited_worker if begun else audit.worker,
        auditor=auditor,
    )


async def team_of(work: Work, auditor: str | None) -> str | None:
    """The team that an auditor belongs to today."""
    found = await work.run(_TEAM_OF_AUDITOR, auditor=auditor, today=work.today)
    team: str | None = found[0].team
    return team


async def _found(work: Work, statement: Prepared, **values: Any) -> Any:
    found = await work.run(statement, **values, today=work.today)
    return found[0] if found else None


def _facts(row: Any, auditor: str | None) -> AuditFacts:
    return AuditFacts(
        subject_kind=row.subject_kind,
        run_by=row.owner,
        starter_rule=StarterRule(row.may_start),
        start_teams=frozenset(row.start_teams),
        rule=AuditorRule(row.may_audit),
        tool=_tool(row),
        manager=row.manager,
        head_of_service=row.head,
        auditor_known=row.is_auditor,
        auditor_team=row.auditor_team,
        facts=AuditorFacts(
            auditor=auditor or "",
            worker=row.worker,
            supervised_by=without_none(row.supervisor),
            team_supervisors=frozenset(row.team_supervisors),
            # Whoever acts for the team: its head of service only where nobody leads it.
            team_leads=without_none(row.manager, row.deputy) or without_none(row.head),
            other_supervisors=without_none(auditor) if row.supervises_another else frozenset(),
        ),
    )


def _tool(row: Any) -> PublishedTool | None:
    if row.tool_id is None:
        return None
    overall = OverallAsked(row.overall)
    return PublishedTool(row.tool_id, row.scale_code, row.scale_number, overall)


def _led(actor: Actor) -> frozenset[str]:
    return actor.supervised_teams | actor.managed_teams | actor.headed_teams


# Somebody who has left, has not started or is on a long absence is in no post.
_AVAILABLE = """
    (w.starts_on IS NULL OR w.starts_on <= :today)
    AND (w.leaves_on IS NULL OR w.leaves_on >= :today)
    AND NOT EXISTS (SELECT FROM absences x WHERE x.worker = w.code AND x.valid @> :today)"""
_ROLE_HOLDERS = """
    FROM workers w
    JOIN principals p ON p.worker = w.code AND p.disabled_at IS NULL
    JOIN role_assignments r ON r.principal_id = p.id AND r.valid @> :today"""
# A supervisor who is no auditor audits nothing, and keeps nobody from it.
_AUDITS = """
    EXISTS (SELECT FROM principals q
            JOIN role_assignments a ON a.principal_id = q.id AND a.valid @> :today
            WHERE q.worker = w.code AND q.disabled_at IS NULL AND a.role = 'auditor')"""

_AUDITORS_TEAM = """(
    SELECT m.team FROM team_memberships m WHERE m.worker = :auditor AND m.valid @> :today
    ORDER BY lower(m.valid) DESC, m.team LIMIT 1)"""

_TYPE_AND_PEOPLE = f"""
SELECT t.subject_kind, t.owner, t.may_audit, t.may_start, t.start_teams,
    tool.id AS tool_id, tool.scale_code, tool.scale_number, tool.overall,
    leads.manager, leads.deputy, leads.head,
    (SELECT v.supervisor FROM supervisions v
     WHERE v.worker = held.worker AND v.valid @> :today) AS supervisor,
    ARRAY(SELECT w.code {_ROLE_HOLDERS}
          WHERE r.role = 'practice_supervisor' AND r.team = held.team AND {_AVAILABLE}
          AND {_AUDITS}
    ) AS team_supervisors,
    auditor.supervises_another, auditor.is_auditor,
    {_AUDITORS_TEAM} AS auditor_team,
    held.*
FROM audit_types t
LEFT JOIN audit_tools tool ON tool.code = t.tool_code AND tool.state = 'published'
CROSS JOIN held
CROSS JOIN LATERAL (
    SELECT max(w.code) FILTER (WHERE o.kind = 'manager') AS manager,
        max(w.code) FILTER (WHERE o.kind = 'deputy') AS deputy,
        max(w.code) FILTER (WHERE o.kind = 'head') AS head
    FROM posts o JOIN workers w ON w.code = o.worker
    WHERE o.valid @> :today AND {_AVAILABLE} AND (
        o.kind IN ('manager', 'deputy') AND o.team = held.team
        OR o.kind = 'head' AND o.service = (
            SELECT b.service FROM team_services b WHERE b.team = held.team AND b.valid @> :today))
) leads
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(r.role = 'auditor'), false) AS is_auditor,
        coalesce(bool_or(r.role = 'practice_supervisor' AND r.team IS DISTINCT FROM held.team),
                 false) AS supervises_another
    {_ROLE_HOLDERS}
    WHERE w.code = :auditor AND r.role IN ('auditor', 'practice_supervisor') AND {_AVAILABLE}
) auditor
WHERE t.code = :type AND t.active"""  # noqa: S608  # put together from constants of this file

_PARAMETERS = (
    bindparam("type", type_=Text),
    bindparam("auditor", type_=Text),
    bindparam("today", type_=Date),
)

_TEAM_OF_AUDITOR = Prepared.of(
    text(f"SELECT {_AUDITORS_TEAM} AS team").bindparams(*_PARAMETERS[1:])
)
_OF_HOLDER = Prepared.of(
    text("WITH held AS (SELECT :team AS team, :worker AS worker)" + _TYPE_AND_PEOPLE).bindparams(
        *_PARAMETERS, bindparam("team", type_=Text), bindparam("worker", type_=Text)
    )
)

# The subject is found only where its caller may plan audits; row-level security stands behind.
_OF_SUBJECT = Prepared.of(
    text(
        f"""
WITH named AS (
    SELECT s.id, s.kind, s.team, s.worker, s.restricted
    FROM subject_aliases a JOIN subjects s ON s.id = a.subject_id
    WHERE a.system = :system AND a.ref = :ref AND (:anywhere OR s.team = ANY (:teams))
    AND (NOT s.restricted OR EXISTS (
        SELECT FROM restriction_grants g WHERE g.subject_id = s.id
        AND g.principal_id = :principal_id AND g.expires_at > :now))
    AND NOT EXISTS (
        SELECT FROM restriction_grants g WHERE g.subject_id = a.stands_for
        AND g.principal_id = :principal_id AND g.expires_at > :now)
), held AS (
    SELECT named.id AS subject_id, named.kind, coalesce(named.team, given.team) AS team,
        named.worker, coalesce(named.restricted, false) AS restricted
    FROM (SELECT CAST(:team AS text) AS team) given LEFT JOIN named ON true
), found AS ({_TYPE_AND_PEOPLE})
SELECT found.*,
    CASE WHEN :owners <> '{{}}' THEN
        ARRAY(SELECT w.code FROM workers w WHERE w.code = ANY (:owners)) END AS known_owners,
    CASE WHEN :owners <> '{{}}' THEN
        ARRAY(SELECT h.worker FROM role_holders h
            WHERE h.worker = ANY (:owners) AND h.role = ANY (:doers)) END AS able_owners,
    (:team IS NULL OR EXISTS (SELECT FROM teams c WHERE c.code = :team)) AS team_known,
    (:re_audit_of IS NULL OR EXISTS (
        SELECT FROM audits e WHERE e.id = :re_audit_of AND e.subject_id = found.subject_id
        AND e.state IN ('completed', 'closed') AND e.recorded_in_error_at IS NULL)) AS re_audited
FROM found"""  # noqa: S608  # put together from constants of this file
    ).bindparams(
        *_PARAMETERS,
        bindparam("system", type_=Text),
        bindparam("ref", type_=Text),
        bindparam("team", type_=Text),
        bindparam("anywhere", type_=Boolean),
        bindparam("teams", type_=ARRAY(Text)),
        bindparam("principal_id", type_=Uuid),
        bindparam("now", type_=DateTime(timezone=True)),
        bindparam("owners", type_=ARRAY(Text)),
        bindparam("doers", type_=ARRAY(Text)),
        bindparam("re_audit_of", type_=Uuid),
    )
)

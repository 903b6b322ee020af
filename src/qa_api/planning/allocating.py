"""Who audits what under a published plan: a rule proposes, Q&S decide (R4.4.3)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, select, text

from qa_api import events, problems
from qa_api.audits.schemas import Assignment
from qa_api.audits.service import assign_audit
from qa_api.auth.reach import unrestricted
from qa_api.models.audits import Audit
from qa_api.models.directory import AuditorGroupMembership, Worker
from qa_api.models.planning import QuarterPlan
from qa_api.planning.case_schemas import (
    AllocatedIn,
    AllocatedOut,
    AllocationIn,
    AllocationOut,
    LoadOut,
    PassedOverOut,
)
from qa_api.planning.cases import last_audited
from qa_api.planning.plans import plan_to_change, published_plan, standing_audits
from qa_api.problems import InputError, Problem, repeated
from qa_api.rules.allocation import Auditor, OpenAudit, Proposal, propose_auditors
from qa_api.rules.decision import RuleRefused
from qa_api.rules.states import AuditState
from qa_api.values.explanations import ExplanationOut
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def allocation_of(work: Work, plan_id: UUID) -> AllocationOut:
    """The auditor of each audit of the plan, or else the one that the service proposes.

    Proposals are made again each time from today's directory, and are kept only when Q&S decide. An
    audit that has not begun and whose auditor is exempt gets a new proposal.
    """
    plan = await published_plan(work, plan_id)
    audits = await _audits(work, plan)
    auditors = await _auditors(work, plan, audits)
    exempt = {auditor.code for auditor in auditors if auditor.exempt}
    unallocated = [audit for audit in audits if _unallocated(audit, exempt)]
    proposals = propose_auditors(
        await _open_audits(work, unallocated),
        auditors,
        policy=await work.policy(),
        today=work.today,
        seed=str(plan.id),
    )
    proposed = {proposal.audit_id: proposal for proposal in proposals}
    more = Counter(proposal.auditor for proposal in proposals)
    return AllocationOut(
        plan_id=plan.id,
        items=[_item(audit, proposed.get(str(audit.id))) for audit in audits],
        loads=[
            LoadOut(auditor=auditor.code, allocated=auditor.load, proposed=more[auditor.code])
            for auditor in auditors
        ],
        policy_version=work.policy_version,
        version=plan.version,
    )


async def _audits(work: Work, plan: QuarterPlan) -> Sequence[Any]:
    found = await work.session.execute(
        select(Audit.id, Audit.plan_team, Audit.team, Audit.theme_code, Audit.state)
        .add_columns(Audit.auditor, Audit.worker, Audit.subject_id)
        .where(standing_audits(plan.quarter), unrestricted(Audit, work.me))
        .order_by(Audit.id)
    )
    return found.all()


def _unallocated(audit: Any, exempt: set[str]) -> bool:
    return audit.state == AuditState.PLANNED and (audit.auditor is None or audit.auditor in exempt)


async def _open_audits(work: Work, audits: Sequence[Any]) -> list[OpenAudit]:
    membership = AuditorGroupMembership
    groups = {
        row.team: row.group
        for row in await work.session.execute(
            select(membership.team, membership.group).where(membership.valid.contains(work.today))
        )
    }
    audited = await last_audited(work, [audit.subject_id for audit in audits if audit.subject_id])
    return [
        OpenAudit(
            id=str(audit.id),
            team=audit.team,
            group=groups.get(audit.team),
            worker=audit.worker,
            case_audited_on=max(
                (day for other, day in audited.get(audit.subject_id, ()) if other != audit.id),
                default=None,
            ),
        )
        for audit in audits
    ]


async def _auditors(work: Work, plan: QuarterPlan, audits: Sequence[Any]) -> list[Auditor]:
    found = (await work.session.execute(_AUDITORS, {"plan_id": plan.id, "today": work.today})).all()
    exempt = {row.code for row in found if row.exempt}
    loads = Counter(audit.auditor for audit in audits if not _unallocated(audit, exempt))
    return [
        Auditor(
            code=row.code,
            teams=frozenset(row.teams),
            groups=frozenset(row.groups),
            supervises=frozenset(row.supervises),
            load=loads[row.code],
            available=row.available,
            exempt=row.exempt,
        )
        for row in found
    ]


# Whoever leads a team belongs to it here, whether or not they are listed as its member.
_AUDITORS = text("""
SELECT a.auditor AS code, own.teams,
    ARRAY(SELECT DISTINCT g."group" FROM auditor_group_memberships g
          WHERE g.team = ANY (own.teams) AND g.valid @> :today) AS groups,
    ARRAY(SELECT s.worker FROM supervisions s
          WHERE s.supervisor = a.auditor AND s.valid @> :today) AS supervises,
    EXISTS (SELECT FROM workers w
            JOIN principals p ON p.worker = w.code AND p.disabled_at IS NULL
            JOIN role_assignments r ON r.principal_id = p.id AND r.valid @> :today
            WHERE w.code = a.auditor AND r.role = 'auditor'
            AND (w.starts_on IS NULL OR w.starts_on <= :today)
            AND (w.leaves_on IS NULL OR w.leaves_on >= :today)
            AND NOT EXISTS (SELECT FROM absences x WHERE x.worker = w.code AND x.valid @> :today)
    ) AS available,
    EXISTS (SELECT FROM plan_exemptions e
            WHERE e.plan_id = a.plan_id AND e.auditor = a.auditor) AS exempt
FROM plan_auditors a
CROSS JOIN LATERAL (SELECT ARRAY(
    SELECT m.team FROM team_memberships m WHERE m.worker = a.auditor AND m.valid @> :today
    UNION SELECT o.team FROM posts o
    WHERE o.worker = a.auditor AND o.team IS NOT NULL AND o.valid @> :today) AS teams) own
WHERE a.plan_id = :plan_id
ORDER BY a.auditor""").bindparams(bindparam("plan_id", type_=Uuid), bindparam("today", type_=Date))


def _item(audit: Any, proposal: Proposal | None) -> AllocatedOut:
    passed_over = proposal.exclusions if proposal else ()
    return AllocatedOut(
        audit_id=audit.id,
        team=audit.team,
        theme=audit.theme_code,
        state=AuditState(audit.state),
        auditor=audit.auditor,
        proposed=proposal.auditor if proposal else None,
        explanation=ExplanationOut.of(proposal.explanation) if proposal else None,
        passed_over=[
            PassedOverOut(auditor=one.auditor, because=one.because, clause=one.clause)
            for one in passed_over
        ],
    )


async def allocate(
    work: Work, plan_id: UUID, expected: Precondition, decided: AllocationIn
) -> None:
    """Name the auditors, as proposed or not; all of them or none (R4.4.3).

    The bars of the audit type still hold: nobody audits their own work, and the worker's supervisor
    only with a reason of Q&S (R4.1.8).
    """
    plan = await plan_to_change(work, plan_id, "allocate", expected)
    ids = {audit.id for audit in await _audits(work, plan)}
    named = {item.auditor for item in decided.items}
    known = set(await work.session.scalars(select(Worker.code).where(Worker.code.in_(named))))
    errors = [
        InputError.at(["items", at, "auditor"], "unknown", "There is no such worker.")
        for at, item in enumerate(decided.items)
        if item.auditor not in known
    ]
    errors += [
        InputError.at(["items", at, "audit_id"], "unknown", "This is no audit of the plan.")
        for at, item in enumerate(decided.items)
        if item.audit_id not in ids
    ]
    errors += repeated([item.audit_id for item in decided.items], "items", "audit_id")
    if errors:
        raise problems.validation(errors[:100])
    # In one order, so that no two who allocate at once wait for each other.
    for at, item in sorted(enumerate(decided.items), key=lambda one: one[1].audit_id):
        await _assign(work, at, item)
    await work.record(
        events.QuarterPlanAllocated(
            about=plan.id,
            audit_ids=tuple(sorted({item.audit_id for item in decided.items}, key=str)),
        )
    )


async def _assign(work: Work, at: int, item: AllocatedIn) -> None:
    assignment = Assignment(
        auditor=item.auditor, conflict_override_reason=item.conflict_override_reason
    )
    here: list[str | int] = ["items", at, "auditor"]
    try:
        await assign_audit(work, item.audit_id, Precondition(any_version=True), assignment)
    except RuleRefused as refused:
        error = InputError.at(here, refused.code, refused.message)
        raise problems.business_rule(refused.clause, refused.message, [error]) from refused
    except Problem as problem:
        if problem.kind.slug != "business-rule":
            raise
        errors = [InputError.at(here, fault.code, fault.detail) for fault in problem.errors]
        clause = str(problem.members["clause"])
        raise problems.business_rule(clause, problem.detail, errors) from problem

"""Giving an open audit to another auditor together with other work (R4.1.8)."""

from qa_api.audits.facts import check_runs, facts_of_audit
from qa_api.audits.schemas import Assignment
from qa_api.audits.service import assign_audit
from qa_api.auth.roles import Permission
from qa_api.catalogue.service import audit_type
from qa_api.models.audits import Audit
from qa_api.rules.audits import check_not_judged
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def check_gives(work: Work, audit: Audit) -> None:
    """Refuse whoever may not say who audits it."""
    roles = work.require(Permission.AUDIT_ASSIGN, team=audit.team)
    check_not_judged(work.actor.worker, {audit.worker, audit.audited_worker})
    check_runs((await audit_type(work, audit.type)).owner, roles)


async def check_takes(work: Work, audit: Audit, taker: str) -> None:
    """Refuse an auditor whom the type's rule bars."""
    facts = await facts_of_audit(work, audit, taker)
    facts.check_auditor(work.policy_version, overridden=False)


async def give(work: Work, audit: Audit, taker: str, _: str) -> None:
    """Name the new auditor."""
    of_now = Precondition(versions=frozenset({audit.version}))
    await assign_audit(work, audit.id, of_now, Assignment(auditor=taker))

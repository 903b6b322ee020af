"""How every change of an audit begins: it is found, and rights, version and state are checked."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, select
from sqlalchemy.orm.attributes import flag_modified

from qa_api.audits.queries import AUDIT
from qa_api.auth.actor import CALLER
from qa_api.auth.steps import ACTION_PERMISSIONS
from qa_api.db import Prepared, parameter
from qa_api.models.audits import Audit
from qa_api.reads.shapes import Predicate
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def take_step(
    work: Work, audit_id: UUID, action: str, expected: Precondition | None
) -> Audit:
    """The audit, locked, in the state that the action leads to.

    404 if the caller may not see it, 403 without the permission over it, 409 if its state does not
    allow the action (R4.1.5), 412 if it has another version than `expected`. `expected` is None for
    an action that adds to the audit and overwrites nothing.
    """
    audit = await find_to_change(work, audit_id)
    check_step(work, audit, action, expected)
    return audit


def check_step(work: Work, audit: Any, action: str, expected: Precondition | None) -> None:
    """The same of an audit that is found: 403, 409 and 412."""
    work.require(
        ACTION_PERMISSIONS["audit", action],
        team=audit.team,
        worker=audit.worker,
        auditor=audit.auditor,
    )
    enter(audit, action, expected)


async def find_to_change(work: Work, audit_id: UUID) -> Audit:
    """The audit, locked; 404 if the caller may not see it. Near reasons are asked first (ADR 3)."""
    return await work.find(*map(_to_change, AUDIT.tries), id=audit_id)


def enter(audit: Any, action: str, expected: Precondition | None) -> None:
    """Bring the audit into the state that an action leads to.

    409 if its state does not allow the action, 412 if it has another version than `expected`.
    """
    audit.state = next_state("audit", audit.state, action)
    if expected is not None:
        expected.check(audit.version)


@cache
def _to_change(visible: Predicate) -> Select[Audit]:
    """The audit, locked; others can add answers and actions to it meanwhile."""
    return select(Audit).where(of_this_id(), visible(Audit, CALLER)).with_for_update(key_share=True)


def of_this_id() -> ColumnElement[bool]:
    """Whether it is the audit that the statement's parameter `id` names."""
    return Audit.id == bindparam("id", type_=Uuid)


def held(audit: Any) -> dict[str, Any]:
    """The subject and the holder of the case, copied from the audit to its parts."""
    return {
        "subject_id": audit.subject_id,
        "team": audit.team,
        "worker": audit.worker,
        "restricted": audit.restricted,
    }


async def holder_of(work: Work, audit_id: UUID) -> dict[str, Any]:
    """The same of an audit that is not at hand."""
    (audit,) = await work.run(_holder(), id=audit_id)
    return held(audit)


@cache
def _holder() -> Prepared:
    holder = (Audit.subject_id, Audit.team, Audit.worker, Audit.restricted)
    return Prepared.of(select(*holder).where(Audit.id == parameter("id", Uuid())))


def touch(audit: Audit) -> None:
    """Raise the audit's version, because something was recorded in it."""
    flag_modified(audit, "state")

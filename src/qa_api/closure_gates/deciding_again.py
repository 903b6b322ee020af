"""Deciding again about gates after the authority's audit types have changed (§3, C3).

An event and a change of the types at the same moment may not see each other, and a change may
concern every open gate. So the sweep does it, some gates at a time.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select, text

from qa_api import events
from qa_api.closure_gates.audited import BY_A_TYPE, audited_closings
from qa_api.closure_gates.service import reassess_subject
from qa_api.models.closures import AuditedClosings, CaseEvent
from qa_api.rules.closure import AUDIT, ExemptBecause
from qa_api.rules.states import GATE_OPEN
from qa_api.work import Work

AT_ONCE: Final = 200
"""Subjects whose gates one sweep decides again."""

_ONE_AT_A_TIME: Final = select(
    func.pg_advisory_xact_lock(func.hashtextextended("audited closings", 0))
)
_EXPLAINED_OTHERWISE: Final = (
    "g.state = ANY (:open) AND (g.cleared_at IS NULL) <> (now.facts ->> 'cleared_at' IS NULL)"
)
"""Decided by a release whose explanations told since when a gate was clear before they were made.
"""
# A gate that nothing holds any more, or that waits for an audit which nobody has been asked for.
_NOT_AS_OFFERED: Final = text(
    f"""
    SELECT DISTINCT g.subject_id
    FROM closure_gates g
    JOIN subjects s ON s.id = g.subject_id
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM audit_types t WHERE t.subject_kind = s.kind AND {BY_A_TYPE}) AS offered,
        g.explanation -> 'facts' AS facts) AS now
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM audits a JOIN closure_gates asked ON asked.id = a.gate_id
        WHERE a.subject_id = g.subject_id AND (asked.id = g.id OR asked.duplicate_of = g.id)
        AND a.state IN ('planned', 'in_progress') AND a.recorded_in_error_at IS NULL)
        AS is_open) AS audit
    WHERE g.duplicate_of IS NULL AND s.merged_into_id IS NULL AND CASE
        WHEN {_EXPLAINED_OTHERWISE} THEN true ELSE CASE g.state
        WHEN 'awaiting_audit' THEN NOT audit.is_open
        WHEN 'closed_without_audit' THEN NOT audit.is_open AND (
            now.facts -> 'waits_for' ? '{AUDIT}'
            OR now.offered AND now.facts -> 'set_aside' ? '{AUDIT}')
        WHEN 'exempt' THEN now.offered AND now.facts ->> 'exempt_because' = :no_type
        WHEN 'actions_outstanding' THEN
            now.offered AND now.facts ->> 'exempt_because' = :no_type
        ELSE false END END
    ORDER BY g.subject_id LIMIT :at_once
    """  # noqa: S608 - ours
)


async def follow_audit_types(work: Work, event: events.ConfigurationChanged) -> None:
    """Record from when until when closings of each kind are audited, by the audit types of now.

    Until the first event comes the authority is being set up: its types then count from the
    beginning.
    """
    if event.what != "audit_type":
        return
    await work.act_as_service()
    await work.session.execute(_ONE_AT_A_TIME)
    audited = await audited_closings(work)
    in_use = await work.session.scalar(select(exists(select(CaseEvent.id))))
    ended = [term.until for term in audited.terms]
    begun = {term.kind for term in audited.terms if term.until is None}
    for kind in sorted(audited.now.keys() - begun):
        since = max(each for each in (work.now, *ended) if each) if in_use else None
        work.session.add(AuditedClosings(subject_kind=kind, since=since, until=None))
    for kind in sorted(begun - audited.now.keys()):
        term = await work.session.scalar(
            select(AuditedClosings).where(
                AuditedClosings.subject_kind == kind, AuditedClosings.until.is_(None)
            )
        )
        if term is not None:
            term.until = max(work.now, term.since or work.now)
    await work.session.flush()


async def decide_gates_again(work: Work) -> int:
    """Decide again about gates that no longer fit the audit types there are; how many subjects.

    Some wait for an audit that nobody offers any more, others need one by now. A case that closed
    while there was no audit type for it stays closed.
    """
    await work.act_as_service()
    given: dict[str, Any] = {
        "no_type": ExemptBecause.NO_AUDIT_TYPE,
        "open": list(GATE_OPEN),
        "at_once": AT_ONCE,
    }
    found = await work.session.scalars(_NOT_AS_OFFERED, given)
    subjects = list(found)

    async def again(subject_id: UUID) -> None:
        await reassess_subject(work, subject_id)

    await work.row_by_row("gates that are decided again", subjects, again)
    return len(subjects)

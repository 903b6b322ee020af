"""Gates of two records that turn out to be one person's: the one further along answers (C6)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, update

from qa_api.models.audits import Audit
from qa_api.models.closures import ClosureGate
from qa_api.models.subjects import Subject
from qa_api.rules.states import AUDIT_FINISHED, AUDIT_UNDER_WAY
from qa_api.work import Work


def how_far(
    gate: ClosureGate, completed: Collection[UUID | None], begun: Collection[UUID | None]
) -> tuple[bool, bool, bool, bool, UUID]:
    """Orders gates of one closing: first the one for which the most has been done.

    Where as much has been done for each, the one that answered before goes on.
    """
    return (
        gate.audit_id not in completed,
        gate.override_approved_at is None,
        gate.audit_id not in begun,
        gate.duplicate_of is not None,
        gate.id,
    )


async def stand_back(work: Work, source: Subject, into: Subject) -> None:
    """Prepare the gates of `source` to become those of `into`, before the records are merged.

    If both have a gate of one episode, that of `into` answers until the episode is decided again.
    If one event opened a gate for each, only one can be the person's: the one for which more has
    been done, whichever record it belongs to. The other is kept, but is out of use.
    """
    gates = await _gates(work, source.id, into.id)
    done = await _audits(work, gates)
    theirs = {(gate.system, gate.episode_id): gate for gate in gates if gate.subject_id == into.id}
    twins = {gate.opened_by_event: gate for gate in gates if gate.subject_id == into.id}
    for gate in [gate for gate in gates if gate.subject_id == source.id]:
        if (gate.system, gate.episode_id) in theirs:
            gate.current = gate.may_close = False
        if (twin := twins.get(gate.opened_by_event)) is None:
            continue
        counts, other = sorted((gate, twin), key=lambda each: how_far(each, *done))
        if counts is gate:
            await _change_places(work, gate, twin)
        other.duplicate_of = counts.id
        await work.session.flush()
        # What stood back for it was opened by the same event, of a record merged before.
        await work.session.execute(
            update(ClosureGate)
            .where(
                ClosureGate.duplicate_of == other.id,
                ClosureGate.opened_by_event == other.opened_by_event,
            )
            .values(duplicate_of=counts.id)
        )
    await work.session.flush()


async def _change_places(work: Work, gate: ClosureGate, twin: ClosureGate) -> None:
    """Swap the subjects of two gates, one after the other: no subject may have both at once."""
    source, into = gate.subject_id, twin.subject_id
    twin.current = twin.may_close = False
    twin.subject_id = None
    await work.session.flush()
    gate.subject_id, gate.restricted = into, twin.restricted
    gate.team, gate.worker = twin.team, twin.worker
    await work.session.flush()
    twin.subject_id = source
    await work.session.flush()


async def _gates(work: Work, *subjects: UUID) -> list[ClosureGate]:
    found = await work.session.scalars(
        select(ClosureGate)
        .where(ClosureGate.subject_id.in_(subjects))
        .order_by(ClosureGate.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def _audits(
    work: Work, gates: Sequence[ClosureGate]
) -> tuple[frozenset[UUID | None], frozenset[UUID | None]]:
    """The audits of these gates that are completed, and those that somebody works on."""
    found = await work.session.execute(
        select(Audit.id, Audit.state).where(
            Audit.id.in_([gate.audit_id for gate in gates]), Audit.recorded_in_error_at.is_(None)
        )
    )
    states = {row.id: row.state for row in found}
    completed = frozenset(each for each, state in states.items() if state in AUDIT_FINISHED)
    begun = frozenset(each for each, state in states.items() if state in AUDIT_UNDER_WAY)
    return completed, begun

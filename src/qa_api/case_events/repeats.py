"""Events that come again: each is answered as it was the first time."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import Text, any_, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.case_events.effects import refs_of
from qa_api.case_events.messages import CaseEventMessage, PersonMerged
from qa_api.case_events.schemas import CaseEventReceipt, SubjectOutcome
from qa_api.closure_gates.episodes import Outcome
from qa_api.db import Found, Prepared, parameter
from qa_api.models.closures import CaseEvent, CaseEventOutcome
from qa_api.work import Work


class FirstTime:
    """An event as it was taken when it first came."""

    def __init__(self, row: Found) -> None:
        self.id: UUID = row.id
        self.fingerprint: str = row.fingerprint
        self.outcomes: list[SubjectOutcome] = []

    def again(self, message: CaseEventMessage, outcome: Outcome) -> CaseEventReceipt:
        """The answer to an event that comes under the same id."""
        outcomes = self.outcomes
        if isinstance(message, PersonMerged) and not outcomes and outcome is Outcome.DUPLICATE:
            # Of a parked merge nothing is kept that would join the two; a repeat names them itself.
            outcomes = [_parked(ref) for ref in refs_of(message)]
        return CaseEventReceipt(event_id=self.id, id=message.id, outcome=outcome, outcomes=outcomes)


def _parked(ref: str) -> SubjectOutcome:
    return SubjectOutcome(ref=ref, outcome=Outcome.PARKED, gate_id=None)


async def first_times(work: Work, system: str, ids: Iterable[str]) -> Mapping[str, FirstTime]:
    """Those of these events that came before, by the sender's id. Needs the service's reach."""
    await work.flush()
    found: dict[str, FirstTime] = {}
    for row in await work.run(_first_times(), system=system, ids=sorted(ids)):
        first = found.setdefault(row.event_id, FirstTime(row))
        if row.ref is not None:
            first.outcomes.append(
                SubjectOutcome(ref=row.ref, outcome=Outcome(row.outcome), gate_id=row.gate_id)
            )
    return found


_TEXTS: Final[ARRAY[str]] = ARRAY(Text)


@cache
def _first_times() -> Prepared:
    kept = (
        select(
            CaseEvent.event_id,
            CaseEvent.id,
            CaseEvent.fingerprint,
            CaseEventOutcome.ref,
            CaseEventOutcome.outcome,
            CaseEventOutcome.gate_id,
        )
        .outerjoin(CaseEventOutcome, CaseEventOutcome.case_event_id == CaseEvent.id)
        .where(
            CaseEvent.system == parameter("system", Text()),
            CaseEvent.event_id == any_(parameter("ids", _TEXTS)),
        )
        .order_by(CaseEventOutcome.position)
    )
    return Prepared.of(kept)

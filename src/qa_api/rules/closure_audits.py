"""Which audit clears a closing, and which one it waits for (C3, C6)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from qa_api.rules.states import (
    AUDIT_FINISHED,
    AUDIT_OPEN,
    AUDIT_UNDER_WAY,
    AuditState,
    GateState,
)
from qa_api.rules.unchanging import Unchanging

_WHY_NOT: Final = {
    GateState.WITHDRAWN: "The closing of the case was called off.",
    GateState.OVERRIDDEN: "The gate was overridden.",
    GateState.EXEMPT: "Closing for this reason needs no closure audit.",
}


def why_not_owed(gate: GateState) -> str:
    """Why an audit that has not begun is taken back, by the state of the gate that asked for it."""
    return _WHY_NOT.get(gate, "The case may close without it.")


class AskedAudit(Unchanging):
    """An audit that one of the gates of a closing asked for; a merge can bring two together (C6).

    ``id`` is ours, and sorts by when it was opened. ``reopened_at`` is when that gate was last
    reopened, ``of_gate_now`` whether it is the audit that the gate has asked for since.
    """

    id: Any
    state: AuditState
    completed_at: datetime | None = None
    reopened_at: datetime | None = None
    of_gate_now: bool = True

    @property
    def finished(self) -> bool:
        """Completed, or closed since."""
        return self.state in AUDIT_FINISHED

    @property
    def begun(self) -> bool:
        """Under way."""
        return self.state in AUDIT_UNDER_WAY

    @property
    def open(self) -> bool:
        """Neither completed nor cancelled."""
        return self.state in AUDIT_OPEN


def audit_that_counts(
    asked: Collection[AskedAudit], now: Any = None, reopened_at: datetime | None = None
) -> AskedAudit | None:
    """The completed audit that clears a closing: any that its gates asked for, one is enough (C6).

    After a reopening (C5), of whichever gate, only what was completed since. ``now`` is the one
    that counted before: it goes on counting while it does; else the first that was completed.
    """
    reopened = [each.reopened_at for each in asked if each.reopened_at is not None]
    last = max((each for each in (*reopened, reopened_at) if each is not None), default=None)

    def counts(each: AskedAudit) -> bool:
        if not each.finished:
            return False
        asked_since = each.of_gate_now and each.reopened_at == last
        completed_since = (
            last is not None and each.completed_at is not None and each.completed_at > last
        )
        return last is None or asked_since or completed_since

    return min(
        (each for each in asked if counts(each)),
        key=lambda each: (each.id != now, str(each.completed_at), each.id),
        default=None,
    )


def audit_awaited(asked: Collection[AskedAudit], now: Any = None) -> AskedAudit | None:
    """The open audit that a closing waits for: one that has begun before one that has not."""
    return min(
        (each for each in asked if each.open),
        key=lambda each: (not each.begun, each.id != now, each.id),
        default=None,
    )

"""The events of closure gates and of what the case system tells (§3).

What the case system calls the child and the episode is not in the log, which outlives both (X4);
it is told with each message, as it is then.
"""

from dataclasses import dataclass

from qa_api.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOpened(Event):
    """A case is proposed for closure: the gate opens."""

    type = "closure_gate.opened"
    sent = True

    system: str
    state: str
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChanged(Event):
    """The gate's answer or state changed."""

    type = "closure_gate.changed"
    sent = True

    system: str
    state: str
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedWithoutAudit(Event):
    """A case closed without a clear gate (C4)."""

    type = "closure_gate.closed_without_audit"
    sent = True

    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideWithdrawn(Event):
    """An override that was requested or given by mistake was taken back (C5)."""

    type = "closure_gate.override_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequested(Event):
    """Somebody asked to override a gate."""

    type = "closure_gate.override_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideApproved(Event):
    """A second person approved the override."""

    type = "closure_gate.override_approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReopened(Event):
    """A clear gate was reopened."""

    type = "closure_gate.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventReceived(Event):
    """A case system sent an event."""

    type = "case_event.received"

    event_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventConflicted(Event):
    """The same event id came with other data."""

    type = "case_event.conflicted"

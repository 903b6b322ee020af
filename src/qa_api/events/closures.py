"""The events of closure gates and of what the case system tells (§3).

What the case system calls the child and the episode is not in the log, which outlives both (X4);
it is told with each message, as it is then.
"""

from qa_api.events.event import Event


class GateOpened(Event):
    """A gate opens, by a proposal or by a closing that nobody proposed, with its first answer.

    `closure_gate.changed` follows whenever that answer changes; a gate opens once.
    """

    type = "closure_gate.opened"
    sent = True

    system: str
    state: str
    may_close: bool


class GateChanged(Event):
    """A gate that was opened before has another state, or another answer."""

    type = "closure_gate.changed"
    sent = True

    system: str
    state: str
    may_close: bool


class ClosedWithoutAudit(Event):
    """A case closed without a clear gate (C4)."""

    type = "closure_gate.closed_without_audit"
    sent = True

    system: str


class OverrideWithdrawn(Event):
    """An override that was requested or given by mistake was taken back (C5)."""

    type = "closure_gate.override_withdrawn"


class OverrideRequested(Event):
    """Somebody asked to override a gate."""

    type = "closure_gate.override_requested"


class OverrideApproved(Event):
    """A second person approved the override."""

    type = "closure_gate.override_approved"


class GateReopened(Event):
    """A clear gate was reopened."""

    type = "closure_gate.reopened"


class CaseEventReceived(Event):
    """A case system sent an event."""

    type = "case_event.received"

    event_type: str


class CaseEventConflicted(Event):
    """The same event id came with other data."""

    type = "case_event.conflicted"

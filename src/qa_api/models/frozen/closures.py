"""What stands of what case systems told, and when a gate moves (§3, C2 to C6)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Frozen

_AUDITED: Final = (
    "EXISTS (SELECT FROM audits a JOIN closure_gates asked ON asked.id = a.gate_id"
    " WHERE a.subject_id = NEW.subject_id AND NEW.id IN (asked.id, asked.duplicate_of)"
    " AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL)"
)
"""The audit that this very closing asked for, on whichever of one person's records (C6)."""
_NOTHING_HOLDS_IT: Final = (
    "NOT EXISTS (SELECT FROM restorative_actions x JOIN audits a ON a.id = x.audit_id"
    " WHERE x.subject_id = NEW.subject_id AND x.needed_before_closure"
    " AND x.state NOT IN ('done', 'verified', 'cancelled')"
    " AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM escalations e JOIN audits a ON a.id = e.audit_id"
    " WHERE e.subject_id = NEW.subject_id AND e.trigger = 'urgent_finding'"
    " AND e.state <> 'resolved' AND a.recorded_in_error_at IS NULL)"
)
_EXEMPT_REASON: Final = (
    "EXISTS (SELECT FROM policy_versions p JOIN case_events e"
    " ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0"
    " WHERE p.version = NEW.policy_version"
    " AND EXISTS (SELECT FROM jsonb_array_elements_text(p.values -> 'closure_exempt_reasons') code"
    ' WHERE lower(btrim(code) COLLATE "C") = lower(btrim(NEW.reason_code) COLLATE "C")'
    """ OR (code || NEW.reason_code) COLLATE "C" ~ '[^ -~]')"""
    " AND e.system = NEW.system AND e.episode_id = NEW.episode_id)"
)
"""The reason that the case system gave, which the policy of the gate exempts, however it is spelt.

How letters beyond ASCII are compared without case depends on the database: such codes are left to
the service.
"""
_NO_AUDIT_OFFERED: Final = (
    "NOT EXISTS (SELECT FROM audit_types t JOIN subjects s ON s.kind = t.subject_kind"
    " WHERE s.id = NEW.subject_id AND t.active AND t.cadence = 'every_closure')"
)
_NOT_AUDITED_THEN: Final = (
    "NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind"
    " WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at)"
    " AND (t.until IS NULL OR NEW.closing_counts_at < t.until))"
)
_CLEAR_BY_THEN: Final = (
    "(NEW.cleared_at AT TIME ZONE 'Europe/London')::date"
    " <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date"
)
_BEFORE_IN_USE: Final = (
    "EXISTS (SELECT FROM policy_versions p WHERE (p.values ->> 'in_use_from')::date"
    " > (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date)"
)
"""The case closed before the day from which a policy of the authority has closings looked after."""
CLEAR: Final = f"{_AUDITED} AND {_NOTHING_HOLDS_IT}"
EXEMPT: Final = f"{_EXEMPT_REASON} OR {_NO_AUDIT_OFFERED}"
CLEARED_OR_EXEMPT: Final = (
    f"{_CLEAR_BY_THEN} OR {_BEFORE_IN_USE} OR {_EXEMPT_REASON} OR {_NOT_AUDITED_THEN}"
)
TOLD_CLOSED: Final = (
    "EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id"
    " JOIN case_event_outcomes o ON o.subject_id = coalesce(s.merged_into_id, s.id)"
    " JOIN case_events e ON e.id = o.case_event_id AND e.system = g.system"
    " AND e.episode_id = g.episode_id AND e.type LIKE 'case.closed.%' WHERE g.id = NEW.id)"
)
"""What was told of this very child, whichever of its records the gate stayed with.

What an event does is kept after it is done.
"""
MAY_CLOSE: Final = """NEW.current AND NEW.explanation #> '{facts,waits_for}' = '[]'"""

_GATE_AND_PERSON: Final = (
    "closure_gates g JOIN subjects s ON s.id = g.subject_id"
    " JOIN events e ON e.xid = (SELECT stamp())"
)
"""The gate as it is at the commit, whose it is, and what this transaction tells."""
_MERGED_NOW: Final = (
    "e.type = 'subject.merged' AND e.about_id IN (s.id, s.merged_into_id)"
    " AND e.data ->> 'merged' IN (SELECT m.id::text FROM subjects m"
    " WHERE m.merged_into_id = e.about_id)"
)
_RECEIVED_NOW: Final = (
    "e.type = 'case_event.received' AND NOT EXISTS (SELECT FROM events b"
    " WHERE b.about_id = e.about_id AND b.type = e.type AND b.xid <> e.xid)"
    " AND EXISTS (SELECT FROM case_event_outcomes o JOIN case_events c ON c.id = o.case_event_id"
    " WHERE o.case_event_id = e.about_id AND o.subject_id IN (s.id, s.merged_into_id){of_it})"
)
"""A case event that came now, and not before, about the gate's child."""
TOLD_NOW: Final = (
    f"EXISTS (SELECT FROM {_GATE_AND_PERSON} WHERE g.id = NEW.id AND ({_MERGED_NOW} OR "
    + _RECEIVED_NOW.format(of_it=" AND c.system = g.system AND c.episode_id = g.episode_id")
    + "))"
)
DECIDED_NOW: Final = (
    f"EXISTS (SELECT FROM {_GATE_AND_PERSON} WHERE g.id = NEW.id AND (e.about_id = g.id"
    f" OR e.subject_id IN (s.id, s.merged_into_id) OR {_RECEIVED_NOW.format(of_it='')}))"
)


def _said_now(*types: str) -> str:
    """This transaction tells one of these of the gate."""
    named = ", ".join(f"'closure_gate.{each}'" for each in types)
    return (
        "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id"
        f" AND e.type IN ({named}))"
    )


_WITH_AN_AUDIT_TYPE: Final = "which closings are audited changes with an audit type, and is told"
_AUDIT_TYPE_NOW: Final = (
    "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
    " AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'audit_type')"
)

WAITS: Final = "while a gate waits for something the case may not close"
CLEARED_FIRST: Final = "what closes was clear by its day, or needs no closure audit"
NEEDS_NONE: Final = (
    "a closing needs no audit for a reason that policy exempts, or where none is had"
)

CLOSURES: Final[tuple[Frozen | Begun, ...]] = (
    Frozen(
        "case_events",
        "envelope",
        "system event_id type episode_id source_version occurred_at received_at fingerprint",
        "an event stands as it came",
    ),
    Frozen(
        "case_events",
        "data",
        "data",
        "an event stands as it came",
        # Of a merge that would join the two identities of an adopted child nobody is named.
        unless="OLD.parked AND NEW.parked AND NEW.data ="
        """ jsonb_set(OLD.data, '{data,merge}', '{"from": null, "into": null}')""",
    ),
    Frozen(
        "case_events",
        "parking",
        "parked parked_reason",
        "an event that was carried out is not parked again",
        since="NOT OLD.parked",
    ),
    Frozen(
        "audited_closings",
        "term",
        "subject_kind since",
        "since when closings of a kind are audited stands",
    ),
    Frozen(
        "audited_closings",
        "end",
        "until",
        "until when closings of a kind were audited stands",
        since="OLD.until IS NOT NULL",
    ),
    Frozen(
        "audited_closings",
        "telling",
        "until",
        _WITH_AN_AUDIT_TYPE,
        witness=_AUDIT_TYPE_NOW,
        at_commit=True,
    ),
    Begun(
        "audited_closings",
        "telling",
        _WITH_AN_AUDIT_TYPE,
        not_as="true",
        witness=_AUDIT_TYPE_NOW,
        at_commit=True,
    ),
    Begun(
        "audited_closings",
        "end",
        "closings of a kind are audited before they no longer are",
        "until",
    ),
    Frozen(
        "case_event_outcomes",
        "answer",
        "case_event_id position ref outcome gate_id",
        "a repeat of an event gets the same answer",
    ),
    Frozen(
        "closure_gates",
        "origin",
        "system episode_id opened_by_event opened_at",
        "a gate stays with the event that opened it",
    ),
    Frozen(
        "closure_gates",
        "clearing",
        "state",
        "a gate is clear once its closure audit is completed",
        since="NEW.state = 'clear'",
        witness=CLEAR,
    ),
    Frozen(
        "closure_gates",
        "exemption",
        "state",
        NEEDS_NONE,
        since="NEW.state = 'exempt'",
        witness=EXEMPT,
    ),
    Frozen(
        "closure_gates",
        "leave_to_close",
        "may_close",
        WAITS,
        since="NEW.may_close",
        unless=MAY_CLOSE,
    ),
    Frozen(
        "closure_gates",
        "clear_since",
        "cleared_at",
        "since when a gate has been clear is when it became so",
        since="NEW.cleared_at IS NOT NULL",
        unless="OLD.cleared_at IS NULL AND NEW.state IN ('clear', 'overridden', 'exempt')",
    ),
    Frozen(
        "closure_gates",
        "closing_clear",
        "state closing_counts_at",
        CLEARED_FIRST,
        since="NEW.state = 'closed'",
        witness=CLEARED_OR_EXEMPT,
    ),
    Frozen(
        "closure_gates",
        "overriding",
        "state",
        "a gate is overridden by two people",
        since="NEW.state = 'overridden'",
        unless="NEW.override_requested_by IS NOT NULL AND NEW.override_approved_by IS NOT NULL"
        " AND NEW.override_withdrawn_at IS NULL",
    ),
    Frozen(
        "closure_gates",
        "closing",
        "state closed_at closing_counts_at",
        "a case is closed by its case system",
        since="(NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL)",
        witness=TOLD_CLOSED,
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "override",
        "override_requested_by override_requested_at override_reason override_approved_by"
        " override_approved_at",
        "an override that was approved stands on record until another is requested",
        since="OLD.override_approved_by IS NOT NULL",
        unless="NEW.override_approved_by IS NULL AND NEW.override_approved_at IS NULL"
        " AND NEW.override_requested_at >= OLD.override_requested_at",
    ),
    Frozen(
        "closure_gates",
        "told",
        "closed_at closing_counts_at closure_on reason_code cycle current duplicate_of",
        "what is told of a closing moves by what a case system tells",
        witness=TOLD_NOW,
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "decision",
        "state may_close explanation policy_version",
        "what was decided of a closing is decided again by what is told of the child alone",
        since="OLD.state IN ('closed', 'closed_without_audit', 'withdrawn')",
        witness=DECIDED_NOW,
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "audit",
        "audit_id",
        "the audit that counts for a closing is another by what is told of the child alone",
        witness=DECIDED_NOW,
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "request",
        "override_requested_by override_requested_at override_reason",
        "who asks for an override is told when they ask",
        witness=_said_now("override_requested"),
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "approval",
        "override_approved_by override_approved_at",
        "who approves an override is told when they do",
        # A request that was withdrawn is followed by another, which nobody has approved.
        witness=_said_now("override_approved", "override_requested"),
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "override_withdrawal",
        "override_withdrawn_by override_withdrawn_at override_withdrawal_reason",
        "who withdraws an override is told when they do",
        witness=_said_now("override_withdrawn", "override_requested"),
        at_commit=True,
    ),
    Frozen(
        "closure_gates",
        "reopening",
        "reopened_by reopened_at reopen_reason",
        "who reopens a gate is told when they do",
        witness=_said_now("reopened"),
        at_commit=True,
    ),
)

"""What stands of an audit, once it is completed (R4.1.5)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_LOCKED: Final = "OLD.state IN ('completed', 'closed')"
_ONLY_AMENDED: Final = "a completed audit is amended, by a revision that keeps what it said"
_REVISION_NOW: Final = (
    "EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = OLD.id AND r.number = OLD.revision"
    " AND qa_written_now(r.xid))"
)
_AUDIT_OPEN: Final = (
    "EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id"
    " AND a.state IN ('planned', 'in_progress'))"
)
_AUDIT_OPEN_OR_AMENDED: Final = (
    "EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id"
    " AND (a.state IN ('planned', 'in_progress') OR EXISTS ("
    "SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision"
    " AND qa_written_now(r.xid))))"
)
_VIEW: Final = "what the worker thinks stands once the audit is completed"
_OWN_VIEW: Final = "the worker adds their own view once they are told, until its time is over"
_TOLD_AND_OPEN: Final = (
    "EXISTS (SELECT FROM audits a JOIN notifications n ON n.audit_id = a.id"
    " WHERE a.id = OLD.audit_id AND n.notified_at IS NOT NULL"
    " AND a.audited_worker = OLD.written_by"
    " AND CASE WHEN EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id)"
    " THEN a.state = 'completed' ELSE a.state IN ('completed', 'closed')"
    " AND (coalesce(qa_now(), OLD.written_at) AT TIME ZONE 'Europe/London')::date"
    " <= ((SELECT min(f.notified_at) FROM notifications f WHERE f.audit_id = a.id)"
    " AT TIME ZONE 'Europe/London')::date + qa_own_view_days() END)"
)
"""An audit that asks for nothing closes when the worker is told: policy says how long then.

As `qa_was_audited` has it, of the first notification."""
_SAID_ANSWERS: Final = (
    "coalesce((SELECT jsonb_object_agg(w.question_key, jsonb_build_object('value', w.value,"
    " 'evidence', w.evidence, 'rationale', w.rationale, 'comment', w.comment,"
    " 'done_on', w.done_on, 'expected_by', w.expected_by))"
    " FROM audit_answers w WHERE w.audit_id = a.id AND NOT w.left_out), '{}')"
)
_SAID_JUDGEMENTS: Final = (
    "coalesce((SELECT jsonb_object_agg(j.domain_key, jsonb_build_object("
    "'judgement', j.judgement, 'rationale', j.rationale))"
    " FROM domain_judgements j WHERE j.audit_id = a.id), '{}')"
)
_SAID: Final = (
    "jsonb_build_object('overall', jsonb_build_object('judgement', a.overall_judgement,"
    " 'rationale', a.overall_rationale), 'positive_feedback', a.positive_feedback,"
    " 'paper_records_read', a.paper_records_read,"
    f" 'answers', {_SAID_ANSWERS}, 'judgements', {_SAID_JUDGEMENTS})"
)
"""All that an amendment can change, as a revision keeps it before anything is written anew."""
_FAMILY: Final = "what the family said stands once the audit is completed"

AUDITS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Frozen(
        "audits",
        "judgement",
        "overall_judgement overall_rationale positive_feedback paper_records_read revision",
        _ONLY_AMENDED,
        since=_LOCKED,
        witness=f"NEW.revision IN (OLD.revision, OLD.revision + 1) AND {_REVISION_NOW}",
    ),
    Frozen(
        "audits",
        "completion",
        "type tool_id overall_asked scale_code scale_number re_audit_of opened_by plan_id plan_team"
        " theme_code policy_version auditor auditor_team conflict_override_reason audited_worker"
        " audited_team audited_team_manager audited_head_of_service planned_at started_at"
        " completed_at completed_on",
        "who audited what, by which tool and when, stands once the audit is completed",
        since=_LOCKED,
    ),
    Frozen(
        "audits",
        "error",
        "error_reason error_reported_by error_confirmed_by recorded_in_error_at",
        "an error that two people found is not undone",
        since="OLD.recorded_in_error_at IS NOT NULL",
    ),
    Frozen("audits", "gate", "gate_id", "an audit stays with the gate that asked for it"),
    Frozen(
        "audits",
        "holder",
        "team worker",
        "whose a completed audit is moves with the case alone",
        since=_LOCKED,
        # Of two moves in one transaction the last one counts.
        witness="EXISTS (SELECT FROM audits a JOIN subjects s ON s.id = a.subject_id"
        " WHERE a.id = NEW.id"
        " AND (a.team, a.worker) IS NOT DISTINCT FROM (s.team, s.worker))",
        at_commit=True,
    ),
    Frozen(
        "audits",
        "due_date",
        "due_on",
        "by when a completed audit was due moves with the closing, and that is told",
        since=_LOCKED,
        witness="EXISTS (SELECT FROM events e WHERE e.about_id = NEW.id"
        " AND e.type = 'audit.edited' AND qa_written_now(e.xid))",
        at_commit=True,
    ),
    Frozen(
        "audits",
        "cancellation",
        "cancelled_at cancel_reason",
        "an audit that was cancelled says why",
        since="OLD.state = 'cancelled'",
    ),
    Frozen(
        "audits",
        "day_of_completion",
        "completed_at completed_on",
        "an audit is completed on the day that it is in London",
        since="NEW.state IN ('completed', 'closed')",
        unless="NEW.completed_on = (NEW.completed_at AT TIME ZONE 'Europe/London')::date",
    ),
    Frozen(
        "audits",
        "day_of_error",
        "recorded_in_error_at",
        "an error is found of an audit that is completed, and after it was",
        since="NEW.recorded_in_error_at IS NOT NULL",
        unless="NEW.recorded_in_error_at >= NEW.completed_at",
    ),
    Frozen(
        "audits",
        "report_of_error",
        "error_confirmed_by",
        "an error is reported before another person confirms it",
        unless="NEW.error_confirmed_by IS NULL OR OLD.error_reported_by = NEW.error_reported_by",
    ),
    Frozen(
        "audit_answers",
        "content",
        "value evidence rationale comment done_on expected_by answered_at left_out",
        _ONLY_AMENDED,
        witness=_AUDIT_OPEN_OR_AMENDED,
    ),
    Frozen(
        "audit_answers",
        "place",
        "audit_id question_key tool_id",
        "an answer stays with its audit and its question",
    ),
    Closed("audit_answers", "content", _ONLY_AMENDED, _AUDIT_OPEN_OR_AMENDED),
    Frozen(
        "domain_judgements",
        "content",
        "tool_id scale_code scale_number judgement rationale",
        _ONLY_AMENDED,
        witness=_AUDIT_OPEN_OR_AMENDED,
    ),
    Frozen(
        "domain_judgements",
        "place",
        "audit_id domain_key",
        "a judgement stays with its audit and its domain",
    ),
    Closed("domain_judgements", "content", _ONLY_AMENDED, _AUDIT_OPEN_OR_AMENDED),
    Frozen(
        "family_contacts",
        "content",
        "expected not_expected_reason key_worker_forewarned contact_details_checked",
        _FAMILY,
        witness=_AUDIT_OPEN,
    ),
    Frozen("family_contacts", "place", "audit_id", "a contact stays with its audit"),
    Closed("family_contacts", "content", _FAMILY, _AUDIT_OPEN),
    Frozen(
        "family_contact_attempts",
        "content",
        "who how at outcome feedback",
        _FAMILY,
        witness=_AUDIT_OPEN,
    ),
    Frozen("family_contact_attempts", "place", "audit_id number", "a contact stays with its audit"),
    Closed("family_contact_attempts", "content", _FAMILY, _AUDIT_OPEN),
    Closed("family_contact_attempts", "removal", _FAMILY, _AUDIT_OPEN, removed=True),
    Frozen("worker_views", "content", "view recorded_at", _VIEW, witness=_AUDIT_OPEN),
    Frozen("worker_views", "place", "audit_id", "a view stays with its audit"),
    Closed("worker_views", "content", _VIEW, _AUDIT_OPEN),
    Frozen("own_views", "content", "view written_at", _OWN_VIEW, witness=_TOLD_AND_OPEN),
    Frozen("own_views", "place", "audit_id written_by", "a view stays with its audit and worker"),
    Closed("own_views", "content", _OWN_VIEW, _TOLD_AND_OPEN),
    Closed(
        "restorative_actions",
        "content",
        "a completed audit has another action by an amendment, which keeps what it said",
        _AUDIT_OPEN_OR_AMENDED,
    ),
    Frozen(
        "audit_revisions",
        "content",
        "audit_id number reason replaced_at replaced_by content",
        "a revision keeps what the audit said",
    ),
    Closed(
        "audit_revisions",
        "content",
        "a revision keeps what a completed audit says now",
        "EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND a.revision = OLD.number"
        f" AND a.state IN ('completed', 'closed') AND OLD.content = {_SAID})",
    ),
    Begun(
        "urgent_findings",
        "raising",
        "an urgent finding is raised of an audit that there is by then",
        not_as="true",
        # A minute is left for the clocks of two machines.
        witness="EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id"
        " AND a.planned_at <= NEW.raised_at + interval '1 minute')",
    ),
    Frozen(
        "urgent_findings",
        "content",
        "audit_id kind description child_safe_now raised_at",
        "an urgent finding stands as it was raised",
    ),
)

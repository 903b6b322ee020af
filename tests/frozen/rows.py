"""One row of each table as it is when it is frozen, and what it would be otherwise."""

from collections.abc import Mapping
from typing import Final

from qa_api.models.frozen.reach import DATED
from tests.frozen.statements import (
    FIFTH,
    FOURTH,
    ONE,
    OTHER,
    OTHER_NAME,
    SEVENTH,
    SIXTH,
    THIRD,
    Row,
)

ANOTHER: Final = {
    "subject_id": f"CASE {{column}} WHEN {ONE} THEN {OTHER} ELSE {ONE} END",
    "merged_into_id": OTHER,
    "version": "{column} - 1",
    "posts.kind": "'deputy'",
    "posts.service": "'other', team = NULL, kind = 'head'",
    "case_system_references.kind": "'team', worker = NULL",
    "case_system_references.team": "'other', worker = NULL, kind = 'team'",
    "starts_on": "{column} - 1",
    "hand_over_items.stays_because": "'follows_case'",
    "hand_over_items.goes_to": "'both', stays_because = NULL",
    "hand_overs.because": "'away'",
    "audit_types.subject_kind": "'carer_household'",
    "audit_types.owner": "'quality_standards'",
    "audit_types.cadence": "'anniversary'",
}
"""Where there must be what a column names, or where the other way is lawful."""

COMPLETED: Final[Row] = {
    "id": ONE,
    "state": "'completed'",
    "cancel_reason": "NULL",
    "subject_id": OTHER,
}

STANDING: Final[Row] = {
    "error_reported_by": "NULL",
    "error_confirmed_by": "NULL",
    "recorded_in_error_at": "NULL",
}

DRAFT: Final[Row] = {
    **STANDING,
    "id": THIRD,
    "state": "'in_progress'",
    "cancel_reason": "NULL",
    "planned_at": "'2026-06-01T09:30:00Z'",
    "started_at": "'2026-06-01T09:30:00Z'",
    "gate_id": OTHER,
}

NOT_WITHDRAWN: Final[Row] = {"withdrawn_at": "NULL", "withdrawn_by": "NULL"}

GRADED: Final[Row] = {"second_grade": "'sealed'"}
SEALED: Final[Row] = {"sealed": "true", "unsealed_because": "NULL"}

UNDONE: Final[Row] = {
    "done_on": "NULL",
    "done_by": "NULL",
    "done_reported_by": "NULL",
    "verified_at": "NULL",
    "verified_by": "NULL",
    "cancelled_at": "NULL",
    "cancel_reason": "NULL",
}

GATE: Final[Row] = {
    "state": "'awaiting_audit'",
    "may_close": "false",
    "subject_id": OTHER,
    "override_approved_by": OTHER,
    "cleared_at": "NULL",
}

STILL_REDACTED: Final[Row] = {"lifted_at": "NULL", "lifted_by": "NULL", "lift_reason": "NULL"}
STILL_A_HOLIDAY: Final[Row] = {
    "holiday_on": "'2026-12-25'",
    "withdrawn_version": "NULL",
    "withdrawn_reason": "NULL",
}

COUNTED: Final = (
    """{{"calendar_version": {version}, "steps": [{{"date": "{day}", "reason": "{reason}"}}],"""
    """ "facts": {{{facts}}}}}"""
)
AS_COUNTED: Final[Mapping[str, str]] = {
    "version": "1",
    "day": "2026-12-25",
    "reason": "bank holiday",
    "facts": '"days": 5',
}

NARRATIVE: Final = (
    "activity learning good_practice changes_made evidence_of_impact risks next_quarter"
)
DRAWN: Final[Row] = {
    "audit_type": "'type'",
    "judgement": "'overall_judgement'",
    "exclusion": "NULL",
}

COMMENT: Final[Row] = {
    "kind": "'audit'",
    "addressed": "true",
    **dict.fromkeys(
        (
            *("question_key", "response_id", "action_id", "escalation_id", "outcome_id"),
            "reply_to",
        ),
        "NULL",
    ),
}
UNRESOLVED: Final[Row] = {"resolved_at": "NULL", "resolved_by": "NULL"}
"""Said about an audit that was cancelled since."""

WITHHELD: Final[Row] = {"id": FIFTH, "subject_id": FIFTH, "restricted": "true"}
IN_ERROR: Final[Row] = {"id": OTHER, "state": "'completed'", "error_confirmed_by": OTHER}
ROWS: Final[list[tuple[str, Row]]] = [
    ("tool_domains", {"key": "'further'"}),
    ("tool_questions", {"key": "'further'", "answer_kind": "'text'"}),
    ("scale_points", {"code": "'judgement'", "scale_code": "'scale_code'"}),
    ("audits", {**COMPLETED, **STANDING}),
    ("audits", {**COMPLETED, **IN_ERROR}),
    ("audits", DRAFT),
    ("audits", {**COMPLETED, **STANDING, "id": FOURTH, "subject_id": ONE, "gate_id": THIRD}),
    ("audits", {**STANDING, "id": SIXTH, "state": "'cancelled'", "gate_id": FOURTH}),
    # Of a child who was restricted a moment ago: the audit waits for it.
    (
        "audits",
        {**COMPLETED, **STANDING, "id": SEVENTH, "subject_id": FIFTH, "restricted": "false"},
    ),
    ("domain_judgements", {"audit_id": THIRD}),
    ("domain_judgements", {"audit_id": SEVENTH}),
    ("audit_answers", {"audit_id": ONE}),
    ("audit_answers", {"audit_id": FOURTH, "value": "'4'", "left_out": "false"}),
    ("audit_answers", {"audit_id": FOURTH, "question_key": "'further'"}),
    ("domain_judgements", {"audit_id": FOURTH}),
    ("domain_judgements", {"audit_id": ONE}),
    ("family_contacts", {"audit_id": ONE, "not_expected_reason": "NULL"}),
    ("family_contacts", {"audit_id": SIXTH, "expected": "false"}),
    ("family_contact_attempts", {"audit_id": ONE}),
    ("audit_revisions", {"audit_id": ONE, "number": "1"}),
    ("audit_revisions", {"audit_id": THIRD, "number": "0"}),
    (
        "urgent_findings",
        {"kind": "'serious_safeguarding'", "child_safe_now": "'no'", "audit_id": ONE},
    ),
    ("audit_responses", {"state": "'adequate'"}),
    (
        "response_rounds",
        {
            "outcome": "'returned'",
            "reviewed_as": "'team_manager'",
            "explanation": f"'{COUNTED.format(**AS_COUNTED)}'",
        },
    ),
    ("audit_responses", {"id": OTHER, "state": "'awaiting_response'", "audit_id": OTHER}),
    (
        "response_rounds",
        {
            "id": OTHER,
            "response_id": OTHER,
            "submitted_at": "NULL",
            "submitted_by": "NULL",
            "reviewed_as": "NULL",
            "reviewed_at": "NULL",
            "outcome": "NULL",
        },
    ),
    ("response_items", {"finish_on": "NULL", "reason_not_immediate": "NULL"}),
    ("response_items", {"action_id": OTHER, "done_on": "NULL"}),
    (
        "notifications",
        {
            "state": "'delivered'",
            "kind": "'information_only'",
            "undeliverable_reason": "'refused'",
        },
    ),
    (
        "notifications",
        {
            "id": OTHER,
            "audit_id": SEVENTH,
            "subject_id": FIFTH,
            "state": "'delivered'",
            "kind": "'information_only'",
            "undeliverable_reason": "'refused'",
        },
    ),
    ("restorative_actions", {"state": "'cancelled'", "kind": "'practice'"}),
    (
        "restorative_actions",
        {"id": OTHER, "state": "'open'", "kind": "'practice'", "audit_id": FOURTH, **UNDONE},
    ),
    ("action_date_changes", {"which": "'finish_on'", "became": "'2026-11-24'"}),
    ("action_date_changes", {"which": "'done_on'", "became": "'2026-11-24'", "number": "2"}),
    ("escalations", {"state": "'resolved'", "trigger": "'urgent_finding'"}),
    ("escalation_recipients", {"acknowledged_as": "'team_manager'"}),
    (
        "escalation_recipients",
        {"id": OTHER, "acknowledged_as": "'team_manager'", "replaced_at": "NULL"},
    ),
    ("moderation_samples", {**GRADED, "state": "'closed'", "ends_before": "'2026-12-01'"}),
    ("moderation_members", {}),
    ("moderation_members", {"sample_id": FOURTH, "audit_id": FOURTH}),
    ("moderating_teams", {}),
    ("moderation_outcomes", {"relation_to_auditor": "'none'", **SEALED}),
    ("moderated_domains", {}),
    (
        "case_events",
        {
            "parked": "false",
            "type": "'case.opened.v1'",
            "data": """'{"data": {"closure": {"reason_code": "moved"}}}'""",
        },
    ),
    (
        "case_events",
        {"id": THIRD, "event_id": "'closed'", "type": "'case.closed.v1'", "episode_id": "'told'"},
    ),
    ("case_event_outcomes", {}),
    ("case_event_outcomes", {"case_event_id": THIRD}),
    ("closure_gates", GATE),
    (
        "closure_gates",
        {**GATE, "id": OTHER, "cycle": "2", "current": "false", "opened_by_event": THIRD},
    ),
    (
        "closure_gates",
        {
            **GATE,
            "id": THIRD,
            "subject_id": ONE,
            "current": "false",
            "opened_by_event": FOURTH,
        },
    ),
    (
        "closure_gates",
        {
            **GATE,
            "id": SIXTH,
            "state": "'closed'",
            "cleared_at": "'2026-11-20T09:30:00Z'",
            "subject_id": ONE,
            "current": "false",
            "opened_by_event": SIXTH,
        },
    ),
    (
        "policy_versions",
        {"version": "77", "values": """'{"closure_exempt_reasons": ["moved", "untold"]}'"""},
    ),
    (
        "audit_types",
        {
            "cadence": "'every_closure'",
            "subject_kind": "'child'",
            "active": "true",
            "owner": "'service_area'",
        },
    ),
    ("audited_closings", {"subject_kind": "'child'", "since": "NULL", "until": "NULL"}),
    ("audited_closings", {"id": OTHER, "subject_kind": "'carer_household'"}),
    ("subjects", {"id": ONE, "kind": "'child'", "merged_into_id": "NULL"}),
    ("subjects", {"id": OTHER, "kind": "'child'", "merged_into_id": "NULL"}),
    ("subjects", {"id": THIRD, "kind": "'child'", "merged_into_id": ONE}),
    ("subjects", {"id": FIFTH, "ref": "'withheld'", "kind": "'child'", "merged_into_id": "NULL"}),
    ("audits", {**DRAFT, **WITHHELD, "gate_id": "NULL"}),
    (
        "restorative_actions",
        {**UNDONE, **WITHHELD, "state": "'open'", "kind": "'practice'", "audit_id": FOURTH},
    ),
    ("escalations", {**WITHHELD, "state": "'resolved'", "trigger": "'urgent_finding'"}),
    ("audit_responses", {**WITHHELD, "state": "'adequate'", "audit_id": FOURTH}),
    (
        "moderation_outcomes",
        {
            **WITHHELD,
            **SEALED,
            "relation_to_auditor": "'none'",
            "audit_id": FOURTH,
            "sample_id": OTHER,
        },
    ),
    ("comments", COMMENT),
    ("comments", {**COMMENT, "id": OTHER, "audit_id": SIXTH, **UNRESOLVED}),
    ("comment_addressees", {}),
    ("case_systems", {"code": "'system'"}),
    ("subject_aliases", {"subject_id": OTHER, "stands_for": "NULL"}),
    ("subject_aliases", {"ref": "'stands in'", "subject_id": FIFTH, "stands_for": ONE}),
    ("alerts", {}),
    ("learning_actions", {"state": "'cancelled'"}),
    ("moderation_samples", {**GRADED, "id": OTHER, "state": "'open'", "starts_on": "'2026-10-01'"}),
    ("panel_date_changes", {}),
    ("redactions", {}),
    ("redactions", {"id": OTHER, "path": "'/elsewhere'", **STILL_REDACTED}),
    ("legal_holds", {"record_class": "NULL"}),
    ("hand_overs", {"id": OTHER, "state": "'accepted'", "because": "'leaves'", **NOT_WITHDRAWN}),
    (
        "hand_overs",
        {"id": THIRD, "state": "'withdrawn'", "because": "'leaves'", "accepted_at": "NULL"},
    ),
    (
        "hand_over_items",
        {
            "hand_over_id": OTHER,
            "goes_to": "NULL",
            "stays_because": "'nobody_can'",
            "sealing": "NULL",
            "unsealed_because": "NULL",
        },
    ),
    ("unusual_reads", {"state": "'looked_into'"}),
    ("delivery_attempts", {}),
    ("posts", {"kind": "'manager'", "service": "NULL"}),
    *((table, {}) for table in DATED if table != "posts"),
    ("case_system_references", {"kind": "'worker'", "team": "NULL"}),
    ("webhook_endpoints", {"id": OTHER}),
    ("webhook_endpoints", {"deleted_at": "NULL"}),
    ("worker_views", {}),
    ("own_views", {}),
    ("restriction_grants", {"expires_at": "'2026-11-24T09:30:00Z'"}),
    ("workers", {"code": "'both'"}),
    ("workers", {"code": "'another'"}),
    ("principals", {"id": ONE, "worker": "'both'", "system": "NULL"}),
    ("principals", {"id": OTHER, "subject": "'again'", "worker": "'both'", "system": "NULL"}),
    ("principals", {"id": THIRD, "subject": "'another'", "worker": "'another'", "system": "NULL"}),
    ("principals", {"id": FOURTH, "subject": "'nobody'", "worker": "NULL", "system": "NULL"}),
    ("audit_tools", {"state": "'published'", "overall": "'required'"}),
    ("judgement_scales", {}),
    ("judgement_scales", {"code": "'scale_code'"}),
    ("quarter_plans", {"state": "'published'"}),
    ("plan_exemptions", {"auditor": "NULL"}),
    ("plan_case_lists", {"method": "'drawn'"}),
    ("qa_updates", {"state": "'submitted'"}),
    ("board_decisions", {}),
    ("practice_cases", {"scale_code": "'scale_code'"}),
    ("practice_standards", {}),
    ("practice_standard_domains", {}),
    ("practice_audits", {}),
    ("practice_audit_domains", {}),
    ("chart_changes", {"month": "'2026-09'"}),
    ("board_receipts", {}),
    ("board_reports", {"state": "'presented'"}),
    ("qa_update_submissions", {}),
    ("audit_intervals", {"scope": "'authority'"}),
    ("retention_runs", {"state": "'cancelled'", "approved_by": OTHER_NAME, "executed_at": "NULL"}),
    ("practice_observations", {"family_consent": "'given'"}),
    ("practice_observations", {"family_consent": "'given'", "id": OTHER}),
    ("workers", {"code": "'corrected_by'"}),
    ("observation_corrections", {}),
    ("observation_exemptions", {}),
    ("learning_highlights", {"routed_to": "'practice_advisor'"}),
    (
        "rights_changes",
        {
            "what": "'principal'",
            "state": "'ended'",
            "decided_at": "NULL",
            "decided_by": "NULL",
            "refusal": "NULL",
        },
    ),
    ("rights_changes", {"id": FIFTH, "what": "'principal'", "state": "'refused'"}),
    ("scim_users", {}),
    ("scim_groups", {}),
    (
        "group_roles",
        {"scope": "'authority'", "role": "'auditor'", "service": "NULL", "team": "NULL"},
    ),
    ("role_assignments", {"scope": "'team'", "role": "'team_manager'", "service": "NULL"}),
    ("calendar_versions", {}),
    ("calendar_days", {}),
    ("bank_holidays", {"source": "'official'"}),
    ("bank_holidays", {**STILL_A_HOLIDAY, "source": "'official'"}),
    ("audit_due_dates", {"owed_team": "NULL"}),
    ("audit_due_dates", {"audit_id": OTHER, "owed_team": "NULL", "stands": "false"}),
    ("awaited_updates", {"quarter": "'another'"}),
    ("days_of_reads", {"listed": "true"}),
    ("dataset_downloads", {"sha256": "repeat('0', 64)"}),
    ("deliveries", {"state": "'delivered'", "lane": "'ordinary'"}),
]
"""One row of each table in the state in which it is frozen."""

WHERE: Final = {
    "audits": f"id = {ONE}",
    "comments": f"id = {ONE}",
    "audit_due_dates": f"audit_id = {ONE}",
    "closure_gates": f"id = {ONE}",
    "domain_judgements": f"audit_id = {ONE}",
    "restorative_actions": f"id = {ONE}",
    "subjects": f"id = {ONE}",
}
"""Which row is frozen, where others of the table are not."""

ONCE: Final = {
    ("hand_overs", "acceptance"): f"id = {OTHER}",
    ("hand_overs", "withdrawal"): f"id = {THIRD}",
    ("audits", "error"): f"id = {OTHER}",
    ("comments", "lock"): f"id = {OTHER}",
    ("audits", "cancellation"): f"id = {SIXTH}",
    ("closure_gates", "decision"): f"id = {SIXTH}",
    ("audited_closings", "telling"): f"id = {ONE}",
    ("subject_aliases", "subject"): "stands_for IS NULL",
    ("subject_aliases", "removal"): "stands_for IS NOT NULL",
    ("audited_closings", "end"): f"id = {OTHER}",
    ("case_events", "parking"): f"id = {ONE}",
    ("audit_due_dates", "settling"): f"audit_id = {ONE}",
    ("webhook_endpoints", "telling"): f"id = {ONE}",
    ("webhook_endpoints", "deletion"): f"id = {OTHER}",
}
"""Which row it is of what only some of the frozen ones have."""

ENDED: Final = (
    "UPDATE {} SET valid = '[2026-11-23,2027-01-01)', ended_at = ended_at + interval '1 day'"
)

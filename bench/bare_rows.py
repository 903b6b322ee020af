"""How the bare application writes an audit as JSON: what its statements share."""

INSTANT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {}"""


def instant(column: str, name: str = "") -> str:
    return INSTANT.format(column, name or column.rpartition(".")[2])


ROW = f"""
    a.id, a.type, a.state,
    (SELECT row_to_json(s) FROM (SELECT s.id, s.kind, s.system, s.ref FROM subjects s
                                 WHERE s.id = a.subject_id) s) AS subject,
    a.team, a.worker, a.auditor, a.opened_by, a.due_on,
    CASE WHEN a.state IN ('planned', 'in_progress') THEN
        (SELECT working_index FROM calendar_days WHERE day = a.due_on)
        - (SELECT working_index FROM calendar_days WHERE day = $1::date) END AS working_days_left,
    {instant("a.planned_at")}, {instant("a.completed_at")}, {instant("a.changed_at")},
    false AS judgement_sealed, a.overall_judgement, a.restricted, a.version"""


def document(*, answers: str, actions: str, role: str) -> str:
    """A whole audit `a`; its parts are read from the tables or from what was just written."""
    return f"""{ROW},
    a.tool_id, a.scale_code, a.scale_number, a.overall_asked, a.revision, a.re_audit_of, a.gate_id,
    a.plan_id, a.plan_team, a.theme_code, a.audited_team, a.audited_worker,
    a.audited_team_manager, a.audited_head_of_service,
    a.conflict_override_reason, {instant("a.started_at")}, {instant("a.closed_at")},
    {instant("a.cancelled_at")}, a.cancel_reason, a.discussed_in_supervision_on,
    a.discussed_in_comment_id,
    a.policy_version, false AS content_withheld,
    a.overall_rationale, a.positive_feedback, a.paper_records_read,
    array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT question_key, value, evidence, rationale, comment, done_on, expected_by,
               {instant("answered_at")}, NOT left_out AS applies, version
        FROM {answers} WHERE audit_id = a.id ORDER BY question_key) x)) AS answers,
    array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT domain_key, judgement, rationale FROM domain_judgements
        WHERE audit_id = a.id ORDER BY domain_key) x)) AS judgements,
    (SELECT row_to_json(x) FROM (
        SELECT f.expected, f.not_expected_reason, f.key_worker_forewarned,
               f.contact_details_checked,
               array_to_json(ARRAY(SELECT row_to_json(y) FROM (
                   SELECT who, how, {instant("at")}, outcome, feedback
                   FROM family_contact_attempts WHERE audit_id = a.id ORDER BY number) y
               )) AS contacts
        FROM family_contacts f WHERE f.audit_id = a.id) x) AS family_contact,
    (SELECT row_to_json(x) FROM (SELECT view, {instant("recorded_at")}
        FROM worker_views WHERE audit_id = a.id) x) AS worker_view,
    (SELECT row_to_json(x) FROM (SELECT view, {instant("written_at")}
        FROM own_views WHERE audit_id = a.id) x) AS own_view,
    a.error_reason, NULL AS error_reported_by,
    array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT number, reason, {instant("replaced_at")}, replaced_by
        FROM audit_revisions WHERE audit_id = a.id ORDER BY number) x)) AS revisions,
    array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT id, kind, description, child_safe_now, {instant("raised_at")}
        FROM urgent_findings WHERE audit_id = a.id ORDER BY id) x)) AS urgent_findings,
    array_to_json(ARRAY(SELECT row_to_json(x) FROM (
        SELECT id, kind, description, needed_before_closure, state, owner, due_on, done_on,
               version
        FROM {actions} WHERE audit_id = a.id ORDER BY id) x)) AS actions,
    (SELECT row_to_json(x) FROM (
        SELECT due_on, settled_on, stands, policy_version, explanation
        FROM audit_due_dates WHERE audit_id = a.id) x) AS owed,
    (SELECT coalesce(json_agg(DISTINCT action), '[]') FROM allowed_actions
     WHERE aggregate = 'audit' AND from_state = a.state AND roles && '{{{role}}}'
    ) AS allowed_actions"""

-- The view has its owner's reach and asked nobody for theirs: it is for administrators, who are to appoint
-- somebody, and for the service itself; whoever else reads it finds nothing, as in the views of 0031.
CREATE OR REPLACE VIEW unattended_work AS
SELECT waits.id
FROM (
    SELECT a.id, p.worker AS barred
    FROM audits a LEFT JOIN principals p ON p.id = a.error_reported_by
    WHERE a.error_reported_by IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT r.id, r.proposed_by FROM retention_runs r WHERE r.state = 'proposed'
    UNION ALL
    SELECT u.id, u.worker FROM unusual_reads u WHERE u.state = 'found'
    UNION ALL
    SELECT g.id, p.worker
    FROM closure_gates g LEFT JOIN principals p ON p.id = g.override_requested_by
    WHERE g.state IN ('awaiting_audit', 'actions_outstanding')
      AND g.override_requested_at IS NOT NULL AND g.override_approved_at IS NULL
      AND g.override_withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM role_holders h
                      WHERE h.team = g.team AND h.role IN ('team_manager', 'head_of_service')
                      AND NOT h.away AND h.worker IS DISTINCT FROM p.worker)
) waits
WHERE NOT EXISTS (SELECT FROM role_holders h WHERE h.role = 'quality_standards' AND NOT h.away
                  AND h.worker IS DISTINCT FROM waits.barred)
AND (SELECT qa_reach() = 'service' OR EXISTS (
    SELECT FROM role_assignments a JOIN principals p ON p.id = a.principal_id
    WHERE p.id = qa_principal() AND p.disabled_at IS NULL
      AND a.role = 'administrator' AND a.valid @> qa_today()));

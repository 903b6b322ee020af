-- Reads that somebody should be asked about: who may see them, that they stand, and when they go (X3).
GRANT SELECT, INSERT, UPDATE ON unusual_reads, days_of_reads TO qa_app;
GRANT SELECT, INSERT ON busiest_hours TO qa_app;
GRANT SELECT ON unusual_reads TO qa_read;
GRANT SELECT ON unusual_reads, days_of_reads, busiest_hours TO qa_backup;
ALTER TABLE unusual_reads ENABLE ROW LEVEL SECURITY;
ALTER TABLE busiest_hours ENABLE ROW LEVEL SECURITY;

-- Quality & Standards alone; the reach over the authority is also that of others.
CREATE FUNCTION qa_is_quality_standards() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM role_assignments r WHERE r.principal_id = qa_principal()
                   AND r.role = 'quality_standards'
                   AND r.valid @> (qa_now() AT TIME ZONE 'Europe/London')::date);
END $$;
REVOKE ALL ON FUNCTION qa_is_quality_standards() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_is_quality_standards() TO qa_app, qa_read;
CREATE POLICY held ON unusual_reads TO qa_app, qa_read
    USING (CASE WHEN qa_reach() = 'service' THEN true
                ELSE qa_reach() = 'authority' AND (SELECT qa_is_quality_standards()) END);
CREATE POLICY backup ON unusual_reads TO qa_backup USING (true);
-- How much somebody reads is for the service alone.
CREATE POLICY held ON busiest_hours TO qa_app USING (qa_reach() = 'service');
CREATE POLICY backup ON busiest_hours TO qa_backup USING (true);

CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON unusual_reads
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();
CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON unusual_reads FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_left_state();

CREATE FUNCTION guard_unusual_read() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (to_jsonb(NEW) - ARRAY['aggregate', 'state', 'left_state', 'looked_into_by', 'looked_into_at',
                              'outcome', 'version', 'changed_xid'])
       IS DISTINCT FROM
       (to_jsonb(OLD) - ARRAY['aggregate', 'state', 'left_state', 'looked_into_by', 'looked_into_at',
                              'outcome', 'version', 'changed_xid'])
       OR OLD.looked_into_at IS NOT NULL THEN
        RAISE EXCEPTION 'what was found of somebody''s reads stands, and is looked into once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_unusual_read BEFORE UPDATE ON unusual_reads
    FOR EACH ROW EXECUTE FUNCTION guard_unusual_read();

-- It goes with the last of the lines that it rests on, whoever removes those.
CREATE FUNCTION remove_unusual_reads() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM unusual_reads u USING (
        SELECT DISTINCT t.id FROM unusual_reads t, unnest(t.line_ids) AS line (id)
        JOIN gone ON gone.id = line.id
    ) touched
    WHERE u.id = touched.id
      AND NOT EXISTS (SELECT FROM access_log l WHERE l.id = ANY (u.line_ids));
    DELETE FROM busiest_hours b
    USING (SELECT DISTINCT (at AT TIME ZONE 'Europe/London')::date AS day FROM gone) d
    WHERE b.day = d.day;
    RETURN NULL;
END $$;
CREATE TRIGGER remove_unusual_reads AFTER DELETE ON access_log REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION remove_unusual_reads();
REVOKE ALL ON FUNCTION guard_unusual_read(), remove_unusual_reads()
    FROM PUBLIC, qa_app, qa_read, qa_backup;

-- What waits for a second person of Quality & Standards where there is none: also their own reads.
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
                  AND h.worker IS DISTINCT FROM waits.barred);

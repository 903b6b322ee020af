-- Whoever was to re-audit and does not look at the earlier audit no more (R4.1.9). Until now whoever
-- may plan audits could open one for good: by a re-audit of their own, cancelled at once.
CREATE OR REPLACE FUNCTION qa_looks_back_at(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM audits later
        JOIN audits earlier ON earlier.id = audit AND earlier.id <> later.id
        WHERE later.auditor = qa_worker() AND later.recorded_in_error_at IS NULL
        AND earlier.state IN ('completed', 'closed') AND earlier.recorded_in_error_at IS NULL
        AND (later.re_audit_of = earlier.id AND later.state <> 'cancelled'
             OR (later.subject_id = earlier.subject_id
                 AND later.state IN ('planned', 'in_progress'))));
END $$;

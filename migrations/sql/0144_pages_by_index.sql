-- The same as before, the child and the earlier audit each asked by themselves: asked together, all that
-- the caller ever audited was looked through.
CREATE OR REPLACE FUNCTION qa_looks_back_at(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM audits earlier
        WHERE earlier.id = audit
        AND earlier.state IN ('completed', 'closed') AND earlier.recorded_in_error_at IS NULL
        AND (EXISTS (SELECT FROM audits again
                     WHERE again.auditor = qa_worker() AND again.subject_id = earlier.subject_id
                     AND again.state IN ('planned', 'in_progress')
                     AND again.recorded_in_error_at IS NULL AND again.id <> earlier.id)
             OR EXISTS (SELECT FROM audits later
                        WHERE later.auditor = qa_worker() AND later.re_audit_of = earlier.id
                        AND later.state <> 'cancelled'
                        AND later.recorded_in_error_at IS NULL AND later.id <> earlier.id)));
END $$;

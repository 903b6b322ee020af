-- A finished audit of a child whom the caller is to audit, and any that an audit of theirs looks at
-- again. As its owner, since the audits' own policy asks it too; it tells of the caller's own alone.
CREATE FUNCTION qa_looks_back_at(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM audits later
        JOIN audits earlier ON earlier.id = audit AND earlier.id <> later.id
        WHERE later.auditor = qa_worker() AND later.recorded_in_error_at IS NULL
        AND earlier.state IN ('completed', 'closed') AND earlier.recorded_in_error_at IS NULL
        AND (later.re_audit_of = earlier.id
             OR (later.subject_id = earlier.subject_id
                 AND later.state IN ('planned', 'in_progress'))));
END $$;

-- Beside what already lets a caller in, whatever that is by now, and asked last.
DO $$
DECLARE
    held text;
    t text;
    audit text;
BEGIN
    FOREACH t IN ARRAY ARRAY['audits', 'audit_answers', 'domain_judgements', 'family_contacts',
                             'family_contact_attempts', 'worker_views', 'audit_revisions',
                             'urgent_findings', 'restorative_actions'] LOOP
        audit := CASE t WHEN 'audits' THEN 'id' ELSE 'audit_id' END;
        SELECT qual INTO STRICT held FROM pg_policies
        WHERE schemaname = 'public' AND tablename = t AND policyname = 'held';
        EXECUTE format('ALTER POLICY held ON %I USING (CASE WHEN (%s) THEN true'
                       ' ELSE qa_looks_back_at(%I) END)', t, held, audit);
    END LOOP;
END $$;

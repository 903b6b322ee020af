-- Whose work was audited has their own view to write, once the worker is told, whoever holds the case by
-- then; and what they wrote stays theirs to read (R4.1.9). For that they read the audit, and nothing else.

-- For how many days it is taken where the audit asks for no response. What a policy leaves out keeps the
-- default, as in the service's.
CREATE FUNCTION qa_own_view_days() RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT (p.values ->> 'own_view_days')::integer FROM policy_versions p
                     WHERE p.effective_from <= (qa_now() AT TIME ZONE 'Europe/London')::date
                     ORDER BY p.effective_from DESC, p.version DESC LIMIT 1), 28);
END $$;

-- Whether somebody may write their own view of an audit today, or has written one. As the tables' owner,
-- since the audits' own policy asks it, and they see no notification and no response.
CREATE FUNCTION qa_was_audited(audit uuid, who text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM audits a
        CROSS JOIN LATERAL (SELECT min(n.notified_at) AS at FROM notifications n
                            WHERE n.audit_id = a.id) told
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM audit_responses r
                                           WHERE r.audit_id = a.id) AS asked) response
        WHERE a.id = audit AND a.audited_worker = who AND a.state IN ('completed', 'closed')
          AND a.recorded_in_error_at IS NULL AND told.at IS NOT NULL
          AND (CASE WHEN response.asked THEN a.state = 'completed'
               ELSE (qa_now() AT TIME ZONE 'Europe/London')::date
                    <= (told.at AT TIME ZONE 'Europe/London')::date + qa_own_view_days() END
               OR EXISTS (SELECT FROM own_views v
                          WHERE v.audit_id = a.id AND v.written_by = who)));
END $$;

-- Whom such an audit is about: they read by which reference the case system knows them.
CREATE FUNCTION qa_was_audited_about(subject uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audits a WHERE a.subject_id = subject
                   AND a.audited_worker = qa_worker() AND qa_was_audited(a.id, qa_worker()));
END $$;
REVOKE ALL ON FUNCTION qa_own_view_days(), qa_was_audited(uuid, text), qa_was_audited_about(uuid)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    qa_own_view_days(), qa_was_audited(uuid, text), qa_was_audited_about(uuid) TO qa_app, qa_read;

CREATE OR REPLACE FUNCTION qa_reaches_audit(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN qa_audits(audit) OR audit = ANY (qa_moderated())
        OR qa_looks_back_at(audit) OR qa_responds_to(audit) OR qa_was_audited(audit, qa_worker());
END $$;

-- Beside what already lets a caller in, whatever that is by now, and asked last.
DO $$
DECLARE
    held text;
    one text[];
BEGIN
    FOREACH one SLICE 1 IN ARRAY ARRAY[
        ['audits', 'audited_worker = qa_worker() AND qa_was_audited(id, qa_worker())'],
        ['subjects', 'qa_was_audited_about(id)']] LOOP
        SELECT qual INTO STRICT held FROM pg_policies
        WHERE schemaname = 'public' AND tablename = one[1] AND policyname = 'held';
        EXECUTE format('ALTER POLICY held ON %I USING (CASE WHEN (%s) THEN true ELSE %s END)',
                       one[1], held, one[2]);
    END LOOP;
END $$;

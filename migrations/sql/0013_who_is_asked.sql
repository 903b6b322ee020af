-- Who is asked about an escalation is who leads the team today, not who led it when it was raised.
CREATE OR REPLACE FUNCTION qa_is_asked(escalation uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM escalation_recipients r WHERE r.escalation_id = escalation
                   AND r.for_team = ANY (qa_teams()));
END $$;
CREATE OR REPLACE FUNCTION qa_is_asked_about(subject uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM escalation_recipients r WHERE r.subject_id = subject
                   AND r.for_team = ANY (qa_teams()));
END $$;
-- The finding that was escalated, and nothing else of its audit: it may be a draft still.
CREATE FUNCTION qa_is_asked_for(finding uuid, audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM escalations e JOIN escalation_recipients r ON r.escalation_id = e.id
                   WHERE e.audit_id = audit AND e.finding_id = finding
                   AND r.for_team = ANY (qa_teams()));
END $$;

DO $$
DECLARE
    -- As in the first guards: a CASE, and what needs a look at another table last.
    holds CONSTANT text := 'CASE WHEN qa_reach() IN (''service'', ''authority'') THEN true'
        ' ELSE team = ANY (qa_teams()) OR worker = qa_worker() %s END';
BEGIN
    EXECUTE 'ALTER POLICY held ON urgent_findings USING (' || format(holds,
        'OR qa_audits(audit_id) OR audit_id = ANY ((SELECT qa_moderated())::uuid[])'
        ' OR qa_is_asked_for(id, audit_id)') || ')';
    -- The auditor is told what became of what they raised.
    EXECUTE 'ALTER POLICY held ON escalations USING (' || format(holds,
        'OR qa_is_asked(id) OR qa_audits(audit_id)') || ')';
END $$;

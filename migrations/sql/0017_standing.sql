-- What hangs on an audit recorded in error is over (R4.1.5), whoever asks and whatever they see.
--
-- That a row is not there may mean that row-level security hides it: nothing may rest on the absence
-- of a row which its reader cannot see. What is asked about such rows is asked as their owner.

-- The audits that were recorded in error: few, and looked up once in a statement.
CREATE FUNCTION qa_in_error() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT a.id FROM audits a WHERE a.recorded_in_error_at IS NOT NULL);
END $$;

-- Whether the audit that counts for a gate was completed, and before the case was closed. A case
-- system sees its gates, and no audit.
CREATE FUNCTION qa_audited(audit uuid, closed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM audits a WHERE a.id = audit AND a.recorded_in_error_at IS NULL
        AND coalesce(a.completed_at <= qa_audited.closed_at, a.completed_at IS NOT NULL));
END $$;

-- The second lock. Whoever reaches the whole authority may have to put it right.
CREATE POLICY stands ON audits AS RESTRICTIVE TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') THEN true
           ELSE recorded_in_error_at IS NULL END);
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['audit_answers', 'domain_judgements', 'family_contacts',
                             'family_contact_attempts', 'worker_views', 'audit_revisions',
                             'urgent_findings', 'audit_responses', 'restorative_actions',
                             'notifications'] LOOP
        EXECUTE format('CREATE POLICY stands ON %I AS RESTRICTIVE TO qa_app, qa_read USING ('
                       'CASE WHEN qa_reach() IN (''service'', ''authority'') THEN true'
                       ' ELSE audit_id <> ALL ((SELECT qa_in_error())::uuid[]) END)', t);
    END LOOP;
END $$;

-- Escalations of such audits are over; until now nobody could end them.
SELECT set_config('qa.reach', 'service', true);
UPDATE escalations e
SET state = 'resolved', resolved_at = a.recorded_in_error_at,
    resolved_by = (SELECT p.worker FROM principals p WHERE p.id = a.error_confirmed_by),
    resolution = 'The audit that raised it was recorded in error.', version = e.version + 1
FROM audits a
WHERE a.id = e.audit_id AND a.recorded_in_error_at IS NOT NULL AND e.state <> 'resolved';

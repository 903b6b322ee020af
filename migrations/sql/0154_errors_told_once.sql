-- What belongs to an audit recorded in error is over (R4.1.5). Each table's policy looked the errors up for
-- itself, once in a statement and for every table that the statement names. Now they are looked up with the
-- caller, and each row asks that list.

-- The audits recorded in error, as text for a setting: never empty, so that none is told from not asked.
CREATE FUNCTION qa_in_error_told() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ',' || coalesce((SELECT string_agg(a.id::text, ',') FROM audits a
                            WHERE a.recorded_in_error_at IS NOT NULL), '');
END $$;

CREATE FUNCTION qa_is_in_error(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audits a WHERE a.id = audit AND a.recorded_in_error_at IS NOT NULL);
END $$;

-- Whether an audit was not recorded in error. Where nobody has set the list (the release before this one
-- does not) the audit itself is looked at.
CREATE FUNCTION qa_stands(audit uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    errors CONSTANT text := current_setting('qa.in_error', true);
BEGIN
    IF errors = ',' THEN
        RETURN true;
    ELSIF coalesce(errors, '') = '' THEN
        RETURN NOT qa_is_in_error(audit);
    END IF;
    RETURN position(audit::text IN errors) = 0;
END $$;

REVOKE EXECUTE ON FUNCTION qa_in_error_told(), qa_is_in_error(uuid), qa_stands(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_in_error_told(), qa_is_in_error(uuid), qa_stands(uuid)
    TO qa_app, qa_read, qa_backup;

DO $$
DECLARE
    t text;
    others CONSTANT text := 'CASE WHEN qa_reach() IN (''service'', ''authority'') THEN true ELSE %s END';
BEGIN
    FOREACH t IN ARRAY ARRAY['audit_answers', 'domain_judgements', 'family_contacts',
                             'family_contact_attempts', 'worker_views', 'audit_revisions',
                             'urgent_findings', 'audit_responses', 'restorative_actions',
                             'notifications'] LOOP
        EXECUTE format('ALTER POLICY stands ON %I USING (%s)', t,
                       format(others, 'qa_stands(audit_id)'));
    END LOOP;
    EXECUTE format('ALTER POLICY stands ON escalations USING (%s)',
                   format(others, 'audit_id IS NULL OR qa_stands(audit_id)'));
END $$;

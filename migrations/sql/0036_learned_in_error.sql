-- What was drawn for moderation of audits that were recorded in error since. Whoever is to do what
-- was learned from one may see neither the audit nor its moderation, so the database says which.
CREATE FUNCTION qa_moderated_in_error() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT o.id FROM moderation_outcomes o JOIN audits a ON a.id = o.audit_id
                 WHERE a.recorded_in_error_at IS NOT NULL);
END $$;

-- The second lock. Whoever reaches the whole authority may have to put it right.
CREATE POLICY stands ON learning_actions AS RESTRICTIVE TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') THEN true
           ELSE outcome_id <> ALL ((SELECT qa_moderated_in_error())::uuid[]) END);

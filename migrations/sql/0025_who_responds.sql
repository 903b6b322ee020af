-- Who may respond for whom, and who may not review: in the database too.

INSERT INTO retained_content VALUES
    ('audit_responses', 'handed_over_because', 'subject', 'subject_id', 'mark');

INSERT INTO allowed_transitions
SELECT 'audit_response', state, state
FROM unnest(ARRAY['awaiting_notification', 'awaiting_response', 'returned']) AS state
ON CONFLICT DO NOTHING;
INSERT INTO allowed_actions (aggregate, action, from_state, to_state, roles)
SELECT 'audit_response', 'hand_over', state, state,
       ARRAY['practice_supervisor', 'team_manager', 'head_of_service', 'quality_standards']
FROM unnest(ARRAY['awaiting_notification', 'awaiting_response', 'returned']) AS state;
UPDATE allowed_actions SET roles = ARRAY['worker', 'practice_supervisor', 'team_manager',
                                         'head_of_service', 'quality_standards']
WHERE aggregate = 'audit_response' AND action = 'submit';

-- Whoever responded in any round, for themselves or on behalf, never reviews the response.
CREATE FUNCTION refuse_review_by_who_responded() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM response_rounds r WHERE r.response_id = NEW.response_id
               AND NEW.reviewed_by IN (r.submitted_by, r.on_behalf_of)) THEN
        RAISE EXCEPTION 'whoever responded never reviews the response'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_review_by_who_responded BEFORE UPDATE OF reviewed_by ON response_rounds
    FOR EACH ROW WHEN (NEW.reviewed_by IS NOT NULL)
    EXECUTE FUNCTION refuse_review_by_who_responded();

-- To whom a response was handed reads what they are to answer, until it is found adequate.
CREATE FUNCTION qa_responds_to(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = audit
                   AND r.handed_to = qa_worker() AND r.state <> 'adequate');
END $$;
CREATE FUNCTION qa_responds_about(subject uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audit_responses r WHERE r.subject_id = subject
                   AND r.handed_to = qa_worker());
END $$;

-- Beside what already lets a caller in, whatever that is by now, and asked last.
DO $$
DECLARE
    held text;
    t text;
    further text;
BEGIN
    FOREACH t IN ARRAY ARRAY['audits', 'audit_answers', 'domain_judgements', 'family_contacts',
                             'family_contact_attempts', 'worker_views', 'audit_revisions',
                             'urgent_findings', 'restorative_actions', 'audit_responses',
                             'subjects'] LOOP
        further := CASE t
            WHEN 'audits' THEN 'qa_responds_to(id)'
            WHEN 'audit_responses' THEN 'handed_to = qa_worker()'
            WHEN 'subjects' THEN 'qa_responds_about(id)'
            ELSE 'qa_responds_to(audit_id)' END;
        SELECT qual INTO STRICT held FROM pg_policies
        WHERE schemaname = 'public' AND tablename = t AND policyname = 'held';
        EXECUTE format('ALTER POLICY held ON %I USING (CASE WHEN (%s) THEN true ELSE %s END)',
                       t, held, further);
    END LOOP;
END $$;

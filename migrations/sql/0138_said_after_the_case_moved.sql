-- Whoever reads an audit for their own view of it alone reads what was said while the case was theirs, and
-- later what they take part in (R4.1.9). The service's queries asked that; now the second lock does too.

-- Whether the caller may read a comment as far as that goes. As the tables' owner, since the policy of the
-- comments asks it; who else has to do with the audit is named as the policy of the audits names them.
CREATE FUNCTION qa_reads_what_was_said(audit uuid, first uuid, writer text, said_at timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (
            SELECT FROM audits a WHERE a.id = audit AND a.audited_worker = qa_worker()
            AND a.worker IS DISTINCT FROM qa_worker() AND a.auditor IS DISTINCT FROM qa_worker()
            AND NOT coalesce(a.team = ANY (qa_teams()), false)
            AND NOT qa_looks_back_at(a.id) AND NOT qa_responds_to(a.id))
        OR writer = qa_worker() OR coalesce(said_at < qa_left_at(audit, qa_worker()), false)
        OR qa_is_in_conversation(first);
END $$;
REVOKE ALL ON FUNCTION qa_reads_what_was_said(uuid, uuid, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_reads_what_was_said(uuid, uuid, text, timestamptz) TO qa_app, qa_read;

CREATE POLICY while_theirs ON comments AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') OR audit_id IS NULL THEN true
           ELSE qa_reads_what_was_said(audit_id, coalesce(reply_to, id), written_by, written_at) END);

-- As in 0136, with one look at a table for the kinds of things that are in it.
CREATE OR REPLACE FUNCTION qa_hides_thing(kind text, thing uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    hidden uuid;
BEGIN
    hidden := CASE
        WHEN kind = 'audit' THEN (SELECT a.subject_id FROM audits a WHERE a.id = thing AND a.restricted)
        WHEN kind IN ('response', 'review') THEN
            (SELECT r.subject_id FROM audit_responses r WHERE r.id = thing AND r.restricted)
        WHEN kind IN ('action', 'verification') THEN
            (SELECT a.subject_id FROM restorative_actions a WHERE a.id = thing AND a.restricted)
        WHEN kind IN ('moderation', 'consensus') THEN
            (SELECT o.subject_id FROM moderation_outcomes o WHERE o.id = thing AND o.restricted)
        WHEN kind = 'escalation' THEN
            (SELECT e.subject_id FROM escalations e WHERE e.id = thing AND e.restricted)
        WHEN kind IN ('learning_action', 'learning_verification') THEN
            (SELECT l.subject_id FROM learning_actions l WHERE l.id = thing AND l.restricted)
        WHEN kind = 'comment' THEN
            (SELECT c.subject_id FROM comments c WHERE c.id = thing AND c.restricted)
        END;
    RETURN hidden IS NOT NULL AND NOT qa_granted(hidden);
END $$;

-- A thing of a hand-over whose record is restricted is there for who has leave alone (X3). An item holds
-- nothing of a subject: whether the record is restricted now is asked of the thing. As the tables' owner,
-- since whoever has no leave does not see the thing; it tells nothing of whose record it is.
CREATE FUNCTION qa_hides_thing(kind text, thing uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    hidden uuid;
BEGIN
    hidden := CASE kind
        WHEN 'audit' THEN (SELECT a.subject_id FROM audits a WHERE a.id = thing AND a.restricted)
        WHEN 'response' THEN
            (SELECT r.subject_id FROM audit_responses r WHERE r.id = thing AND r.restricted)
        WHEN 'review' THEN
            (SELECT r.subject_id FROM audit_responses r WHERE r.id = thing AND r.restricted)
        WHEN 'action' THEN
            (SELECT a.subject_id FROM restorative_actions a WHERE a.id = thing AND a.restricted)
        WHEN 'verification' THEN
            (SELECT a.subject_id FROM restorative_actions a WHERE a.id = thing AND a.restricted)
        WHEN 'moderation' THEN
            (SELECT o.subject_id FROM moderation_outcomes o WHERE o.id = thing AND o.restricted)
        WHEN 'consensus' THEN
            (SELECT o.subject_id FROM moderation_outcomes o WHERE o.id = thing AND o.restricted)
        WHEN 'escalation' THEN
            (SELECT e.subject_id FROM escalations e WHERE e.id = thing AND e.restricted)
        WHEN 'learning_action' THEN
            (SELECT l.subject_id FROM learning_actions l WHERE l.id = thing AND l.restricted)
        WHEN 'learning_verification' THEN
            (SELECT l.subject_id FROM learning_actions l WHERE l.id = thing AND l.restricted)
        WHEN 'comment' THEN (SELECT c.subject_id FROM comments c WHERE c.id = thing AND c.restricted)
        END;
    RETURN hidden IS NOT NULL AND NOT qa_granted(hidden);
END $$;

-- Whether a hand-over would give away what the caller may not see: it is carried out whole or not at all.
CREATE FUNCTION qa_hides_some_of(hand_over uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM hand_over_items i WHERE i.hand_over_id = hand_over
                   AND i.goes_to IS NOT NULL AND qa_hides_thing(i.kind, i.thing_id));
END $$;
REVOKE ALL ON FUNCTION qa_hides_thing(text, uuid), qa_hides_some_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_hides_thing(text, uuid) TO qa_app, qa_read;
GRANT EXECUTE ON FUNCTION qa_hides_some_of(uuid) TO qa_app;

ALTER TABLE hand_over_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON hand_over_items TO qa_app, qa_read
    USING (qa_reach() = 'service' OR (qa_reach() <> '' AND NOT qa_hides_thing(kind, thing_id)));
CREATE POLICY backup ON hand_over_items TO qa_backup USING (true);

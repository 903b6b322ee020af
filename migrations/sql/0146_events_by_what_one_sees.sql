-- The second lock of the event log (ADR 73). An event says what came of it: the judgement of an audit that is
-- restricted, or sealed until its moderator has judged, and that a record was restricted at all.

-- Whether whoever asks sees the subject, and a delivery of the event: as the caller, whatever stands around it.
CREATE FUNCTION qa_sees_subject(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM subjects s WHERE s.id = subject);
END $$;
CREATE FUNCTION qa_sees_delivery_of(event uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM deliveries d WHERE d.event_id = event);
END $$;

-- When something was last recorded about a subject. What is decided about keeping records nothing about them.
CREATE VIEW last_records WITH (security_barrier) AS
SELECT s.id AS subject_id,
       (SELECT max(e.at) FROM events e WHERE e.subject_id = s.id
        AND e.type NOT IN ('legal_hold.placed', 'legal_hold.lifted', 'retention.content_removed')) AS at
FROM subjects s WHERE qa_sees_subject(s.id);

-- Of what type a delivered event is.
CREATE VIEW delivered_types WITH (security_barrier) AS
SELECT e.id AS event_id, e.type FROM events e WHERE qa_sees_delivery_of(e.id);

GRANT SELECT ON last_records, delivered_types TO qa_app, qa_read;

-- In a caller's context nothing; the service's own statements (the feed, the seals) read it without one. Whoever
-- changes something is held by triggers, which look into the log whatever the caller may see. Not as a SELECT:
-- that would be set up anew with every statement, which costs the feed more than to ask it of each row.
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY backup ON events TO qa_backup USING (true);
CREATE POLICY held ON events TO qa_app USING (true);
CREATE POLICY held_to_read ON events FOR SELECT TO qa_read
    USING (coalesce(qa_reach(), '') IN ('', 'service'));

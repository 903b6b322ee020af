-- When a case was whose work was audited, from the audit's start on: what was said of it then they read on
-- (R4.1.9). 0132 looked from the completion on, and took somebody else's leaving for theirs where the case had
-- gone before it.

-- Whether a case was with whoever was audited at that moment. It was theirs when the audit started, is theirs
-- until an allocation names another, and again from one that names them. Records that were merged count one
-- by one, so that what became of another child's case opens nothing. Who had the case last before the start counts
-- too, but where records were merged: a move that began before the start and ended after it is logged before it.
-- False where the log tells of no leaving after that moment: somebody who does not have the case now left it at
-- some time that nobody knows.
CREATE FUNCTION qa_was_theirs(audit uuid, who text, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (WITH moves AS (
                SELECT e.subject_id, e.at, e.xid, e.id, e.data ->> 'worker' IS DISTINCT FROM who AS away
                FROM audits a
                JOIN subjects s ON s.id = a.subject_id OR s.merged_into_id = a.subject_id
                JOIN events e ON e.subject_id = s.id AND e.type = 'subject.allocation_changed'
                WHERE a.id = audit AND a.audited_worker = who
                AND (e.at >= coalesce(a.started_at, a.completed_at)
                     OR NOT EXISTS (SELECT FROM subjects o WHERE o.merged_into_id = a.subject_id))
            ), latest AS (
                SELECT DISTINCT ON (m.subject_id) m.away FROM moves m WHERE m.at <= moment
                ORDER BY m.subject_id, m.at DESC, m.xid DESC, m.id DESC)
            SELECT EXISTS (SELECT FROM moves m WHERE m.away AND m.at > moment)
                AND NOT EXISTS (SELECT FROM latest l WHERE l.away));
END $$;
REVOKE ALL ON FUNCTION qa_was_theirs(uuid, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_was_theirs(uuid, text, timestamptz) TO qa_app, qa_read;

-- As in 0138, by that question.
CREATE OR REPLACE FUNCTION qa_reads_what_was_said(audit uuid, first uuid, writer text, said_at timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (
            SELECT FROM audits a WHERE a.id = audit AND a.audited_worker = qa_worker()
            AND a.worker IS DISTINCT FROM qa_worker() AND a.auditor IS DISTINCT FROM qa_worker()
            AND NOT coalesce(a.team = ANY (qa_teams()), false)
            AND NOT qa_looks_back_at(a.id) AND NOT qa_responds_to(a.id))
        OR writer = qa_worker() OR qa_was_theirs(audit, qa_worker(), said_at)
        OR qa_is_in_conversation(first);
END $$;

-- Servers of the release before ask this until they are stopped; nothing else does.
CREATE OR REPLACE FUNCTION qa_left_at(audit uuid, who text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT min(e.at) FROM audits a
            JOIN subjects s ON s.id = a.subject_id OR s.merged_into_id = a.subject_id
            JOIN events e ON e.subject_id = s.id
            WHERE a.id = audit AND a.audited_worker = who
            AND e.at >= coalesce(a.started_at, a.completed_at)
            AND e.type = 'subject.allocation_changed' AND e.data ->> 'worker' IS DISTINCT FROM who);
END $$;

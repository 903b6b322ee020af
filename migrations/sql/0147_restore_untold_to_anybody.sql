-- In a caller's context the log shows nothing (0146), so a restore that nobody had told was not noticed there: a dataset
-- was sent that the copies of it could not follow. Which transaction wrote last says nothing of what happened.
CREATE VIEW newest_event WITH (security_barrier) AS
SELECT xid FROM events ORDER BY xid DESC, id DESC LIMIT 1;

GRANT SELECT ON newest_event TO qa_app, qa_read;

CREATE OR REPLACE FUNCTION restore_is_untold() RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(greatest(
        (SELECT xid FROM newest_event),
        (SELECT xid FROM access_log ORDER BY xid DESC, at DESC, id DESC LIMIT 1))
        >= stamp_of(pg_snapshot_xmax(pg_current_snapshot())), false);

-- A line of the access log stands where its own transaction stands: the column's default says so, and
-- who writes lines may write every column but that. A trigger would be asked for every read.
REVOKE INSERT ON access_log FROM qa_app, qa_read;
GRANT INSERT (id, at, principal_id, correlation_id, operation, subject_ids, purpose, detail)
    ON access_log TO qa_app, qa_read;

-- An instant that PostgreSQL knows and the sealer can not read would stop it. What stands already was
-- sealed, or waits and is found as before.
ALTER TABLE access_log ADD CONSTRAINT access_log_at_check
    CHECK (at >= '0002-01-01 00:00:00Z' AND at < '9999-01-01 00:00:00Z') NOT VALID;
ALTER TABLE events ADD CONSTRAINT events_at_check
    CHECK (at >= '0002-01-01 00:00:00Z' AND at < '9999-01-01 00:00:00Z') NOT VALID;

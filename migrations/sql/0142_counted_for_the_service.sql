-- Readers see a report without what it was counted from: every team's numbers.
REVOKE SELECT ON board_reports FROM qa_read;
GRANT SELECT (id, changed_xid, version, state, left_state, aggregate, quarter, number, title, summary,
              drafted_at, drafted_by, presented_at, policy_version, snapshot)
    ON board_reports TO qa_read;

-- The service tells it again, also where a replica answers as qa_read: under its own reach alone.
CREATE VIEW counted_for_reports AS
SELECT id, counted FROM board_reports WHERE counted IS NOT NULL AND qa_reach() = 'service';
GRANT SELECT ON counted_for_reports TO qa_app, qa_read, qa_backup;

-- Who asked for a download reads what it holds; what was asked for does not change, and ends once (X1).
GRANT SELECT, INSERT, DELETE, UPDATE (finished_at, rows, bytes, sha256) ON dataset_downloads TO qa_app;
GRANT SELECT ON dataset_downloads TO qa_read, qa_backup;
ALTER TABLE dataset_downloads ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON dataset_downloads TO qa_app, qa_read
    USING (CASE WHEN qa_reach() = 'service' THEN true ELSE principal_id = qa_principal() END);
CREATE POLICY ends_once ON dataset_downloads AS RESTRICTIVE FOR UPDATE TO qa_app
    USING (finished_at IS NULL) WITH CHECK (finished_at IS NOT NULL);
CREATE POLICY backup ON dataset_downloads TO qa_backup USING (true);

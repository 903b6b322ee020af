-- What was told stands, or goes with its caseload: nobody writes in it.
GRANT SELECT, INSERT, DELETE ON told_coverages TO qa_app;
GRANT SELECT ON told_coverages TO qa_backup;
ALTER TABLE told_coverages ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON told_coverages TO qa_app USING (qa_reach() = 'service');
CREATE POLICY backup ON told_coverages TO qa_backup USING (true);

-- Whoever sent a caseload knows what they sent. A row left out would tell them whose record is
-- restricted, so they see it as they sent it, and nothing of the record.
DROP POLICY unrestricted ON caseload_children;
CREATE POLICY unrestricted ON caseload_children AS RESTRICTIVE TO qa_app, qa_read
    USING (qa_reach() = 'service' OR NOT qa_is_kept_from(system, ref)
           OR caseload_id = ANY (ARRAY(SELECT f.id FROM caseloads f WHERE f.taken_by = qa_worker())));

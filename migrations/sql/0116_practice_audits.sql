-- A case that was made up is for whoever practises on it. What was set and judged stands: nobody may
-- change or delete it.
GRANT SELECT, INSERT ON practice_cases, practice_standards, practice_audits TO qa_app;
GRANT SELECT ON practice_cases, practice_standards, practice_audits TO qa_read, qa_backup;

-- How an auditor judged is theirs and Quality & Standards'. What is held to be right of a case is
-- there for an auditor once they have judged it: before, the database shows no such row.
ALTER TABLE practice_audits ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON practice_audits TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority') OR auditor = qa_worker());
CREATE POLICY backup ON practice_audits TO qa_backup USING (true);
ALTER TABLE practice_standards ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON practice_standards TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority')
           OR EXISTS (SELECT FROM practice_audits a
                      WHERE a.case_id = practice_standards.case_id AND a.auditor = qa_worker()));
CREATE POLICY backup ON practice_standards TO qa_backup USING (true);

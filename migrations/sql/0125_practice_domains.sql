-- A practice case may name a tool: then each of its domains is judged, and the whole unless the tool
-- asks for none (R4.1.3, R4.5.4). Cases that there are stay judged as a whole alone.
ALTER TABLE practice_cases ADD CONSTRAINT practice_cases_tool_id_fkey
    FOREIGN KEY (tool_id) REFERENCES audit_tools (id) NOT VALID;
ALTER TABLE practice_cases VALIDATE CONSTRAINT practice_cases_tool_id_fkey;
ALTER TABLE practice_cases ADD CONSTRAINT practice_cases_judged_somehow_check
    CHECK (overall_judged OR tool_id IS NOT NULL) NOT VALID;
ALTER TABLE practice_cases VALIDATE CONSTRAINT practice_cases_judged_somehow_check;
-- squawk-ignore disallowed-unique-constraint
ALTER TABLE practice_cases ADD CONSTRAINT practice_cases_id_overall_judged_key UNIQUE (id, overall_judged);
-- squawk-ignore disallowed-unique-constraint
ALTER TABLE practice_cases ADD CONSTRAINT practice_cases_id_tool_id_key UNIQUE (id, tool_id);
-- squawk-ignore disallowed-unique-constraint
ALTER TABLE practice_audits ADD CONSTRAINT practice_audits_id_case_id_key UNIQUE (id, case_id);
ALTER TABLE practice_standard_domains ADD CONSTRAINT practice_standard_domains_tool_id_fkey
    FOREIGN KEY (case_id, tool_id) REFERENCES practice_cases (id, tool_id);
ALTER TABLE practice_audit_domains ADD CONSTRAINT practice_audit_domains_audit_id_fkey
    FOREIGN KEY (audit_id, case_id) REFERENCES practice_audits (id, case_id);

ALTER TABLE practice_standards
    ALTER COLUMN judgement DROP NOT NULL, ALTER COLUMN rationale DROP NOT NULL;
ALTER TABLE practice_standards ADD CONSTRAINT practice_standards_overall_judged_fkey
    FOREIGN KEY (case_id, overall_judged) REFERENCES practice_cases (id, overall_judged) NOT VALID;
ALTER TABLE practice_standards VALIDATE CONSTRAINT practice_standards_overall_judged_fkey;
ALTER TABLE practice_standards ADD CONSTRAINT practice_standards_judged_as_asked_check
    CHECK ((judgement IS NOT NULL) = overall_judged AND (rationale IS NOT NULL) = overall_judged)
    NOT VALID;
ALTER TABLE practice_standards VALIDATE CONSTRAINT practice_standards_judged_as_asked_check;

ALTER TABLE practice_audits
    ALTER COLUMN judgement DROP NOT NULL, ALTER COLUMN rationale DROP NOT NULL;
ALTER TABLE practice_audits ADD CONSTRAINT practice_audits_overall_judged_fkey
    FOREIGN KEY (case_id, overall_judged) REFERENCES practice_cases (id, overall_judged) NOT VALID;
ALTER TABLE practice_audits VALIDATE CONSTRAINT practice_audits_overall_judged_fkey;
ALTER TABLE practice_audits ADD CONSTRAINT practice_audits_judged_as_asked_check
    CHECK ((judgement IS NOT NULL) = overall_judged AND (rationale IS NOT NULL) = overall_judged)
    NOT VALID;
ALTER TABLE practice_audits VALIDATE CONSTRAINT practice_audits_judged_as_asked_check;

-- What was set and judged of a domain stands as the rest does: nobody may change or delete it.
GRANT SELECT, INSERT ON practice_standard_domains, practice_audit_domains TO qa_app;
GRANT SELECT ON practice_standard_domains, practice_audit_domains TO qa_read, qa_backup;

-- And it is there for whom the whole is there: the standard of a domain only once they have judged.
ALTER TABLE practice_standard_domains ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON practice_standard_domains TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority')
           OR EXISTS (SELECT FROM practice_audits a
                      WHERE a.case_id = practice_standard_domains.case_id
                      AND a.auditor = qa_worker()));
CREATE POLICY backup ON practice_standard_domains TO qa_backup USING (true);
ALTER TABLE practice_audit_domains ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON practice_audit_domains TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority')
           OR EXISTS (SELECT FROM practice_audits a
                      WHERE a.id = practice_audit_domains.audit_id AND a.auditor = qa_worker()));
CREATE POLICY backup ON practice_audit_domains TO qa_backup USING (true);

-- Stamps, grants and row-level security of the tables that say when audits fall due.

-- Until an authority says otherwise, whoever runs a type starts its audits.
UPDATE audit_types SET may_start = 'quality_standards' WHERE owner = 'quality_standards';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['panel_date_changes', 'audit_intervals', 'audit_due_dates'] LOOP
        EXECUTE format('CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid()', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO qa_app', t);
        EXECUTE format('GRANT SELECT ON %I TO qa_read, qa_backup', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['panel_date_changes', 'audit_due_dates'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
END $$;

-- Whoever may see a household may see what its panel date was.
CREATE POLICY held ON panel_date_changes TO qa_app, qa_read
    USING (qa_reach() = 'service' OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));
CREATE POLICY unrestricted ON panel_date_changes AS RESTRICTIVE TO qa_app, qa_read
    USING (NOT restricted OR qa_reach() = 'service' OR qa_granted(subject_id));

-- A household's due date tells nothing unless the household may be seen. A team's tells of nobody:
-- it stays settled for the team's manager when the case has moved on or was restricted.
CREATE POLICY held ON audit_due_dates TO qa_app, qa_read
    USING (qa_reach() = 'service'
           OR (owed_team IS NOT NULL AND nullif(qa_reach(), '') IS NOT NULL)
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));

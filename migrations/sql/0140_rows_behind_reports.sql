-- What was counted stands with its report: nobody writes in it, and the service alone reads it.
GRANT SELECT, INSERT ON board_report_rows TO qa_app;
GRANT SELECT ON board_report_rows TO qa_backup;
ALTER TABLE board_report_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON board_report_rows TO qa_app USING (qa_reach() = 'service');
CREATE POLICY backup ON board_report_rows TO qa_backup USING (true);

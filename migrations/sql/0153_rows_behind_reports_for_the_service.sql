-- As counted_for_reports (0142): which rows stand behind what reports told, to the service alone, also
-- where a replica answers as qa_read.
CREATE VIEW rows_behind_reports AS
SELECT report_id, quarter, section, rows FROM board_report_rows WHERE qa_reach() = 'service';
GRANT SELECT ON rows_behind_reports TO qa_app, qa_read, qa_backup;

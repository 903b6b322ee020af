-- What was presented stands: nobody writes in it, and nobody takes it away.
GRANT SELECT, INSERT ON board_coverages, board_caseloads TO qa_app;
GRANT SELECT ON board_coverages TO qa_read;
GRANT SELECT ON board_coverages, board_caseloads TO qa_backup;
CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON board_coverages
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();

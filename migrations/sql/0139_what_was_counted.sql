ALTER TABLE board_reports
    ADD CONSTRAINT board_reports_counted_with_snapshot_check
        CHECK (counted IS NULL OR snapshot IS NOT NULL) NOT VALID;

CREATE OR REPLACE FUNCTION refuse_change_of_presented_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.snapshot IS NOT NULL
       AND (NEW.snapshot, NEW.counted, NEW.quarter, NEW.number, NEW.title, NEW.summary,
            NEW.presented_at)
           IS DISTINCT FROM
           (OLD.snapshot, OLD.counted, OLD.quarter, OLD.number, OLD.title, OLD.summary,
            OLD.presented_at)
    THEN
        RAISE EXCEPTION 'a presented report is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

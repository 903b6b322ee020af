-- What was withdrawn says when, by whom and why, and its month can be marked again.
-- squawk-ignore ban-drop-constraint
ALTER TABLE chart_changes DROP CONSTRAINT chart_changes_chart_month_key;
ALTER TABLE chart_changes
    ADD CONSTRAINT chart_changes_withdrawn_by_fkey
        FOREIGN KEY (withdrawn_by) REFERENCES workers (code) NOT VALID,
    ADD CONSTRAINT chart_changes_withdrawn_why_check
        CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)) NOT VALID,
    ADD CONSTRAINT chart_changes_withdrawn_reason_said_check
        CHECK (withdrawn_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT chart_changes_withdrawn_at_in_order_check
        CHECK (marked_at <= withdrawn_at + interval '1 minute') NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE chart_changes
    VALIDATE CONSTRAINT chart_changes_withdrawn_by_fkey,
    VALIDATE CONSTRAINT chart_changes_withdrawn_why_check,
    VALIDATE CONSTRAINT chart_changes_withdrawn_reason_said_check,
    VALIDATE CONSTRAINT chart_changes_withdrawn_at_in_order_check;
GRANT UPDATE ON chart_changes TO qa_app;

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_change ON chart_changes;
CREATE TRIGGER frozen_change BEFORE UPDATE ON chart_changes FOR EACH ROW
    WHEN ((OLD.chart, OLD.month, OLD.why, OLD.marked_at, OLD.marked_by) IS DISTINCT FROM (NEW.chart, NEW.month, NEW.why, NEW.marked_at, NEW.marked_by)
          AND qa_is_bound('chart_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change stands as it was marked, also when it is withdrawn');
DROP TRIGGER IF EXISTS frozen_withdrawal ON chart_changes;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE ON chart_changes FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_reason)
          AND qa_is_bound('chart_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change that was withdrawn stays so');
DROP TRIGGER IF EXISTS begun_withdrawal ON chart_changes;
CREATE TRIGGER begun_withdrawal BEFORE INSERT ON chart_changes FOR EACH ROW
    WHEN ((num_nonnulls(NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_reason) > 0) AND qa_is_bound('chart_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change is marked before it is withdrawn');

-- When a row was last written: the instant of the work that wrote it, or the clock's outside of any.
CREATE FUNCTION qa_written_at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('qa.now', true), '')::timestamptz, now());
CREATE FUNCTION keep_changed_at() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.changed_at := qa_written_at();
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_changed_at() FROM PUBLIC, qa_app, qa_read, qa_backup;

-- What is there already was changed when its latest instant says. No trigger tells followers of it.
ALTER TABLE audits ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
ALTER TABLE audits DISABLE TRIGGER USER;
UPDATE audits SET changed_at = coalesce(greatest(planned_at, started_at, completed_at, closed_at, cancelled_at, recorded_in_error_at), changed_at);
ALTER TABLE audits ENABLE TRIGGER USER;
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON audits
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE restorative_actions ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
ALTER TABLE restorative_actions DISABLE TRIGGER USER;
UPDATE restorative_actions SET changed_at = coalesce(greatest(set_at, planned_at, reassigned_at, verified_at, cancelled_at), changed_at);
ALTER TABLE restorative_actions ENABLE TRIGGER USER;
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON restorative_actions
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE audit_responses ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
ALTER TABLE audit_responses DISABLE TRIGGER USER;
UPDATE audit_responses SET changed_at = coalesce(greatest(notified_at, handed_over_at, first_submitted_at, adequate_at), changed_at);
ALTER TABLE audit_responses ENABLE TRIGGER USER;
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON audit_responses
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE escalations ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
ALTER TABLE escalations DISABLE TRIGGER USER;
UPDATE escalations SET changed_at = coalesce(greatest(raised_at, notified_at, acknowledged_at, quality_standards_informed_at, resolved_at, disputed_at), changed_at);
ALTER TABLE escalations ENABLE TRIGGER USER;
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON escalations
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE closure_gates ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
ALTER TABLE closure_gates DISABLE TRIGGER USER;
UPDATE closure_gates SET changed_at = coalesce(greatest(opened_at, cleared_at, closed_at, override_requested_at, override_approved_at, override_withdrawn_at, reopened_at), changed_at);
ALTER TABLE closure_gates ENABLE TRIGGER USER;
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON closure_gates
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();

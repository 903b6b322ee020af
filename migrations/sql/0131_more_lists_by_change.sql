-- What is there already counts as changed when this column came (see 0119).
ALTER TABLE notifications ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON notifications
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE practice_observations ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON practice_observations
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE learning_actions ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON learning_actions
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();

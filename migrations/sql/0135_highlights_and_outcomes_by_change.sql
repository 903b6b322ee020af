-- What is there already counts as changed when this column came (see 0119).
ALTER TABLE learning_highlights ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON learning_highlights
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE moderation_outcomes ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON moderation_outcomes
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();

-- By when an update or highlights are due, and by which words a response was, changes with a newer calendar alone.
DROP TRIGGER IF EXISTS frozen_explanation ON audit_responses;
CREATE TRIGGER frozen_explanation BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.adequate_at IS NOT NULL AND OLD.due_on IS NOT NULL
          AND OLD.explanation IS DISTINCT FROM NEW.explanation
          AND ((NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int OR (OLD.explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER IF EXISTS frozen_due_date ON qa_updates;
CREATE TRIGGER frozen_due_date BEFORE UPDATE ON qa_updates FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('by when an update is due stands; a newer calendar alone lengthens it');
DROP TRIGGER IF EXISTS frozen_due_date ON learning_highlights;
CREATE TRIGGER frozen_due_date BEFORE UPDATE ON learning_highlights FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('by when highlights are due stands; a newer calendar alone lengthens it');

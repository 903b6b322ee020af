-- Answers to questions that do not apply: marked in a draft, left out of a completed audit (R4.1.1).

-- Whether a question of a tool is to be answered, given an audit's answers to earlier ones: all the
-- way up, what it hangs on was answered so. As `applies` in `rules/tools.py` has it.
CREATE FUNCTION question_applies(audit uuid, tool uuid, question text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    condition jsonb;
    asked text := question;
    answered text;
BEGIN
    LOOP
        SELECT q.applies_when INTO condition FROM tool_questions q
        WHERE q.tool_id = tool AND q.key = asked;
        asked := condition ->> 'question';
        IF asked IS NULL THEN RETURN true; END IF;
        SELECT a.value #>> '{}' INTO answered FROM audit_answers a
        WHERE a.audit_id = audit AND a.question_key = asked AND NOT a.left_out;
        IF answered IS NULL OR NOT (condition -> 'answered') ? answered THEN RETURN false; END IF;
    END LOOP;
END $$;

-- To whoever follows the dataset, an answer that is left out is gone.
DROP TRIGGER note_departure ON audit_answers;
CREATE TRIGGER note_departure AFTER DELETE ON audit_answers FOR EACH ROW
    WHEN (NOT OLD.restricted AND NOT OLD.left_out)
    EXECUTE FUNCTION note_departure('audit-answers', 'audit_id', 'question_key');
DROP TRIGGER note_hiding ON audit_answers;
CREATE TRIGGER note_hiding AFTER UPDATE ON audit_answers FOR EACH ROW
    WHEN (NOT (OLD.restricted OR OLD.left_out) AND (NEW.restricted OR NEW.left_out))
    EXECUTE FUNCTION note_departure('audit-answers', 'audit_id', 'question_key');

-- What completed audits say until now that was switched off by other answers.
SELECT set_config('qa.reach', 'service', true);
UPDATE audit_answers answer SET left_out = true
FROM audits audit
WHERE audit.id = answer.audit_id AND audit.state IN ('completed', 'closed')
  AND EXISTS (SELECT FROM tool_questions q WHERE q.tool_id = answer.tool_id
              AND q.key = answer.question_key AND q.applies_when ->> 'question' IS NOT NULL)
  AND NOT question_applies(answer.audit_id, answer.tool_id, answer.question_key);

-- A second grade is not sealed with who could read the judgement, though nothing says that they did: a filter
-- that finds nothing tells as much, and leaves no line (R4.5.3).
-- squawk-ignore ban-drop-constraint
ALTER TABLE moderation_outcomes DROP CONSTRAINT moderation_outcomes_unsealed_because_check;
ALTER TABLE moderation_outcomes
    ADD CONSTRAINT moderation_outcomes_unsealed_because_check
        CHECK (unsealed_because IN ('policy', 'reads_all', 'answers_for_case', 'addressed', 'has_read',
                                    'could_read')) NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_unsealed_because_check;

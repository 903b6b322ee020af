-- A mistaken audit is confirmed by a second person, or its report withdrawn: steps of their own.
INSERT INTO allowed_actions (aggregate, action, from_state, to_state, roles)
SELECT 'audit', action, state, state, ARRAY['quality_standards']
FROM unnest(ARRAY['confirm_error', 'withdraw_error']) AS action,
     unnest(ARRAY['completed', 'closed']) AS state;

CREATE INDEX audits_error_reported_idx ON audits (id)
    WHERE error_reported_by IS NOT NULL AND recorded_in_error_at IS NULL;

-- Who supervises or manages does the actions that are theirs, as a worker does. Another's they never
-- do: the service asks whose it is.
UPDATE allowed_actions SET roles = ARRAY['worker', 'practice_supervisor', 'team_manager']
WHERE aggregate = 'restorative_action' AND action IN ('plan', 'replan', 'complete');
UPDATE allowed_actions SET roles = roles || ARRAY['practice_supervisor']
WHERE aggregate = 'restorative_action' AND action = 'correct_done';

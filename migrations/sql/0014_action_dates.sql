-- Who may read and change what; dates that were missed; figures of them.

GRANT SELECT, INSERT, UPDATE ON action_date_changes TO qa_app;
GRANT SELECT ON action_date_changes TO qa_read, qa_backup;
ALTER TABLE action_date_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY backup ON action_date_changes TO qa_backup USING (true);
-- As the action itself is seen.
CREATE POLICY held ON action_date_changes TO qa_app, qa_read
    USING (qa_reach() = 'service'
           OR EXISTS (SELECT FROM restorative_actions a WHERE a.id = action_id));

-- What is taken out of a draft was never set. What is set is never deleted.
GRANT DELETE ON restorative_actions TO qa_app;
CREATE POLICY of_drafts ON restorative_actions AS RESTRICTIVE FOR DELETE TO qa_app
    USING (set_at IS NULL);

-- Until now a new date took the place of the former one. What was promised first stands in the
-- first response that promised anything; what was planned again after that day was missed.
UPDATE restorative_actions action
SET first_promised_on = coalesce(
    (SELECT item.finish_on FROM response_items item
     JOIN response_rounds round ON round.id = item.round_id
     WHERE item.action_id = action.id AND item.finish_on IS NOT NULL
     ORDER BY round.number LIMIT 1),
    due_on)
WHERE due_on IS NOT NULL;
UPDATE restorative_actions SET missed_on = first_promised_on
WHERE due_on <> first_promised_on AND london_date(planned_at) > first_promised_on;

CREATE OR REPLACE FUNCTION cells_of_action(r restorative_actions) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'restorative-actions/set', quarter_of(london_date(r.set_at)), r.team, a.type,
           r.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'state', r.state,
               -- A date that was missed stays so until somebody has verified it.
               'overdue', CASE WHEN r.state NOT IN ('verified', 'cancelled') AND (
                   r.missed_on IS NOT NULL OR (r.state = 'done' AND r.done_on > r.due_on)
               ) THEN true END,
               'by_first_promise', CASE
                   WHEN r.state IN ('done', 'verified')
                   AND r.done_on <= coalesce(r.first_promised_on, r.done_on) THEN true END)),
           CASE WHEN r.state NOT IN ('done', 'verified', 'cancelled') AND r.missed_on IS NULL
                THEN r.due_on END,
           NULL::date
    FROM (SELECT) one LEFT JOIN audits a ON a.id = r.audit_id
    WHERE r.set_at IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;
DROP TRIGGER count_changed ON restorative_actions;
CREATE TRIGGER count_changed AFTER UPDATE ON restorative_actions FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.set_at, OLD.team, OLD.restricted, OLD.state, OLD.due_on, OLD.done_on,
     OLD.first_promised_on, OLD.missed_on)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.set_at, NEW.team, NEW.restricted, NEW.state, NEW.due_on, NEW.done_on,
     NEW.first_promised_on, NEW.missed_on)
) EXECUTE FUNCTION count_action();
SELECT rebuild_rollups();

-- A gate that may close, or is not to close any more, waits for nothing (C3).
UPDATE closure_gates SET explanation = jsonb_set(
    jsonb_set(explanation, '{facts,set_aside}', explanation -> 'facts' -> 'waits_for'),
    '{facts,waits_for}', '[]')
WHERE state IN ('overridden', 'exempt', 'withdrawn', 'closed')
  AND explanation -> 'facts' -> 'waits_for' <> '[]';

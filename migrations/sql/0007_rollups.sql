-- Rollups: what the figures of a quarter count, kept by triggers in the transaction that writes.
--
-- A row of a counted table stands for cells: one for each series it is dated in. What it stands for
-- is kept beside it (`rollup_rows`), so that whatever changes it, the difference between then and
-- now is exact. Differences are appended (`rollup_deltas`): writers never meet on a row. The worker
-- folds them into `rollups`; a reader adds up both.

-- The first day of the quarter of a date. A financial year begins with a calendar quarter.
CREATE FUNCTION quarter_of(day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN date_trunc('quarter', day::timestamp)::date;
CREATE FUNCTION london_date(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (instant AT TIME ZONE 'Europe/London')::date;

-- --- what a row counts as ---
--
-- `facts` are what the figures filter by, only those that hold. Nothing depends on today: what is
-- overdue or late once a day has passed carries that day. Run as the caller, these see what the
-- lists of the caller see; in triggers they run as the owner.

CREATE FUNCTION cells_of_audit(a audits) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'audits/due', quarter_of(a.due_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'state', a.state,
               'theme', a.theme_code,
               'unassigned', CASE WHEN a.state = 'planned' AND a.auditor IS NULL THEN true END,
               'exempt', CASE WHEN a.state = 'cancelled' AND a.started_at IS NULL AND EXISTS (
                   SELECT FROM quarter_plans its_plan
                   JOIN quarter_plans plan ON plan.quarter = its_plan.quarter
                   JOIN plan_exemptions e ON e.plan_id = plan.id
                   WHERE its_plan.id = a.plan_id AND e.team = a.plan_team
                   AND e.decided_at <= a.cancelled_at
               ) THEN true END)),
           NULL::date, NULL::date
    WHERE a.due_on IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT 'audits/completed', quarter_of(a.completed_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'scale', a.scale_code,
               'scale_number', a.scale_number,
               'judgement', a.overall_judgement,
               'theme', a.theme_code,
               'family_contacted', CASE WHEN EXISTS (
                   SELECT FROM family_contact_attempts c
                   WHERE c.audit_id = a.id AND c.outcome = 'spoken'
               ) THEN true END)),
           NULL::date, NULL::date
    WHERE a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

CREATE FUNCTION cells_of_response(r audit_responses) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT cell.series, quarter_of(r.due_on), r.team, a.type, r.restricted, cell.facts,
           cell.overdue_after, cell.late_after
    FROM (SELECT) one LEFT JOIN audits a ON a.id = r.audit_id,
    LATERAL (
        SELECT 'audit-responses/due' AS series,
               jsonb_strip_nulls(jsonb_build_object(
                   'submitted', CASE WHEN r.first_submitted_on IS NOT NULL THEN true END,
                   'first_submitted_on_time', r.first_submitted_on <= r.due_on,
                   'adequate_on_time', r.adequate_submitted_on <= r.due_on,
                   'was_returned', CASE WHEN EXISTS (
                       SELECT FROM response_rounds o
                       WHERE o.response_id = r.id AND o.outcome = 'returned'
                   ) THEN true END)) AS facts,
               CASE WHEN r.state IN ('awaiting_response', 'returned') THEN coalesce(
                   (SELECT max(o.due_on) FROM response_rounds o
                    WHERE o.response_id = r.id AND o.submitted_at IS NULL),
                   r.due_on) END AS overdue_after,
               CASE WHEN r.adequate_submitted_on IS NULL AND NOT EXISTS (
                   -- Handed in by the date and not yet reviewed: it may still be adequate in time.
                   SELECT FROM response_rounds o
                   WHERE o.response_id = r.id AND o.outcome IS NULL
                   AND london_date(o.submitted_at) <= r.due_on
               ) THEN r.due_on END AS late_after
        UNION ALL
        SELECT 'audit-responses/due/notified_to_submitted',
               jsonb_build_object('value', greatest(sent.working_index - told.working_index, 0)),
               NULL, NULL
        FROM calendar_days sent, calendar_days told
        WHERE sent.day = r.first_submitted_on AND told.day = london_date(r.notified_at)
    ) cell
    WHERE r.due_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

CREATE FUNCTION cells_of_action(r restorative_actions) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'restorative-actions/set', quarter_of(london_date(r.set_at)), r.team, a.type,
           r.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'state', r.state,
               -- Done late stays overdue until somebody has verified it.
               'overdue', CASE WHEN r.state = 'done' AND r.done_on > r.due_on THEN true END)),
           CASE WHEN r.state NOT IN ('done', 'verified', 'cancelled') THEN r.due_on END,
           NULL::date
    FROM (SELECT) one LEFT JOIN audits a ON a.id = r.audit_id
    WHERE r.set_at IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

CREATE FUNCTION cells_of_escalation(e escalations) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT cell.series, quarter_of(london_date(e.raised_at)), e.team,
           (SELECT a.type FROM audits a WHERE a.id = e.audit_id), e.restricted,
           jsonb_strip_nulls(cell.facts || jsonb_build_object('trigger', e.trigger)),
           NULL::date, NULL::date
    FROM (
        SELECT 'escalations/raised' AS series, jsonb_build_object(
            'acknowledged', CASE WHEN e.acknowledged_at IS NOT NULL THEN true END,
            'informed', CASE WHEN e.quality_standards_informed_at IS NOT NULL THEN true END
        ) AS facts
        UNION ALL
        SELECT 'escalations/raised/raised_to_acknowledged', jsonb_build_object(
            'value', floor(extract(epoch FROM e.acknowledged_at - e.raised_at) / 60))
        WHERE e.acknowledged_at IS NOT NULL
        UNION ALL
        SELECT 'escalations/raised/raised_to_informed', jsonb_build_object(
            'value', floor(extract(epoch FROM e.quality_standards_informed_at - e.raised_at) / 60))
        WHERE e.quality_standards_informed_at IS NOT NULL
    ) cell
$$;

CREATE FUNCTION cells_of_gate(g closure_gates) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'closure-gates/closed', quarter_of(london_date(g.closed_at)), g.team, NULL::text,
           g.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'audited', CASE WHEN EXISTS (
                   SELECT FROM audits a WHERE a.id = g.audit_id AND a.recorded_in_error_at IS NULL
                   AND coalesce(a.completed_at <= g.closed_at, a.completed_at IS NOT NULL)
               ) THEN true END,
               'exempt', CASE WHEN (g.explanation -> 'facts' ->> 'exempt')::boolean
                         THEN true END)),
           NULL::date, NULL::date
    WHERE g.closed_at IS NOT NULL
$$;

-- --- counting a row again ---

-- What the row stands for now goes into the place of what it stood for; the difference is appended.
CREATE FUNCTION count_row(counted uuid, is_now jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was CONSTANT jsonb := (SELECT cells FROM rollup_rows WHERE row_id = counted);
BEGIN
    IF was IS NOT DISTINCT FROM is_now THEN RETURN; END IF;
    INSERT INTO rollup_deltas (quarter, series, team, type, restricted, facts, overdue_after,
                               late_after, n)
    SELECT quarter, series, team, type, restricted, facts, overdue_after, late_after, sum(n)
    FROM (
        SELECT cell.*, -1 AS n FROM jsonb_to_recordset(was) AS cell (
            quarter date, series text, team text, type text, restricted boolean, facts jsonb,
            overdue_after date, late_after date)
        UNION ALL
        SELECT cell.*, 1 FROM jsonb_to_recordset(is_now) AS cell (
            quarter date, series text, team text, type text, restricted boolean, facts jsonb,
            overdue_after date, late_after date)
    ) both_
    GROUP BY quarter, series, team, type, restricted, facts, overdue_after, late_after
    HAVING sum(n) <> 0;
    IF is_now IS NULL THEN
        DELETE FROM rollup_rows WHERE row_id = counted;
    ELSE
        INSERT INTO rollup_rows (row_id, cells) VALUES (counted, is_now)
        ON CONFLICT (row_id) DO UPDATE SET cells = excluded.cells;
    END IF;
END $$;

-- One for each table. The row is read anew, since another trigger may have changed it meanwhile. A
-- row that is counted again because of another one is locked first: who changes it at this moment
-- comes before or after, and each statement here sees what was committed until it began.
DO $$
DECLARE
    counted CONSTANT text[][] := ARRAY[
        ['audit', 'audits'], ['response', 'audit_responses'], ['action', 'restorative_actions'],
        ['escalation', 'escalations'], ['gate', 'closure_gates']];
    one text[];
BEGIN
    FOREACH one SLICE 1 IN ARRAY counted LOOP
        EXECUTE format($f$
            CREATE FUNCTION %1$s_counts_as(counted %2$I) RETURNS jsonb LANGUAGE sql STABLE
                RETURN (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series)
                        FROM cells_of_%1$s(counted) cell);
            CREATE FUNCTION recount_%1$s(counted uuid) RETURNS void LANGUAGE plpgsql AS $body$
            BEGIN
                PERFORM FROM %2$I WHERE id = counted FOR NO KEY UPDATE;
                PERFORM count_row(counted,
                                  (SELECT %1$s_counts_as(row_) FROM %2$I row_ WHERE id = counted));
            END $body$;
            CREATE FUNCTION count_%1$s() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $body$
            DECLARE
                counted CONSTANT uuid := coalesce(NEW.id, OLD.id);
            BEGIN
                PERFORM count_row(counted,
                                  (SELECT %1$s_counts_as(row_) FROM %2$I row_ WHERE id = counted));
                RETURN NULL;
            END $body$;
            CREATE TRIGGER count_gone AFTER DELETE ON %2$I
                FOR EACH ROW EXECUTE FUNCTION count_%1$s();
        $f$, VARIADIC one);
    END LOOP;
END $$;

-- --- what is counted again when ---
--
-- Each trigger names the columns that its cells are made of: other changes cost nothing.

CREATE TRIGGER count_new AFTER INSERT ON audits FOR EACH ROW
    WHEN (NEW.due_on IS NOT NULL OR NEW.completed_on IS NOT NULL) EXECUTE FUNCTION count_audit();
CREATE TRIGGER count_changed AFTER UPDATE ON audits FOR EACH ROW WHEN (
    (OLD.due_on, OLD.completed_on, OLD.team, OLD.type, OLD.restricted, OLD.state,
     OLD.auditor IS NULL, OLD.scale_code, OLD.scale_number, OLD.overall_judgement, OLD.theme_code,
     OLD.plan_id, OLD.plan_team, OLD.started_at, OLD.cancelled_at, OLD.recorded_in_error_at)
    IS DISTINCT FROM
    (NEW.due_on, NEW.completed_on, NEW.team, NEW.type, NEW.restricted, NEW.state,
     NEW.auditor IS NULL, NEW.scale_code, NEW.scale_number, NEW.overall_judgement, NEW.theme_code,
     NEW.plan_id, NEW.plan_team, NEW.started_at, NEW.cancelled_at, NEW.recorded_in_error_at)
) EXECUTE FUNCTION count_audit();

CREATE TRIGGER count_new AFTER INSERT ON audit_responses FOR EACH ROW
    WHEN (NEW.due_on IS NOT NULL) EXECUTE FUNCTION count_response();
CREATE TRIGGER count_changed AFTER UPDATE ON audit_responses FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.due_on, OLD.notified_at, OLD.team, OLD.restricted, OLD.state,
     OLD.first_submitted_on, OLD.adequate_submitted_on)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.due_on, NEW.notified_at, NEW.team, NEW.restricted, NEW.state,
     NEW.first_submitted_on, NEW.adequate_submitted_on)
) EXECUTE FUNCTION count_response();

CREATE TRIGGER count_new AFTER INSERT ON restorative_actions FOR EACH ROW
    WHEN (NEW.set_at IS NOT NULL) EXECUTE FUNCTION count_action();
CREATE TRIGGER count_changed AFTER UPDATE ON restorative_actions FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.set_at, OLD.team, OLD.restricted, OLD.state, OLD.due_on, OLD.done_on)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.set_at, NEW.team, NEW.restricted, NEW.state, NEW.due_on, NEW.done_on)
) EXECUTE FUNCTION count_action();

CREATE TRIGGER count_new AFTER INSERT ON escalations
    FOR EACH ROW EXECUTE FUNCTION count_escalation();
CREATE TRIGGER count_changed AFTER UPDATE ON escalations FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.trigger, OLD.raised_at, OLD.team, OLD.restricted, OLD.acknowledged_at,
     OLD.quality_standards_informed_at)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.trigger, NEW.raised_at, NEW.team, NEW.restricted, NEW.acknowledged_at,
     NEW.quality_standards_informed_at)
) EXECUTE FUNCTION count_escalation();

CREATE TRIGGER count_new AFTER INSERT ON closure_gates FOR EACH ROW
    WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION count_gate();
CREATE TRIGGER count_changed AFTER UPDATE ON closure_gates FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.closed_at, OLD.team, OLD.restricted, OLD.explanation)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.closed_at, NEW.team, NEW.restricted, NEW.explanation)
) EXECUTE FUNCTION count_gate();

-- What hangs on an audit has its type, and leaves every list with it (R4.1.5).
CREATE FUNCTION count_what_hangs_on_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
BEGIN
    IF (OLD.type, OLD.recorded_in_error_at)
       IS DISTINCT FROM (NEW.type, NEW.recorded_in_error_at) THEN
        PERFORM recount_response(id) FROM audit_responses WHERE audit_id = NEW.id;
        PERFORM recount_action(id) FROM restorative_actions WHERE audit_id = NEW.id ORDER BY id;
        PERFORM recount_escalation(id) FROM escalations WHERE audit_id = NEW.id ORDER BY id;
    END IF;
    PERFORM recount_gate(id) FROM closure_gates
    WHERE audit_id = NEW.id AND closed_at IS NOT NULL ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_what_hangs_on_it AFTER UPDATE ON audits FOR EACH ROW WHEN (
    (OLD.type, OLD.completed_at, OLD.recorded_in_error_at)
    IS DISTINCT FROM (NEW.type, NEW.completed_at, NEW.recorded_in_error_at)
) EXECUTE FUNCTION count_what_hangs_on_audit();

CREATE FUNCTION count_contact() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
BEGIN
    PERFORM recount_audit(coalesce(NEW.audit_id, OLD.audit_id));
    RETURN NULL;
END $$;
CREATE TRIGGER count_new AFTER INSERT ON family_contact_attempts FOR EACH ROW
    WHEN (NEW.outcome = 'spoken') EXECUTE FUNCTION count_contact();
CREATE TRIGGER count_changed AFTER UPDATE ON family_contact_attempts FOR EACH ROW
    WHEN (OLD.outcome IS DISTINCT FROM NEW.outcome) EXECUTE FUNCTION count_contact();
CREATE TRIGGER count_gone AFTER DELETE ON family_contact_attempts FOR EACH ROW
    WHEN (OLD.outcome = 'spoken') EXECUTE FUNCTION count_contact();

CREATE FUNCTION count_round() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
BEGIN
    PERFORM recount_response(coalesce(NEW.response_id, OLD.response_id));
    RETURN NULL;
END $$;
CREATE TRIGGER count_new_or_gone AFTER INSERT OR DELETE ON response_rounds
    FOR EACH ROW EXECUTE FUNCTION count_round();
CREATE TRIGGER count_changed AFTER UPDATE ON response_rounds FOR EACH ROW WHEN (
    (OLD.due_on, OLD.submitted_at, OLD.outcome) IS DISTINCT FROM
    (NEW.due_on, NEW.submitted_at, NEW.outcome)
) EXECUTE FUNCTION count_round();

CREATE FUNCTION count_exemption() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
DECLARE
    exemption CONSTANT plan_exemptions := coalesce(NEW, OLD);
BEGIN
    PERFORM recount_audit(a.id)
    FROM quarter_plans plan
    JOIN quarter_plans its_plan ON its_plan.quarter = plan.quarter
    JOIN audits a ON a.plan_id = its_plan.id
    WHERE plan.id = exemption.plan_id AND a.plan_team = exemption.team AND a.state = 'cancelled'
    ORDER BY a.id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_it AFTER INSERT OR UPDATE OR DELETE ON plan_exemptions
    FOR EACH ROW EXECUTE FUNCTION count_exemption();

-- A day that turns into a holiday, or back, changes how long every answer across it took.
CREATE FUNCTION count_across_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
BEGIN
    PERFORM recount_response(r.id)
    FROM audit_responses r,
         (SELECT min(o.day) AS first, max(o.day) AS last FROM old_days o JOIN new_days n USING (day)
          WHERE o.working <> n.working) turned
    WHERE r.first_submitted_on >= turned.first AND london_date(r.notified_at) <= turned.last
    ORDER BY r.id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_across_days AFTER UPDATE ON calendar_days
    REFERENCING OLD TABLE AS old_days NEW TABLE AS new_days
    FOR EACH STATEMENT EXECUTE FUNCTION count_across_days();

-- --- folding, rebuilding, checking ---

-- By the worker, at every sweep: at most so many at once, and safe beside writers and other workers.
CREATE FUNCTION fold_rollups(at_most integer) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT SET row_security = off AS $$
DECLARE
    folded bigint;
BEGIN
    WITH chosen AS (
        SELECT id FROM rollup_deltas ORDER BY id LIMIT at_most FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM rollup_deltas d USING chosen WHERE d.id = chosen.id RETURNING d.*
    ), kept AS (
        INSERT INTO rollups (quarter, series, team, type, restricted, facts, overdue_after,
                             late_after, n)
        SELECT quarter, series, team, type, restricted, facts, overdue_after, late_after, sum(n)
        FROM taken
        GROUP BY quarter, series, team, type, restricted, facts, overdue_after, late_after
        HAVING sum(n) <> 0
        ORDER BY quarter, series, team, type, restricted, facts, overdue_after, late_after
        ON CONFLICT (quarter, series, team, type, restricted, facts, overdue_after, late_after)
        DO UPDATE SET n = rollups.n + excluded.n
    )
    SELECT count(*) INTO folded FROM taken;
    IF folded > 0 THEN
        DELETE FROM rollups WHERE n = 0;
    END IF;
    RETURN folded;
END $$;

-- By the owner. Writers wait until it is done.
CREATE FUNCTION rebuild_rollups() RETURNS void LANGUAGE plpgsql
SET search_path FROM CURRENT SET row_security = off AS $$
BEGIN
    LOCK TABLE audits, audit_responses, restorative_actions, escalations, closure_gates
        IN SHARE ROW EXCLUSIVE MODE;
    TRUNCATE rollup_rows, rollup_deltas, rollups;
    INSERT INTO rollup_rows (row_id, cells) SELECT row_id, cells FROM rollup_rows_anew;
    INSERT INTO rollups (quarter, series, team, type, restricted, facts, overdue_after,
                         late_after, n)
    SELECT cell.quarter, cell.series, cell.team, cell.type, cell.restricted, cell.facts,
           cell.overdue_after, cell.late_after, count(*)
    FROM rollup_rows, jsonb_to_recordset(cells) AS cell (
        quarter date, series text, team text, type text, restricted boolean, facts jsonb,
        overdue_after date, late_after date)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
END $$;

-- In the FROM list the planner reads through the functions and plans them once.
CREATE VIEW rollup_rows_anew WITH (security_invoker = true) AS
    SELECT a.id AS row_id,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series) AS cells
    FROM audits a, LATERAL (SELECT * FROM cells_of_audit(a) OFFSET 0) cell GROUP BY a.id
    UNION ALL
    SELECT r.id,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series)
    FROM audit_responses r, LATERAL (SELECT * FROM cells_of_response(r) OFFSET 0) cell GROUP BY r.id
    UNION ALL
    SELECT r.id,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series)
    FROM restorative_actions r, LATERAL (SELECT * FROM cells_of_action(r) OFFSET 0) cell GROUP BY r.id
    UNION ALL
    SELECT e.id,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series)
    FROM escalations e, LATERAL (SELECT * FROM cells_of_escalation(e) OFFSET 0) cell GROUP BY e.id
    UNION ALL
    SELECT g.id,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series)
    FROM closure_gates g, LATERAL (SELECT * FROM cells_of_gate(g) OFFSET 0) cell GROUP BY g.id;

-- By the owner: what is counted otherwise than it stands, row by row, then cell by cell.
CREATE FUNCTION wrong_rollups() RETURNS TABLE (what text, kept jsonb, found jsonb)
LANGUAGE sql STABLE SET search_path FROM CURRENT SET row_security = off AS $$
    SELECT coalesce(kept.row_id, anew.row_id)::text, kept.cells, anew.cells
    FROM rollup_rows kept FULL JOIN rollup_rows_anew anew USING (row_id)
    WHERE kept.cells IS DISTINCT FROM anew.cells
    UNION ALL
    SELECT 'cell', cell, to_jsonb(sum(n))
    FROM (
        SELECT jsonb_strip_nulls(to_jsonb(k) - 'id' - 'n') AS cell, n FROM rollups k
        UNION ALL
        SELECT jsonb_strip_nulls(to_jsonb(k) - 'id' - 'n'), n FROM rollup_deltas k
        UNION ALL
        SELECT jsonb_array_elements(cells), -1 FROM rollup_rows
    ) added
    GROUP BY cell HAVING sum(n) <> 0
$$;

-- --- who may read them ---
--
-- The service reads what adds up and writes nothing: it cannot make a figure say something else.

REVOKE ALL ON FUNCTION fold_rollups(integer), rebuild_rollups(), wrong_rollups() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fold_rollups(integer) TO qa_app;
GRANT SELECT ON rollups, rollup_deltas TO qa_app, qa_read, qa_backup;
GRANT SELECT ON rollup_rows TO qa_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO qa_backup;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['rollups', 'rollup_deltas', 'rollup_rows'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
    -- Restricted rows are counted one by one for whoever holds a grant, never from a sum.
    FOREACH t IN ARRAY ARRAY['rollups', 'rollup_deltas'] LOOP
        EXECUTE format('CREATE POLICY held ON %I TO qa_app, qa_read USING (NOT restricted AND ('
                       'qa_reach() IN (''service'', ''authority'')'
                       ' OR team = ANY ((SELECT qa_teams())::text[])))', t);
    END LOOP;
END $$;

SELECT rebuild_rollups();

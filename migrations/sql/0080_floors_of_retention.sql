-- What an item says of its day was believed by the function that removes: whoever has SQL under the
-- service's role could write the item, its day and both its people. The day is computed here now, from
-- the rows themselves and by the database's own clock; and below the floor nothing goes, whatever any
-- row that this role may write says of policy or birthday.

-- THE FLOOR. For so long after it was recorded nothing goes. Stands here and nowhere else.
CREATE FUNCTION qa_retention_floor() RETURNS interval LANGUAGE sql IMMUTABLE
    RETURN interval '1 year';

-- The rules of the policy in force on a day: the latest effective, the higher version on a tie; before
-- the first there is, the first. What a policy leaves out keeps the default, as in the service's.
CREATE FUNCTION qa_retention_rules(day date) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT coalesce(p.values -> 'retention_rules', '[
        {"record_class": "child_record", "years": 75, "trigger": "born_on"},
        {"record_class": "carer_record", "years": 10, "trigger": "last_recorded_on"},
        {"record_class": "practice_observation", "years": 6, "trigger": "last_recorded_on"},
        {"record_class": "access_log", "years": 6, "trigger": "last_recorded_on"}]')
    FROM policy_versions p
    ORDER BY p.effective_from <= day DESC,
             CASE WHEN p.effective_from <= day THEN p.effective_from END DESC,
             p.effective_from, p.version DESC
    LIMIT 1
$$;

-- When something was last recorded: of a month its end; of a subject or an observation the newest event,
-- and events are only ever added. That somebody is known, and what keeps or removes them, is no record.
CREATE FUNCTION qa_last_recorded_at(listed retention_items, people uuid[], of_work boolean)
RETURNS timestamptz LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN listed.month IS NOT NULL THEN
            (listed.month + interval '1 month')::timestamp AT TIME ZONE 'Europe/London'
            - interval '1 microsecond'
        WHEN listed.subject_id IS NOT NULL THEN
            (SELECT max(e.at) FROM events e
             WHERE e.subject_id = ANY (people)
               AND e.type NOT IN ('legal_hold.placed', 'legal_hold.lifted',
                                  'retention.content_removed')
               AND NOT (of_work AND e.type IN ('subject.registered', 'subject.edited')))
        ELSE greatest(
            (SELECT max(e.at) FROM events e
             WHERE e.about_id = listed.observation_id AND e.type LIKE 'practice_observation.%'),
            (SELECT greatest(o.recorded_at, o.withdrawn_at) FROM practice_observations o
             WHERE o.id = listed.observation_id),
            (SELECT max(c.corrected_at) FROM observation_corrections c
             WHERE c.observation_id = listed.observation_id))
    END
$$;

-- The day of a trigger of the policy, as the rows say it now; null where it is not known.
CREATE FUNCTION qa_triggered_on(trigger text, listed retention_items, people uuid[]) RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE trigger
        WHEN 'last_recorded_on' THEN
            (qa_last_recorded_at(listed, people, false) AT TIME ZONE 'Europe/London')::date
        WHEN 'case_closed_on' THEN
            (SELECT CASE WHEN bool_and(e.closed)
                    THEN (max(e.closed_at) AT TIME ZONE 'Europe/London')::date END
             FROM (SELECT bool_or(g.current AND g.state IN ('closed', 'closed_without_audit'))
                              AS closed,
                          max(g.closing_counts_at) FILTER (
                              WHERE g.current AND g.state IN ('closed', 'closed_without_audit'))
                              AS closed_at
                   FROM closure_gates g WHERE g.subject_id = listed.subject_id
                   GROUP BY g.system, g.episode_id) e)
        ELSE (SELECT CASE trigger
                  WHEN 'born_on' THEN s.born_on
                  WHEN 'reaches_18_on' THEN (s.born_on + interval '18 years')::date
                  WHEN 'died_on' THEN s.died_on
                  WHEN 'approval_ended_on' THEN s.approval_ended_on END
              FROM subjects s WHERE s.id = listed.subject_id)
    END
$$;

-- Whether a record is still kept: under the policy in force, which nobody who calls can leave out, or
-- above the floor. Only where that has no rule for the class by the database's clock, the run's own
-- policy is asked; what has no rule there either, or no day, is kept.
CREATE FUNCTION qa_is_still_kept(listed retention_items, people uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'Europe/London')::date;
    rule CONSTANT jsonb := coalesce(
        (SELECT r.value FROM jsonb_array_elements(qa_retention_rules(today)) AS r
         WHERE r.value ->> 'record_class' = listed.record_class LIMIT 1),
        (SELECT r.value FROM retention_runs run
         JOIN policy_versions p ON p.version = run.policy_version,
         jsonb_array_elements(p.values -> 'retention_rules') AS r
         WHERE run.id = listed.run_id AND r.value ->> 'record_class' = listed.record_class LIMIT 1));
    kept_until CONSTANT date := qa_triggered_on(rule ->> 'trigger', listed, people)
                       + make_interval(years => (rule ->> 'years')::int);
    worked_at CONSTANT timestamptz := qa_last_recorded_at(listed, people, true);
BEGIN
    IF listed.subject_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM subjects s WHERE s.id = listed.subject_id AND s.merged_into_id IS NULL
        AND (s.kind, listed.record_class) IN (('child', 'child_record'),
                                              ('carer_household', 'carer_record'))
    ) THEN
        RETURN true;
    END IF;
    RETURN coalesce(kept_until >= today, true)
           OR coalesce(worked_at + qa_retention_floor() > now(), false);
END $$;

REVOKE ALL ON FUNCTION qa_retention_floor(), qa_retention_rules(date),
    qa_last_recorded_at(retention_items, uuid[], boolean),
    qa_triggered_on(text, retention_items, uuid[]), qa_is_still_kept(retention_items, uuid[])
    FROM PUBLIC, qa_app, qa_read, qa_backup;

-- The function as it stands, whatever else has become of it, with one more look at the day.
DO $$
DECLARE
    before text := pg_get_functiondef('remove_retained_content(uuid, timestamptz)'::regprocedure);
    line CONSTANT text := '    held := qa_held_subjects();';
BEGIN
    IF position(line IN before) = 0 THEN
        RAISE EXCEPTION 'remove_retained_content looks at holds in another way';
    END IF;
    EXECUTE replace(before, line,
        '    IF qa_is_still_kept(listed, people) THEN
        RAISE EXCEPTION ''the record is still kept'' USING ERRCODE = ''restrict_violation'';
    END IF;
' || line);
END $$;

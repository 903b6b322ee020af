-- Events count by what they say: when a closing counts where a clock was ahead, of two gates that a
-- merge brought together the one that counts, and what people entered beside what was told.

ALTER TABLE closure_gates ADD COLUMN closing_counts_at timestamptz;
ALTER TABLE closure_gates ADD COLUMN duplicate_of uuid;
ALTER TABLE closure_gates ADD CONSTRAINT closure_gates_duplicate_of_fkey
    FOREIGN KEY (duplicate_of) REFERENCES closure_gates (id);
ALTER TABLE subjects ADD COLUMN entered jsonb NOT NULL DEFAULT '{}';

DROP INDEX closure_gates_closed_at_idx;
CREATE INDEX closure_gates_closing_counts_at_idx ON closure_gates (closing_counts_at);

-- The figures count a closing on the day on which it counts, and one of two that are the same.
CREATE OR REPLACE FUNCTION cells_of_gate(g closure_gates) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'closure-gates/closed', quarter_of(london_date(counts.at)), g.team, NULL::text,
           g.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'audited', CASE WHEN EXISTS (
                   SELECT FROM audits a WHERE a.id = g.audit_id AND a.recorded_in_error_at IS NULL
                   AND coalesce(a.completed_at <= counts.at, a.completed_at IS NOT NULL)
               ) THEN true END,
               'exempt', CASE WHEN (g.explanation -> 'facts' ->> 'exempt')::boolean
                         THEN true END)),
           NULL::date, NULL::date
    FROM (SELECT coalesce(g.closing_counts_at, g.closed_at) AS at) counts
    WHERE g.closed_at IS NOT NULL AND g.duplicate_of IS NULL
$$;

DROP TRIGGER count_changed ON closure_gates;
CREATE TRIGGER count_changed AFTER UPDATE ON closure_gates FOR EACH ROW WHEN (
    (OLD.audit_id, OLD.closed_at, OLD.closing_counts_at, OLD.duplicate_of, OLD.team,
     OLD.restricted, OLD.explanation)
    IS DISTINCT FROM
    (NEW.audit_id, NEW.closed_at, NEW.closing_counts_at, NEW.duplicate_of, NEW.team,
     NEW.restricted, NEW.explanation)
) EXECUTE FUNCTION count_gate();

-- A closing from a clock that was ahead counts when it was first heard of.
UPDATE closure_gates g SET closing_counts_at = least(g.closed_at, (
    SELECT min(e.received_at) FROM case_event_outcomes o
    JOIN case_events e ON e.id = o.case_event_id
    WHERE o.subject_id = g.subject_id AND e.system = g.system AND e.episode_id = g.episode_id
    AND e.type = 'case.closed.v1' AND e.occurred_at = g.closed_at
)) WHERE g.closed_at IS NOT NULL;

-- What the case system told can be read again. What people entered stood in the subject alone: of
-- those that somebody edited, and of those that no event has named.
UPDATE subjects s SET entered = (
    SELECT coalesce(jsonb_object_agg(said.name, jsonb_build_object(
        'value', said.value,
        'at', to_char(said.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'ref', s.ref)), '{}')
    FROM (SELECT max(e.at) AS at FROM events e
          WHERE e.subject_id = s.id AND e.type = 'subject.edited') edited,
    LATERAL (VALUES
        ('team', coalesce(s.reported_team, s.team),
         CASE WHEN s.allocated_at <= now() THEN s.allocated_at END),
        ('worker', coalesce(s.reported_worker, s.worker),
         CASE WHEN s.allocated_at <= now() THEN s.allocated_at END),
        ('born_on', s.born_on::text, edited.at),
        ('died_on', s.died_on::text, edited.at)
    ) said (name, value, at)
    WHERE said.value IS NOT NULL
)
WHERE s.merged_into_id IS NULL AND (
    EXISTS (SELECT FROM events e WHERE e.subject_id = s.id AND e.type = 'subject.edited')
    OR NOT EXISTS (SELECT FROM case_event_outcomes o WHERE o.subject_id = s.id)
);

INSERT INTO retained_content (table_name, column_name, content_of, found_by, treatment)
VALUES ('subjects', 'entered', 'subject', 'id', 'empty');

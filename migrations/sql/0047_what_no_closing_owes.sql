-- What is on record from when an exempt reason cleared a gate, and from when a closing that was
-- called off left its audit planned.
SELECT set_config('qa.reach', 'service', true);

-- A gate that was exempt is clear since nothing is lacking: an exempt reason is no part of that. A
-- case that is closed for another reason after all was not cleared by it (C3). Nothing clears a gate
-- but a completed audit, of one made on the wrong child too as long as it stood, and an override.
UPDATE closure_gates g SET cleared_at = NULL, version = g.version + 1
WHERE g.cleared_at IS NOT NULL AND g.state IN ('exempt', 'closed', 'withdrawn')
  AND g.override_approved_at IS NULL
  AND NOT EXISTS (SELECT FROM audits a WHERE a.completed_at IS NOT NULL
                  AND (a.id = g.audit_id OR a.gate_id = g.id));
UPDATE closure_gates g SET
    cleared_at = CASE WHEN jsonb_array_length(coalesce(
        nullif(g.explanation -> 'facts' -> 'waits_for', '[]'),
        nullif(g.explanation -> 'facts' -> 'set_aside', '[]'), '[]')) = 0
        THEN greatest(g.cleared_at, a.completed_at) END,
    version = g.version + 1
FROM audits a
WHERE a.id = g.audit_id AND a.completed_at IS NOT NULL
  AND g.cleared_at < a.completed_at AND g.state = 'exempt' AND g.override_approved_at IS NULL;

-- Audits that nobody has begun of closings that owe none: called off, overridden, exempt, cleared
-- otherwise. As they would be taken back today (R4.1.5, C3).
WITH taken_back AS (
    UPDATE audits a SET state = 'cancelled', cancelled_at = now(), version = a.version + 1,
        cancel_reason = CASE g.state
            WHEN 'withdrawn' THEN 'The closing of the case was called off.'
            WHEN 'overridden' THEN 'The gate was overridden.'
            WHEN 'exempt' THEN 'Closing for this reason needs no closure audit.'
            ELSE 'The case may close without it.' END
    FROM closure_gates g
    WHERE a.gate_id = g.id AND a.state = 'planned' AND g.duplicate_of IS NULL
      AND g.state NOT IN ('awaiting_audit', 'closed_without_audit')
    RETURNING a.id, a.subject_id
)
INSERT INTO events (id, at, type, correlation_id, about_id, subject_id, data)
SELECT gen_random_uuid(), now(), 'audit.cancelled', 'migration-0044', id, subject_id, '{}'
FROM taken_back;

SELECT set_config('qa.reach', '', true);

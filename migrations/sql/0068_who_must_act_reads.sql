-- Who must act about somebody else's case reads it while they must, and the child it is about with it;
-- once that is over they read what their role says, and no more (§4.2).
CREATE OR REPLACE FUNCTION qa_responds_about(subject uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audit_responses r JOIN audits a ON a.id = r.audit_id
                   WHERE r.subject_id = subject AND r.handed_to = qa_worker()
                     AND r.state <> 'adequate' AND a.recorded_in_error_at IS NULL)
        OR EXISTS (SELECT FROM restorative_actions x JOIN audits a ON a.id = x.audit_id
                   WHERE x.subject_id = subject AND x.owner = qa_worker()
                     AND x.set_at IS NOT NULL AND x.state NOT IN ('verified', 'cancelled')
                     AND a.recorded_in_error_at IS NULL);
END $$;

DO $$
DECLARE
    one text[];
    held text;
BEGIN
    FOREACH one SLICE 1 IN ARRAY ARRAY[
        ['audit_responses', '(handed_to = qa_worker())',
         '(handed_to = qa_worker() AND state <> ''adequate'')'],
        ['restorative_actions', '(owner = qa_worker())',
         '(owner = qa_worker() AND state NOT IN (''verified'', ''cancelled''))']] LOOP
        SELECT qual INTO STRICT held FROM pg_policies
        WHERE schemaname = 'public' AND tablename = one[1] AND policyname = 'held';
        IF position(one[2] IN held) = 0 THEN
            RAISE EXCEPTION 'the policy of % says something else', one[1];
        END IF;
        EXECUTE format('ALTER POLICY held ON %I USING (%s)', one[1], replace(held, one[2], one[3]));
    END LOOP;
END $$;

-- A team's acknowledgement of an escalation is that of who leads it on the day, or of Quality &
-- Standards where nobody does or may see the record; nobody's name is put on another team's row.
CREATE FUNCTION refuse_acknowledgement_for_others() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM role_holders h
        WHERE h.worker = NEW.acknowledged_by
          AND ((h.team = NEW.for_team AND h.role IN ('team_manager', 'head_of_service'))
               OR (h.role = 'quality_standards'
                   AND (NEW.restricted
                        OR NOT EXISTS (SELECT FROM team_leads l WHERE l.team = NEW.for_team))))
    ) THEN
        RAISE check_violation USING CONSTRAINT = 'acknowledged_by_who_is_asked',
            MESSAGE = 'an escalation is acknowledged by whoever leads the team that is asked';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_acknowledgement_for_others()
    FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER refuse_acknowledgement_for_others
    BEFORE UPDATE OF acknowledged_by ON escalation_recipients
    FOR EACH ROW WHEN (NEW.acknowledged_by IS NOT NULL)
    EXECUTE FUNCTION refuse_acknowledgement_for_others();

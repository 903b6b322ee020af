-- Whoever comes to act for a team that has acknowledged is told in a row that says so too.
DROP TRIGGER begun_acknowledgement ON escalation_recipients;
CREATE OR REPLACE FUNCTION begun_acknowledgement_of_escalation_recipients() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM escalation_recipients r WHERE r.escalation_id = NEW.escalation_id AND r.for_team IS NOT DISTINCT FROM NEW.for_team AND (r.acknowledged_at, r.acknowledged_by, r.acknowledged_as) IS NOT DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'somebody is told before they acknowledge' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_acknowledgement_of_escalation_recipients() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_acknowledgement BEFORE INSERT ON escalation_recipients FOR EACH ROW
    WHEN ((num_nonnulls(NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as) > 0) AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION begun_acknowledgement_of_escalation_recipients();

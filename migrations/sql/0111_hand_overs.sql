-- Hand-overs: codes of staff and ids of things, nothing of a child. An item is added and never written.
GRANT SELECT, INSERT ON hand_overs, hand_over_items TO qa_app;
GRANT UPDATE ON hand_overs TO qa_app;
GRANT SELECT ON hand_overs, hand_over_items TO qa_read, qa_backup;
CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON hand_overs FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_left_state();

-- What stands of them. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS begun_state ON hand_overs;
CREATE TRIGGER begun_state BEFORE INSERT ON hand_overs FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS frozen_proposal ON hand_overs;
CREATE TRIGGER frozen_proposal BEFORE UPDATE ON hand_overs FOR EACH ROW
    WHEN ((OLD.from_worker, OLD.to_workers, OLD.kinds, OLD.because, OLD.proposed_by, OLD.proposed_at) IS DISTINCT FROM (NEW.from_worker, NEW.to_workers, NEW.kinds, NEW.because, NEW.proposed_by, NEW.proposed_at)
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hand-over stands as it was proposed');
DROP TRIGGER IF EXISTS frozen_acceptance ON hand_overs;
CREATE TRIGGER frozen_acceptance BEFORE UPDATE ON hand_overs FOR EACH ROW
    WHEN (OLD.accepted_at IS NOT NULL
          AND OLD.accepted_at IS DISTINCT FROM NEW.accepted_at
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was carried out, and when, stands');
DROP TRIGGER IF EXISTS begun_acceptance ON hand_overs;
CREATE TRIGGER begun_acceptance BEFORE INSERT ON hand_overs FOR EACH ROW
    WHEN ((num_nonnulls(NEW.accepted_at) > 0) AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hand-over is proposed before it is accepted');
DROP TRIGGER IF EXISTS closed_proposal ON hand_over_items;
CREATE OR REPLACE FUNCTION closed_proposal_of_hand_over_items() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM hand_overs h WHERE h.id = one.hand_over_id AND h.state = 'proposed'), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a hand-over stands as it was proposed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_proposal_of_hand_over_items() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_proposal AFTER INSERT ON hand_over_items REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('hand_over_items'::regclass))
    EXECUTE FUNCTION closed_proposal_of_hand_over_items();

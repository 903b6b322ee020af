-- A proposal is withdrawn at an instant, by somebody; an item says why it stays, or what its seal comes to.
-- squawk-ignore ban-drop-constraint
ALTER TABLE hand_over_items DROP CONSTRAINT hand_over_items_stays_because_check;
ALTER TABLE hand_over_items
    ADD CONSTRAINT hand_over_items_stays_because_check
        CHECK (stays_because IN ('follows_post', 'follows_case', 'others_do_it', 'only_theirs',
                                 'not_yours_to_give', 'nobody_can')) NOT VALID,
    ADD CONSTRAINT hand_over_items_sealing_check
        CHECK (sealing IS NULL OR (goes_to IS NOT NULL AND sealing IN (
            'stays_sealed', 'becomes_sealed', 'becomes_unsealed', 'stays_unsealed'))) NOT VALID,
    ADD CONSTRAINT hand_over_items_unsealed_why_check
        CHECK (coalesce(sealing IN ('becomes_unsealed', 'stays_unsealed'), false)
               = (unsealed_because IS NOT NULL)) NOT VALID;
ALTER TABLE hand_overs
    ADD CONSTRAINT hand_overs_withdrawn_by_fkey
        FOREIGN KEY (withdrawn_by) REFERENCES workers (code) NOT VALID,
    ADD CONSTRAINT hand_overs_withdrawn_when_check
        CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)) NOT VALID,
    ADD CONSTRAINT hand_overs_withdrawn_by_whom_check
        CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)) NOT VALID,
    ADD CONSTRAINT hand_overs_withdrawn_at_in_order_check
        CHECK (proposed_at <= withdrawn_at + interval '1 minute') NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE hand_over_items
    VALIDATE CONSTRAINT hand_over_items_stays_because_check,
    VALIDATE CONSTRAINT hand_over_items_sealing_check,
    VALIDATE CONSTRAINT hand_over_items_unsealed_why_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE hand_overs
    VALIDATE CONSTRAINT hand_overs_withdrawn_by_fkey,
    VALIDATE CONSTRAINT hand_overs_withdrawn_when_check,
    VALIDATE CONSTRAINT hand_overs_withdrawn_by_whom_check,
    VALIDATE CONSTRAINT hand_overs_withdrawn_at_in_order_check;

-- What stands of them. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_proposal ON hand_overs;
CREATE TRIGGER frozen_proposal BEFORE UPDATE ON hand_overs FOR EACH ROW
    WHEN ((OLD.from_worker, OLD.to_workers, OLD.kinds, OLD.because, OLD.shared, OLD.proposed_by, OLD.proposed_at) IS DISTINCT FROM (NEW.from_worker, NEW.to_workers, NEW.kinds, NEW.because, NEW.shared, NEW.proposed_by, NEW.proposed_at)
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hand-over stands as it was proposed');
DROP TRIGGER IF EXISTS frozen_withdrawal ON hand_overs;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE ON hand_overs FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by)
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was withdrawn, when and by whom, stands');
DROP TRIGGER IF EXISTS begun_withdrawal ON hand_overs;
CREATE TRIGGER begun_withdrawal BEFORE INSERT ON hand_overs FOR EACH ROW
    WHEN ((num_nonnulls(NEW.withdrawn_at, NEW.withdrawn_by) > 0) AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hand-over is proposed before it is withdrawn');

-- Whoever knows the other judgement changes theirs no more, whether or not the pair was sealed; a pair is
-- sealed for whoever gets it so; a consensus is of a sealed pair. Until now the service alone refused that.
-- Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_two ON moderation_outcomes;
CREATE TRIGGER frozen_two BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (NOT (OLD.sealed AND OLD.moderated_at IS NOT NULL)
          AND (OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a consensus follows two judgements of which neither followed the other');
DROP TRIGGER IF EXISTS frozen_seal ON moderated_domains;
CREATE OR REPLACE FUNCTION frozen_seal_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id AND (o.unsealed_because = 'policy' OR o.moderated_at IS NULL)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a judgement stands once the other was shown, but where policy lets both be open' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_seal_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_seal BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.moderated_judgement, OLD.moderated_rationale) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_seal_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_two ON moderated_domains;
CREATE OR REPLACE FUNCTION frozen_two_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id AND o.sealed AND o.moderated_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a consensus follows two judgements of which neither followed the other' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_two_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_two BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_two_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_seal ON moderation_outcomes;
CREATE TRIGGER frozen_seal BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_at IS NOT NULL AND OLD.unsealed_because IS DISTINCT FROM 'policy'
          AND (OLD.moderated_judgement, OLD.moderated_rationale, OLD.moderated_at, OLD.moderated_by) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale, NEW.moderated_at, NEW.moderated_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a judgement stands once the other was shown, but where policy lets both be open');
DROP TRIGGER IF EXISTS frozen_pair ON moderation_outcomes;
CREATE TRIGGER frozen_pair BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_at IS NOT NULL
          AND (OLD.moderator, OLD.sealed, OLD.unsealed_because) IS DISTINCT FROM (NEW.moderator, NEW.sealed, NEW.unsealed_because)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('who judged, and whether sealed, stands once they have judged');
DROP TRIGGER IF EXISTS frozen_sealing ON moderation_outcomes;
CREATE TRIGGER frozen_sealing BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (NOT OLD.sealed
          AND OLD.sealed IS DISTINCT FROM NEW.sealed
          AND (NEW.moderator <> coalesce(OLD.moderator, '')) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('whoever has it unsealed has it sealed no more: another moderator may');

-- Who has it sealed, who judges, and who agrees. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_who_reads ON moderation_outcomes;
CREATE OR REPLACE FUNCTION frozen_who_reads_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM audits a JOIN principals p ON p.worker = NEW.moderator JOIN role_assignments h ON h.principal_id = p.id AND h.valid @> coalesce(qa_today(), (now() AT TIME ZONE 'Europe/London')::date) WHERE a.id = NEW.audit_id AND (h.role IN ('senior_leader', 'quality_standards', 'reporting') OR (h.role IN ('practice_supervisor', 'team_manager', 'head_of_service') AND (h.team = a.team OR h.service IN (SELECT t.service FROM team_services t WHERE t.team = a.team AND t.valid @> coalesce(qa_today(), (now() AT TIME ZONE 'Europe/London')::date)))))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whoever reads the judgement anyway has it open' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_who_reads_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_who_reads BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.moderator, OLD.sealed) IS DISTINCT FROM (NEW.moderator, NEW.sealed)
          AND (NOT NEW.sealed OR NEW.moderator IS NULL) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_who_reads_of_moderation_outcomes();
DROP TRIGGER IF EXISTS frozen_judge ON moderation_outcomes;
CREATE TRIGGER frozen_judge BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_by IS DISTINCT FROM NEW.moderated_by
          AND (NEW.moderated_by = NEW.moderator) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('whoever has it to moderate judges it');
DROP TRIGGER IF EXISTS frozen_parties ON moderation_outcomes;
CREATE TRIGGER frozen_parties BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.consensus_proposed_by, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_proposed_by, NEW.consensus_agreed_by)
          AND (NEW.consensus_proposed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator)) AND (NEW.consensus_agreed_by IS NULL OR (NEW.consensus_agreed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator)) AND NEW.consensus_agreed_by <> NEW.consensus_proposed_by))) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a consensus is of auditor and moderator, each with the other');

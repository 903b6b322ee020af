-- Where a tool requires no overall judgement its domains' judgements stand for the audit (R4.1.3).
ALTER TABLE audit_tools ADD CONSTRAINT audit_tools_overall_check
    CHECK (overall IN ('required', 'optional', 'none')) NOT VALID;
ALTER TABLE audit_tools VALIDATE CONSTRAINT audit_tools_overall_check;
-- squawk-ignore disallowed-unique-constraint
ALTER TABLE audit_tools ADD CONSTRAINT audit_tools_id_overall_key UNIQUE (id, overall);

-- What an audit is asked is what its tool asks; it is completed without an overall judgement only where
-- that may be, and has none where there is none to be.
-- squawk-ignore ban-drop-constraint
ALTER TABLE audits DROP CONSTRAINT audits_tool_id_fkey;
ALTER TABLE audits ADD CONSTRAINT audits_tool_id_overall_asked_fkey
    FOREIGN KEY (tool_id, overall_asked) REFERENCES audit_tools (id, overall) NOT VALID;
ALTER TABLE audits VALIDATE CONSTRAINT audits_tool_id_overall_asked_fkey;
-- squawk-ignore ban-drop-constraint
ALTER TABLE audits DROP CONSTRAINT audits_completed_with_judgement_check;
ALTER TABLE audits ADD CONSTRAINT audits_completed_with_judgement_check
    CHECK (state NOT IN ('completed', 'closed') OR (completed_at IS NOT NULL
           AND (overall_judgement IS NOT NULL OR overall_asked <> 'required'))) NOT VALID;
ALTER TABLE audits VALIDATE CONSTRAINT audits_completed_with_judgement_check;
ALTER TABLE audits ADD CONSTRAINT audits_judged_as_asked_check
    CHECK (overall_asked <> 'none' OR overall_judgement IS NULL) NOT VALID;
ALTER TABLE audits VALIDATE CONSTRAINT audits_judged_as_asked_check;

-- Moderation judges what the auditor judged: the whole, or the domains alone.
ALTER TABLE moderation_outcomes
    ALTER COLUMN auditor_judgement DROP NOT NULL,
    ALTER COLUMN auditor_rationale DROP NOT NULL;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_auditor_judgement_with_why_check
    CHECK ((auditor_judgement IS NULL) = (auditor_rationale IS NULL)) NOT VALID;
ALTER TABLE moderation_outcomes
    VALIDATE CONSTRAINT moderation_outcomes_auditor_judgement_with_why_check;
-- squawk-ignore ban-drop-constraint
ALTER TABLE moderation_outcomes DROP CONSTRAINT moderation_outcomes_judged_by_somebody_check;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_judged_by_somebody_check
    CHECK ((moderated_judgement IS NULL) = (moderated_at IS NULL OR auditor_judgement IS NULL)
           AND (moderated_at IS NULL) = (moderated_by IS NULL)) NOT VALID;
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_judged_by_somebody_check;
-- squawk-ignore ban-drop-constraint
ALTER TABLE moderation_outcomes DROP CONSTRAINT moderation_outcomes_consensus_whole_check;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_consensus_whole_check
    CHECK (num_nonnulls(consensus_proposed_at, consensus_proposed_by) IN (0, 2)
           AND num_nonnulls(consensus_judgement, consensus_rationale)
               = CASE WHEN consensus_proposed_at IS NULL OR auditor_judgement IS NULL THEN 0 ELSE 2 END)
    NOT VALID;
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_consensus_whole_check;

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_completion ON audits;
CREATE TRIGGER frozen_completion BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.type, OLD.tool_id, OLD.overall_asked, OLD.scale_code, OLD.scale_number, OLD.re_audit_of, OLD.opened_by, OLD.plan_id, OLD.plan_team, OLD.theme_code, OLD.policy_version, OLD.auditor, OLD.auditor_team, OLD.conflict_override_reason, OLD.audited_worker, OLD.audited_team, OLD.audited_team_manager, OLD.audited_head_of_service, OLD.planned_at, OLD.started_at, OLD.completed_at, OLD.completed_on) IS DISTINCT FROM (NEW.type, NEW.tool_id, NEW.overall_asked, NEW.scale_code, NEW.scale_number, NEW.re_audit_of, NEW.opened_by, NEW.plan_id, NEW.plan_team, NEW.theme_code, NEW.policy_version, NEW.auditor, NEW.auditor_team, NEW.conflict_override_reason, NEW.audited_worker, NEW.audited_team, NEW.audited_team_manager, NEW.audited_head_of_service, NEW.planned_at, NEW.started_at, NEW.completed_at, NEW.completed_on)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('who audited what, by which tool and when, stands once the audit is completed');
DROP TRIGGER IF EXISTS frozen_tool ON audit_tools;
CREATE TRIGGER frozen_tool BEFORE UPDATE ON audit_tools FOR EACH ROW
    WHEN (OLD.state <> 'draft'
          AND (OLD.code, OLD.number, OLD.name, OLD.scale_code, OLD.scale_number, OLD.overall, OLD.published_at) IS DISTINCT FROM (NEW.code, NEW.number, NEW.name, NEW.scale_code, NEW.scale_number, NEW.overall, NEW.published_at)
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('a published tool stands; a later number takes its place');
DROP TRIGGER IF EXISTS closed_draw ON moderation_members;
CREATE OR REPLACE FUNCTION closed_draw_of_moderation_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_samples s JOIN audits a ON a.id = one.audit_id WHERE s.id = one.sample_id AND qa_written_now(s.xid) AND a.state IN ('completed', 'closed') AND (one.audit_type, one.judgement, one.audited_team, one.exclusion) IS NOT DISTINCT FROM (a.type, coalesce(a.overall_judgement, (SELECT j.judgement FROM domain_judgements j JOIN scale_points p ON p.scale_code = j.scale_code AND p.scale_number = j.scale_number AND p.code = j.judgement WHERE j.audit_id = a.id ORDER BY p.position DESC LIMIT 1), ''), a.audited_team, CASE WHEN a.recorded_in_error_at IS NOT NULL THEN 'recorded_in_error' WHEN a.restricted THEN 'restricted' END) AND NOT (one.drawn AND one.exclusion IS NOT NULL)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is drawn is added by the draw, and says what its audit says' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_draw_of_moderation_members() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_draw AFTER INSERT ON moderation_members REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION closed_draw_of_moderation_members();

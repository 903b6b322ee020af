-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.

DROP TRIGGER IF EXISTS frozen_tool ON audit_tools;
CREATE TRIGGER frozen_tool BEFORE UPDATE ON audit_tools FOR EACH ROW
    WHEN (OLD.state <> 'draft'
          AND (OLD.code, OLD.number, OLD.name, OLD.scale_code, OLD.scale_number, OLD.published_at) IS DISTINCT FROM (NEW.code, NEW.number, NEW.name, NEW.scale_code, NEW.scale_number, NEW.published_at)
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('a published tool stands; a later number takes its place');
DROP TRIGGER IF EXISTS frozen_scale ON judgement_scales;
CREATE TRIGGER frozen_scale BEFORE UPDATE ON judgement_scales FOR EACH ROW
    WHEN ((OLD.code, OLD.number, OLD.name) IS DISTINCT FROM (NEW.code, NEW.number, NEW.name)
          AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION refuse_frozen('a scale never changes');
DROP TRIGGER IF EXISTS frozen_scale ON scale_points;
CREATE TRIGGER frozen_scale BEFORE UPDATE ON scale_points FOR EACH ROW
    WHEN ((OLD.scale_code, OLD.scale_number, OLD.code, OLD.label, OLD.position, OLD.escalates) IS DISTINCT FROM (NEW.scale_code, NEW.scale_number, NEW.code, NEW.label, NEW.position, NEW.escalates)
          AND qa_is_bound('scale_points'::regclass))
    EXECUTE FUNCTION refuse_frozen('a scale never changes');
DROP TRIGGER IF EXISTS frozen_plan ON quarter_plans;
CREATE TRIGGER frozen_plan BEFORE UPDATE ON quarter_plans FOR EACH ROW
    WHEN (OLD.state <> 'draft'
          AND (OLD.quarter, OLD.number, OLD.audit_type, OLD.drafted_at, OLD.published_at) IS DISTINCT FROM (NEW.quarter, NEW.number, NEW.audit_type, NEW.drafted_at, NEW.published_at)
          AND qa_is_bound('quarter_plans'::regclass))
    EXECUTE FUNCTION refuse_frozen('a published plan stands; a later version supersedes it');
DROP TRIGGER IF EXISTS frozen_exemption ON plan_exemptions;
CREATE TRIGGER frozen_exemption BEFORE UPDATE ON plan_exemptions FOR EACH ROW
    WHEN ((OLD.plan_id, OLD.team, OLD.auditor, OLD.reason, OLD.decided_by, OLD.decided_at) IS DISTINCT FROM (NEW.plan_id, NEW.team, NEW.auditor, NEW.reason, NEW.decided_by, NEW.decided_at)
          AND qa_is_bound('plan_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption stands as it was decided');
DROP TRIGGER IF EXISTS frozen_list ON plan_case_lists;
CREATE TRIGGER frozen_list BEFORE UPDATE ON plan_case_lists FOR EACH ROW
    WHEN ((OLD.plan_id, OLD.team, OLD.theme, OLD.system, OLD.method, OLD.seed, OLD.population, OLD.population_hash, OLD.chosen, OLD.explanation, OLD.policy_version, OLD.posted_at) IS DISTINCT FROM (NEW.plan_id, NEW.team, NEW.theme, NEW.system, NEW.method, NEW.seed, NEW.population, NEW.population_hash, NEW.chosen, NEW.explanation, NEW.policy_version, NEW.posted_at)
          AND qa_is_bound('plan_case_lists'::regclass))
    EXECUTE FUNCTION refuse_frozen('a list stands as it was posted and drawn');
DROP TRIGGER IF EXISTS frozen_quarter ON qa_updates;
CREATE TRIGGER frozen_quarter BEFORE UPDATE ON qa_updates FOR EACH ROW
    WHEN ((OLD.service, OLD.quarter, OLD.begun_at, OLD.begun_by) IS DISTINCT FROM (NEW.service, NEW.quarter, NEW.begun_at, NEW.begun_by)
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an update is of one service and one quarter');
DROP TRIGGER IF EXISTS frozen_submission ON qa_updates;
CREATE TRIGGER frozen_submission BEFORE UPDATE ON qa_updates FOR EACH ROW
    WHEN (OLD.state = 'submitted'
          AND (OLD.activity, OLD.learning, OLD.good_practice, OLD.changes_made, OLD.evidence_of_impact, OLD.risks, OLD.next_quarter, OLD.figures) IS DISTINCT FROM (NEW.activity, NEW.learning, NEW.good_practice, NEW.changes_made, NEW.evidence_of_impact, NEW.risks, NEW.next_quarter, NEW.figures)
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands until it is returned');
DROP TRIGGER IF EXISTS frozen_first_submission ON qa_updates;
CREATE TRIGGER frozen_first_submission BEFORE UPDATE ON qa_updates FOR EACH ROW
    WHEN (OLD.first_submitted_on IS NOT NULL
          AND OLD.first_submitted_on IS DISTINCT FROM NEW.first_submitted_on
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('when an update was first submitted stands');
DROP TRIGGER IF EXISTS frozen_decision ON board_decisions;
CREATE TRIGGER frozen_decision BEFORE UPDATE ON board_decisions FOR EACH ROW
    WHEN ((OLD.report_id, OLD.decision, OLD.owner, OLD.due_on, OLD.recorded_at, OLD.recorded_by) IS DISTINCT FROM (NEW.report_id, NEW.decision, NEW.owner, NEW.due_on, NEW.recorded_at, NEW.recorded_by)
          AND qa_is_bound('board_decisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a decision stands as the Board took it');
DROP TRIGGER IF EXISTS frozen_end ON board_decisions;
CREATE TRIGGER frozen_end BEFORE UPDATE ON board_decisions FOR EACH ROW
    WHEN (OLD.done_at IS NOT NULL
          AND (OLD.done_at, OLD.done_by, OLD.done_how) IS DISTINCT FROM (NEW.done_at, NEW.done_by, NEW.done_how)
          AND qa_is_bound('board_decisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was done about a decision stands');
DROP TRIGGER IF EXISTS frozen_dissemination ON board_receipts;
CREATE TRIGGER frozen_dissemination BEFORE UPDATE ON board_receipts FOR EACH ROW
    WHEN ((OLD.report_id, OLD.recipient, OLD.disseminated_at, OLD.disseminated_by) IS DISTINCT FROM (NEW.report_id, NEW.recipient, NEW.disseminated_at, NEW.disseminated_by)
          AND qa_is_bound('board_receipts'::regclass))
    EXECUTE FUNCTION refuse_frozen('to whom a report went stands');
DROP TRIGGER IF EXISTS frozen_receipt ON board_receipts;
CREATE TRIGGER frozen_receipt BEFORE UPDATE ON board_receipts FOR EACH ROW
    WHEN (OLD.received_at IS NOT NULL
          AND OLD.received_at IS DISTINCT FROM NEW.received_at
          AND qa_is_bound('board_receipts'::regclass))
    EXECUTE FUNCTION refuse_frozen('that a report was received stands');
DROP TRIGGER IF EXISTS frozen_record ON practice_observations;
CREATE TRIGGER frozen_record BEFORE UPDATE ON practice_observations FOR EACH ROW
    WHEN ((OLD.worker, OLD.team, OLD.recorded_at, OLD.recorded_by) IS DISTINCT FROM (NEW.worker, NEW.team, NEW.recorded_at, NEW.recorded_by)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('whom an observation is of, and who recorded it, stands');
DROP TRIGGER IF EXISTS frozen_content ON practice_observations;
CREATE OR REPLACE FUNCTION frozen_content_of_practice_observations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM observation_corrections c WHERE c.observation_id = OLD.id AND c.corrected_version = OLD.version AND c.xmin = pg_current_xact_id()::xid) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an observation is corrected, and what it said before is kept' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_practice_observations() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON practice_observations FOR EACH ROW
    WHEN ((OLD.observer, OLD.observed_on, OLD.activity, OLD.planned, OLD.family_consent, OLD.feedback, OLD.strengths, OLD.development) IS DISTINCT FROM (NEW.observer, NEW.observed_on, NEW.activity, NEW.planned, NEW.family_consent, NEW.feedback, NEW.strengths, NEW.development)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION frozen_content_of_practice_observations();
DROP TRIGGER IF EXISTS frozen_withdrawal ON practice_observations;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE ON practice_observations FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_reason)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('an observation that was withdrawn stays so');
DROP TRIGGER IF EXISTS frozen_content ON observation_corrections;
CREATE TRIGGER frozen_content BEFORE UPDATE ON observation_corrections FOR EACH ROW
    WHEN ((OLD.observation_id, OLD.corrected_version, OLD.before, OLD.reason, OLD.corrected_at, OLD.corrected_by) IS DISTINCT FROM (NEW.observation_id, NEW.corrected_version, NEW.before, NEW.reason, NEW.corrected_at, NEW.corrected_by)
          AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION refuse_frozen('a correction keeps what the observation said');
DROP TRIGGER IF EXISTS frozen_grant ON observation_exemptions;
CREATE TRIGGER frozen_grant BEFORE UPDATE ON observation_exemptions FOR EACH ROW
    WHEN ((OLD.worker, OLD.reason, OLD.granted_at, OLD.granted_by) IS DISTINCT FROM (NEW.worker, NEW.reason, NEW.granted_at, NEW.granted_by)
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption stands as it was granted');
DROP TRIGGER IF EXISTS frozen_days ON observation_exemptions;
CREATE TRIGGER frozen_days BEFORE UPDATE ON observation_exemptions FOR EACH ROW
    WHEN (OLD.valid IS DISTINCT FROM NEW.valid
          AND (NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)) IS NOT TRUE
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption is ended, and nothing else about its days changes');
DROP TRIGGER IF EXISTS frozen_record ON learning_highlights;
CREATE TRIGGER frozen_record BEFORE UPDATE ON learning_highlights FOR EACH ROW
    WHEN ((OLD.team, OLD.quarter, OLD.topic, OLD.highlight, OLD.routed_to, OLD.policy_version, OLD.recorded_at, OLD.recorded_on, OLD.recorded_by) IS DISTINCT FROM (NEW.team, NEW.quarter, NEW.topic, NEW.highlight, NEW.routed_to, NEW.policy_version, NEW.recorded_at, NEW.recorded_on, NEW.recorded_by)
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a team learned stands as it was recorded');
DROP TRIGGER IF EXISTS frozen_answer ON learning_highlights;
CREATE TRIGGER frozen_answer BEFORE UPDATE ON learning_highlights FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL
          AND (OLD.answered_at, OLD.answered_by, OLD.what_was_done) IS DISTINCT FROM (NEW.answered_at, NEW.answered_by, NEW.what_was_done)
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('an answer stands');
DROP TRIGGER IF EXISTS frozen_day ON calendar_days;
CREATE OR REPLACE FUNCTION frozen_day_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE v.xmin = pg_current_xact_id()::xid) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_day_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_day BEFORE UPDATE ON calendar_days FOR EACH ROW
    WHEN ((OLD.day, OLD.working_index, OLD.working) IS DISTINCT FROM (NEW.day, NEW.working_index, NEW.working)
          AND qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION frozen_day_of_calendar_days();
DROP TRIGGER IF EXISTS closed_addition ON calendar_days;
CREATE OR REPLACE FUNCTION closed_addition_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM calendar_versions v WHERE v.xmin = pg_current_xact_id()::xid), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_addition_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_addition AFTER INSERT ON calendar_days REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION closed_addition_of_calendar_days();
DROP TRIGGER IF EXISTS closed_removal ON calendar_days;
CREATE OR REPLACE FUNCTION closed_removal_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE v.xmin = pg_current_xact_id()::xid) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_removal BEFORE DELETE ON calendar_days FOR EACH ROW
    WHEN (qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION closed_removal_of_calendar_days();
DROP TRIGGER IF EXISTS frozen_holiday ON bank_holidays;
CREATE TRIGGER frozen_holiday BEFORE UPDATE ON bank_holidays FOR EACH ROW
    WHEN ((OLD.holiday_on, OLD.added_version, OLD.title, OLD.source) IS DISTINCT FROM (NEW.holiday_on, NEW.added_version, NEW.title, NEW.source)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION refuse_frozen('a bank holiday stands from the version that added it');
DROP TRIGGER IF EXISTS frozen_withdrawal ON bank_holidays;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE ON bank_holidays FOR EACH ROW
    WHEN (OLD.withdrawn_version IS NOT NULL
          AND (OLD.withdrawn_version, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_version, NEW.withdrawn_reason)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION refuse_frozen('a bank holiday that was withdrawn stays so; it can be added anew');

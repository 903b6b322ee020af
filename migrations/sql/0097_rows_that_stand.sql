-- What else never changes of a row, and what else is told with what it changes.
-- A blank reason is refused by a CHECK of its own; the triggers that did so before are gone. Two triggers that were
-- written by hand are entries now.
DROP TRIGGER names_stay ON subject_aliases;
DROP TRIGGER refuse_change_of_submission ON qa_update_submissions;
DROP FUNCTION refuse_change_of_submission();
DROP TRIGGER begun_words ON restriction_grants;
DROP TRIGGER begun_words ON board_decisions;
DROP TRIGGER IF EXISTS closed_content ON audit_revisions;
CREATE OR REPLACE FUNCTION closed_content_of_audit_revisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND a.revision = one.number AND a.state IN ('completed', 'closed') AND one.content = jsonb_build_object('overall', jsonb_build_object('judgement', a.overall_judgement, 'rationale', a.overall_rationale), 'positive_feedback', a.positive_feedback, 'paper_records_read', a.paper_records_read, 'answers', coalesce((SELECT jsonb_object_agg(w.question_key, jsonb_build_object('value', w.value, 'evidence', w.evidence, 'rationale', w.rationale, 'comment', w.comment, 'done_on', w.done_on, 'expected_by', w.expected_by)) FROM audit_answers w WHERE w.audit_id = a.id AND NOT w.left_out), '{}'), 'judgements', coalesce((SELECT jsonb_object_agg(j.domain_key, jsonb_build_object('judgement', j.judgement, 'rationale', j.rationale)) FROM domain_judgements j WHERE j.audit_id = a.id), '{}'))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a revision keeps what a completed audit says now' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_audit_revisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON audit_revisions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION closed_content_of_audit_revisions();
DROP TRIGGER IF EXISTS begun_raising ON urgent_findings;
CREATE OR REPLACE FUNCTION begun_raising_of_urgent_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id AND a.planned_at <= NEW.raised_at + interval '1 minute') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an urgent finding is raised of an audit that there is by then' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_raising_of_urgent_findings() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_raising BEFORE INSERT ON urgent_findings FOR EACH ROW
    WHEN ((true) AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION begun_raising_of_urgent_findings();
DROP TRIGGER IF EXISTS frozen_asked ON response_rounds;
CREATE TRIGGER frozen_asked BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL
          AND (OLD.reviewer, OLD.reviewer_acts_as, OLD.asked_before) IS DISTINCT FROM (NEW.reviewer, NEW.reviewer_acts_as, NEW.asked_before)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('who was asked to review a round stands once it is reviewed');
DROP TRIGGER IF EXISTS frozen_explanation ON response_rounds;
CREATE TRIGGER frozen_explanation BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL AND OLD.due_on IS NOT NULL
          AND OLD.explanation IS DISTINCT FROM NEW.explanation
          AND ((NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int OR (OLD.explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER IF EXISTS frozen_review_explanation ON response_rounds;
CREATE TRIGGER frozen_review_explanation BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL AND OLD.review_due_on IS NOT NULL
          AND OLD.review_explanation IS DISTINCT FROM NEW.review_explanation
          AND ((NEW.review_explanation ->> 'calendar_version')::int > (OLD.review_explanation ->> 'calendar_version')::int OR (OLD.review_explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.review_explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.review_explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.review_explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER IF EXISTS frozen_replacement ON escalation_recipients;
CREATE TRIGGER frozen_replacement BEFORE UPDATE ON escalation_recipients FOR EACH ROW
    WHEN (OLD.replaced_at IS NOT NULL
          AND OLD.replaced_at IS DISTINCT FROM NEW.replaced_at
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('when another was asked in their place stands');
DROP TRIGGER IF EXISTS frozen_parking ON case_events;
CREATE TRIGGER frozen_parking BEFORE UPDATE ON case_events FOR EACH ROW
    WHEN (NOT OLD.parked
          AND (OLD.parked, OLD.parked_reason) IS DISTINCT FROM (NEW.parked, NEW.parked_reason)
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event that was carried out is not parked again');
DROP TRIGGER IF EXISTS frozen_term ON audited_closings;
CREATE TRIGGER frozen_term BEFORE UPDATE ON audited_closings FOR EACH ROW
    WHEN ((OLD.subject_kind, OLD.since) IS DISTINCT FROM (NEW.subject_kind, NEW.since)
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION refuse_frozen('since when closings of a kind are audited stands');
DROP TRIGGER IF EXISTS frozen_end ON audited_closings;
CREATE TRIGGER frozen_end BEFORE UPDATE ON audited_closings FOR EACH ROW
    WHEN (OLD.until IS NOT NULL
          AND OLD.until IS DISTINCT FROM NEW.until
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION refuse_frozen('until when closings of a kind were audited stands');
DROP TRIGGER IF EXISTS frozen_telling ON audited_closings;
CREATE OR REPLACE FUNCTION frozen_telling_of_audited_closings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'audit_type') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'which closings are audited changes with an audit type, and is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_audited_closings() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON audited_closings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.until IS DISTINCT FROM NEW.until
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audited_closings();
DROP TRIGGER IF EXISTS begun_telling ON audited_closings;
CREATE OR REPLACE FUNCTION begun_telling_of_audited_closings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'audit_type') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'which closings are audited changes with an audit type, and is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_audited_closings() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON audited_closings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION begun_telling_of_audited_closings();
DROP TRIGGER IF EXISTS begun_end ON audited_closings;
CREATE TRIGGER begun_end BEFORE INSERT ON audited_closings FOR EACH ROW
    WHEN ((num_nonnulls(NEW.until) > 0) AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION refuse_frozen('closings of a kind are audited before they no longer are');
DROP TRIGGER IF EXISTS frozen_end ON audit_tools;
CREATE TRIGGER frozen_end BEFORE UPDATE ON audit_tools FOR EACH ROW
    WHEN (OLD.retired_at IS NOT NULL
          AND OLD.retired_at IS DISTINCT FROM NEW.retired_at
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('when a tool was retired stands');
DROP TRIGGER IF EXISTS frozen_telling ON audit_tools;
CREATE OR REPLACE FUNCTION frozen_telling_of_audit_tools() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('audit_tool', NEW.code))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'which tool is asked, and so which judgements escalate, changes as is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_audit_tools() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON audit_tools DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.state, OLD.retired_at) IS DISTINCT FROM (NEW.state, NEW.retired_at)
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audit_tools();
DROP TRIGGER IF EXISTS frozen_code ON audit_types;
CREATE TRIGGER frozen_code BEFORE UPDATE ON audit_types FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code
          AND qa_is_bound('audit_types'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit type keeps its code');
DROP TRIGGER IF EXISTS frozen_telling ON audit_types;
CREATE OR REPLACE FUNCTION frozen_telling_of_audit_types() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('audit_type', NEW.code))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is audited by whom changes by a change of the audit type that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_audit_types() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON audit_types DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.clause, OLD.subject_kind, OLD.owner, OLD.cadence, OLD.interval_months, OLD.tool_code, OLD.may_audit, OLD.may_start, OLD.start_teams, OLD.notes_paper_records, OLD.active) IS DISTINCT FROM (NEW.name, NEW.clause, NEW.subject_kind, NEW.owner, NEW.cadence, NEW.interval_months, NEW.tool_code, NEW.may_audit, NEW.may_start, NEW.start_teams, NEW.notes_paper_records, NEW.active)
          AND qa_is_bound('audit_types'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audit_types();
DROP TRIGGER IF EXISTS begun_telling ON audit_types;
CREATE OR REPLACE FUNCTION begun_telling_of_audit_types() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('audit_type', NEW.code))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is audited by whom changes by a change of the audit type that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_audit_types() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON audit_types DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('audit_types'::regclass))
    EXECUTE FUNCTION begun_telling_of_audit_types();
DROP TRIGGER IF EXISTS begun_telling ON judgement_scales;
CREATE OR REPLACE FUNCTION begun_telling_of_judgement_scales() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('judgement_scale', NEW.code || '/' || NEW.number))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a scale, and so which judgements escalate, is made as is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_judgement_scales() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON judgement_scales DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION begun_telling_of_judgement_scales();
DROP TRIGGER IF EXISTS frozen_interval ON audit_intervals;
CREATE TRIGGER frozen_interval BEFORE UPDATE ON audit_intervals FOR EACH ROW
    WHEN ((OLD.type, OLD.team, OLD.every_months, OLD.audits_each_time, OLD.scope, OLD.reason, OLD.set_at, OLD.set_by) IS DISTINCT FROM (NEW.type, NEW.team, NEW.every_months, NEW.audits_each_time, NEW.scope, NEW.reason, NEW.set_at, NEW.set_by)
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION refuse_frozen('an interval stands as it was set; another follows its end');
DROP TRIGGER IF EXISTS frozen_days ON audit_intervals;
CREATE TRIGGER frozen_days BEFORE UPDATE ON audit_intervals FOR EACH ROW
    WHEN (OLD.valid IS DISTINCT FROM NEW.valid
          AND (NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)) IS NOT TRUE
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION refuse_frozen('an interval is ended, and nothing else about its days changes');
DROP TRIGGER IF EXISTS frozen_end ON audit_intervals;
CREATE OR REPLACE FUNCTION frozen_end_of_audit_intervals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type = 'audit_interval.ended') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an interval is ended as is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_end_of_audit_intervals() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_end AFTER UPDATE ON audit_intervals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.valid, OLD.ended_at, OLD.ended_by, OLD.ended_reason) IS DISTINCT FROM (NEW.valid, NEW.ended_at, NEW.ended_by, NEW.ended_reason)
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION frozen_end_of_audit_intervals();
DROP TRIGGER IF EXISTS begun_end ON audit_intervals;
CREATE TRIGGER begun_end BEFORE INSERT ON audit_intervals FOR EACH ROW
    WHEN ((num_nonnulls(NEW.ended_at, NEW.ended_by, NEW.ended_reason) > 0) AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION refuse_frozen('an interval is set before it is ended');
DROP TRIGGER IF EXISTS frozen_origin ON audit_due_dates;
CREATE TRIGGER frozen_origin BEFORE UPDATE ON audit_due_dates FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.type, OLD.owed_team, OLD.number) IS DISTINCT FROM (NEW.audit_id, NEW.type, NEW.owed_team, NEW.number)
          AND qa_is_bound('audit_due_dates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date is for one audit, and stays with whoever owes it');
DROP TRIGGER IF EXISTS frozen_settling ON audit_due_dates;
CREATE OR REPLACE FUNCTION frozen_settling_of_audit_due_dates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id AND NEW.settled_on IS NOT DISTINCT FROM CASE WHEN a.recorded_in_error_at IS NULL THEN coalesce(a.completed_on, (a.cancelled_at AT TIME ZONE 'Europe/London')::date) END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a due date is settled on the day on which its audit was completed or cancelled' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_settling_of_audit_due_dates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_settling AFTER UPDATE ON audit_due_dates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.settled_on IS DISTINCT FROM NEW.settled_on
          AND qa_is_bound('audit_due_dates'::regclass))
    EXECUTE FUNCTION frozen_settling_of_audit_due_dates();
DROP TRIGGER IF EXISTS begun_settling ON audit_due_dates;
CREATE TRIGGER begun_settling BEFORE INSERT ON audit_due_dates FOR EACH ROW
    WHEN ((num_nonnulls(NEW.settled_on) > 0) AND qa_is_bound('audit_due_dates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date is settled by its audit');
DROP TRIGGER IF EXISTS begun_first_submission ON qa_updates;
CREATE TRIGGER begun_first_submission BEFORE INSERT ON qa_updates FOR EACH ROW
    WHEN ((num_nonnulls(NEW.first_submitted_on) > 0) AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an update is begun before it is submitted');
DROP TRIGGER IF EXISTS frozen_day_of_submission ON qa_updates;
CREATE OR REPLACE FUNCTION frozen_day_of_submission_of_qa_updates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM qa_update_submissions s WHERE s.update_id = NEW.id AND s.number = 1 AND NEW.first_submitted_on = (s.submitted_at AT TIME ZONE 'Europe/London')::date) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an update is first submitted on the day that it is in London' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_day_of_submission_of_qa_updates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_day_of_submission AFTER UPDATE ON qa_updates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.first_submitted_on IS DISTINCT FROM NEW.first_submitted_on
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION frozen_day_of_submission_of_qa_updates();
DROP TRIGGER IF EXISTS frozen_content ON qa_update_submissions;
CREATE TRIGGER frozen_content BEFORE UPDATE ON qa_update_submissions FOR EACH ROW
    WHEN ((OLD.update_id, OLD.number, OLD.submitted_at, OLD.submitted_by, OLD.narrative, OLD.figures) IS DISTINCT FROM (NEW.update_id, NEW.number, NEW.submitted_at, NEW.submitted_by, NEW.narrative, NEW.figures)
          AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands, also when it is returned');
DROP TRIGGER IF EXISTS frozen_return ON qa_update_submissions;
CREATE TRIGGER frozen_return BEFORE UPDATE ON qa_update_submissions FOR EACH ROW
    WHEN (OLD.returned_at IS NOT NULL
          AND (OLD.returned_at, OLD.returned_by, OLD.return_reasons) IS DISTINCT FROM (NEW.returned_at, NEW.returned_by, NEW.return_reasons)
          AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION refuse_frozen('that a submission was returned, by whom and why, stands');
DROP TRIGGER IF EXISTS begun_return ON qa_update_submissions;
CREATE TRIGGER begun_return BEFORE INSERT ON qa_update_submissions FOR EACH ROW
    WHEN ((num_nonnulls(NEW.returned_at, NEW.returned_by, NEW.return_reasons) > 0) AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an update is submitted before it is returned');
DROP TRIGGER IF EXISTS begun_submission ON qa_update_submissions;
CREATE OR REPLACE FUNCTION begun_submission_of_qa_update_submissions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM qa_updates u JOIN events e ON e.about_id = u.id WHERE u.id = NEW.update_id AND u.state = 'submitted' AND e.xid = (SELECT stamp()) AND e.type = 'qa_update.moved' AND NEW.number = (SELECT count(*) FROM qa_update_submissions s WHERE s.update_id = NEW.update_id) AND NEW.figures = u.figures AND NEW.narrative = (SELECT jsonb_object_agg(p.key, p.value) FROM jsonb_each(to_jsonb(u)) p WHERE p.key = ANY (ARRAY['activity', 'learning', 'good_practice', 'changes_made', 'evidence_of_impact', 'risks', 'next_quarter']))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a submission says what its update says, under the next number' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_submission_of_qa_update_submissions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_submission AFTER INSERT ON qa_update_submissions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION begun_submission_of_qa_update_submissions();
DROP TRIGGER IF EXISTS frozen_quarter ON awaited_updates;
CREATE TRIGGER frozen_quarter BEFORE UPDATE ON awaited_updates FOR EACH ROW
    WHEN ((OLD.service, OLD.quarter) IS DISTINCT FROM (NEW.service, NEW.quarter)
          AND qa_is_bound('awaited_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('what is awaited is of one service and one quarter');
DROP TRIGGER IF EXISTS closed_removal ON awaited_updates;
CREATE OR REPLACE FUNCTION closed_removal_of_awaited_updates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM qa_updates u WHERE (u.service, u.quarter) = (OLD.service, OLD.quarter)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an update is awaited until it is begun' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_awaited_updates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON awaited_updates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('awaited_updates'::regclass))
    EXECUTE FUNCTION closed_removal_of_awaited_updates();
DROP TRIGGER IF EXISTS frozen_end ON observation_exemptions;
CREATE OR REPLACE FUNCTION frozen_end_of_observation_exemptions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type = 'observation_exemption.ended') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an exemption is ended as is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_end_of_observation_exemptions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_end AFTER UPDATE ON observation_exemptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.valid, OLD.ended_at, OLD.ended_by) IS DISTINCT FROM (NEW.valid, NEW.ended_at, NEW.ended_by)
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION frozen_end_of_observation_exemptions();
DROP TRIGGER IF EXISTS begun_end ON observation_exemptions;
CREATE TRIGGER begun_end BEFORE INSERT ON observation_exemptions FOR EACH ROW
    WHEN ((num_nonnulls(NEW.ended_at, NEW.ended_by) > 0) AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption is granted before it is ended');
DROP TRIGGER IF EXISTS begun_telling ON calendar_versions;
CREATE OR REPLACE FUNCTION begun_telling_of_calendar_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'calendar.changed' AND e.data ->> 'calendar_version' = NEW.version::text) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a new version of the calendar is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_calendar_versions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON calendar_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('calendar_versions'::regclass))
    EXECUTE FUNCTION begun_telling_of_calendar_versions();
DROP TRIGGER IF EXISTS begun_calendar ON bank_holidays;
CREATE OR REPLACE FUNCTION begun_calendar_of_bank_holidays() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE v.version = NEW.added_version AND qa_written_now(v.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a bank holiday is added by a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_calendar_of_bank_holidays() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_calendar AFTER INSERT ON bank_holidays DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION begun_calendar_of_bank_holidays();
DROP TRIGGER IF EXISTS begun_withdrawal ON bank_holidays;
CREATE TRIGGER begun_withdrawal BEFORE INSERT ON bank_holidays FOR EACH ROW
    WHEN ((num_nonnulls(NEW.withdrawn_version, NEW.withdrawn_reason) > 0) AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION refuse_frozen('a bank holiday is added before it is withdrawn');
DROP TRIGGER IF EXISTS frozen_calendar ON bank_holidays;
CREATE OR REPLACE FUNCTION frozen_calendar_of_bank_holidays() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE v.version = NEW.withdrawn_version AND qa_written_now(v.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a bank holiday is withdrawn by a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_calendar_of_bank_holidays() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_calendar AFTER UPDATE ON bank_holidays DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.withdrawn_version, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_version, NEW.withdrawn_reason)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION frozen_calendar_of_bank_holidays();
DROP TRIGGER IF EXISTS frozen_subject ON case_event_outcomes;
CREATE OR REPLACE FUNCTION frozen_subject() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects was, subjects is_now WHERE was.id = OLD.subject_id AND is_now.id = NEW.subject_id AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is about one person becomes about another by a merge of the two alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_subject() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON case_event_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('case_event_outcomes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_holder ON audit_responses;
CREATE OR REPLACE FUNCTION frozen_holder_of_audit_responses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audit_responses r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_audit_responses() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON audit_responses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_holder_of_audit_responses();
DROP TRIGGER IF EXISTS frozen_holder ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_holder_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_holder_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_holder ON escalations;
CREATE OR REPLACE FUNCTION frozen_holder_of_escalations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM escalations r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_escalations() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON escalations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_holder_of_escalations();
DROP TRIGGER IF EXISTS frozen_holder ON learning_actions;
CREATE OR REPLACE FUNCTION frozen_holder_of_learning_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM learning_actions r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_learning_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON learning_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_holder_of_learning_actions();
DROP TRIGGER IF EXISTS frozen_holder ON moderation_outcomes;
CREATE OR REPLACE FUNCTION frozen_holder_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON moderation_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_holder_of_moderation_outcomes();
DROP TRIGGER IF EXISTS frozen_holder ON notifications;
CREATE OR REPLACE FUNCTION frozen_holder_of_notifications() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM notifications r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_notifications() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON notifications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_holder_of_notifications();
DROP TRIGGER IF EXISTS frozen_holder ON restorative_actions;
CREATE OR REPLACE FUNCTION frozen_holder_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM restorative_actions r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_holder_of_restorative_actions();
DROP TRIGGER IF EXISTS frozen_holder ON urgent_findings;
CREATE OR REPLACE FUNCTION frozen_holder_of_urgent_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM urgent_findings r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_urgent_findings() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON urgent_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_holder_of_urgent_findings();
DROP TRIGGER IF EXISTS frozen_system ON subjects;
CREATE TRIGGER frozen_system BEFORE UPDATE ON subjects FOR EACH ROW
    WHEN (OLD.system IS DISTINCT FROM NEW.system
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record stays with the system that knows it');
DROP TRIGGER IF EXISTS frozen_reference ON subjects;
CREATE OR REPLACE FUNCTION frozen_reference_of_subjects() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects s JOIN subject_aliases a ON a.system = s.system AND a.ref = s.ref AND a.subject_id = coalesce(s.merged_into_id, s.id) WHERE s.id = NEW.id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a record is called by a reference of its own' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_reference_of_subjects() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_reference AFTER UPDATE ON subjects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.ref IS DISTINCT FROM NEW.ref
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION frozen_reference_of_subjects();
DROP TRIGGER IF EXISTS frozen_name ON subject_aliases;
CREATE TRIGGER frozen_name BEFORE UPDATE ON subject_aliases FOR EACH ROW
    WHEN ((OLD.system, OLD.ref) IS DISTINCT FROM (NEW.system, NEW.ref)
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION refuse_frozen('a reference stays the one that it is');
DROP TRIGGER IF EXISTS frozen_subject ON subject_aliases;
CREATE OR REPLACE FUNCTION frozen_subject_of_subject_aliases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects was, subjects is_now WHERE was.id = OLD.subject_id AND is_now.id = NEW.subject_id AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a reference names another record by a merge of the two alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_subject_of_subject_aliases() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON subject_aliases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION frozen_subject_of_subject_aliases();
DROP TRIGGER IF EXISTS frozen_meaning ON subject_aliases;
CREATE OR REPLACE FUNCTION frozen_meaning_of_subject_aliases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects was, subjects is_now WHERE was.id = OLD.stands_for AND is_now.id = NEW.stands_for AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a reference names another record by a merge of the two alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_meaning_of_subject_aliases() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_meaning AFTER UPDATE ON subject_aliases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.stands_for IS DISTINCT FROM NEW.stands_for
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION frozen_meaning_of_subject_aliases();
DROP TRIGGER IF EXISTS closed_name ON subject_aliases;
CREATE OR REPLACE FUNCTION closed_name_of_subject_aliases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.stands_for IS NOT NULL THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a case system calls a record stays its name' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_name_of_subject_aliases() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_name BEFORE DELETE ON subject_aliases FOR EACH ROW
    WHEN (qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION closed_name_of_subject_aliases();
DROP TRIGGER IF EXISTS closed_removal ON subject_aliases;
CREATE OR REPLACE FUNCTION closed_removal_of_subject_aliases() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'subject.merged' AND e.data ->> 'merged' = OLD.subject_id::text) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a reference goes when the record that stood in under it becomes part of the one it means' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_subject_aliases() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON subject_aliases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION closed_removal_of_subject_aliases();
DROP TRIGGER IF EXISTS frozen_content ON panel_date_changes;
CREATE TRIGGER frozen_content BEFORE UPDATE ON panel_date_changes FOR EACH ROW
    WHEN ((OLD.first_panel_on, OLD.approval_ended_on, OLD.reason, OLD.replaced_at, OLD.replaced_by) IS DISTINCT FROM (NEW.first_panel_on, NEW.approval_ended_on, NEW.reason, NEW.replaced_at, NEW.replaced_by)
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a panel date was before, and why it was changed, stands');
DROP TRIGGER IF EXISTS frozen_message ON deliveries;
CREATE TRIGGER frozen_message BEFORE UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.event_id, OLD.endpoint_id, OLD.lane, OLD.case_key) IS DISTINCT FROM (NEW.event_id, NEW.endpoint_id, NEW.lane, NEW.case_key)
          AND qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION refuse_frozen('a delivery is of one message about one case, for one receiver');
DROP TRIGGER IF EXISTS closed_receiver ON deliveries;
CREATE OR REPLACE FUNCTION closed_receiver_of_deliveries() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM webhook_endpoints w JOIN events e ON e.id = one.event_id LEFT JOIN subjects s ON s.id = e.subject_id WHERE w.id = one.endpoint_id AND (w.system IS NULL OR w.system = s.system OR e.type = 'webhook_endpoint.test')), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a case system is sent what is about its own subjects alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_receiver_of_deliveries() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_receiver AFTER INSERT ON deliveries REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION closed_receiver_of_deliveries();
DROP TRIGGER IF EXISTS frozen_arrival ON deliveries;
CREATE TRIGGER frozen_arrival BEFORE UPDATE ON deliveries FOR EACH ROW
    WHEN (OLD.delivered_at IS NOT NULL
          AND OLD.delivered_at IS DISTINCT FROM NEW.delivered_at
          AND qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION refuse_frozen('when a message was delivered stands');
DROP TRIGGER IF EXISTS frozen_address ON alerts;
CREATE TRIGGER frozen_address BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN ((OLD.kind, OLD.about_id, OLD.occasion, OLD.recipient_role, OLD.recipient, OLD.at) IS DISTINCT FROM (NEW.kind, NEW.about_id, NEW.occasion, NEW.recipient_role, NEW.recipient, NEW.at)
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was told whom, and when, stands');
DROP TRIGGER IF EXISTS frozen_seeing ON alerts;
CREATE TRIGGER frozen_seeing BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (OLD.seen_at IS NOT NULL
          AND OLD.seen_at IS DISTINCT FROM NEW.seen_at
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('when somebody saw what they were told stands');
DROP TRIGGER IF EXISTS frozen_end ON alerts;
CREATE TRIGGER frozen_end BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (OLD.over_at IS NOT NULL
          AND OLD.over_at IS DISTINCT FROM NEW.over_at
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('that what was told is over stands');
DROP TRIGGER IF EXISTS begun_seeing ON alerts;
CREATE TRIGGER begun_seeing BEFORE INSERT ON alerts FOR EACH ROW
    WHEN ((num_nonnulls(NEW.seen_at, NEW.over_at) > 0) AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('somebody is told before they see it');
DROP TRIGGER IF EXISTS frozen_day ON days_of_reads;
CREATE TRIGGER frozen_day BEFORE UPDATE ON days_of_reads FOR EACH ROW
    WHEN ((OLD.day, OLD.listed) IS DISTINCT FROM (NEW.day, NEW.listed)
          AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('a day whose reads are looked through stays so');
DROP TRIGGER IF EXISTS frozen_looking ON days_of_reads;
CREATE TRIGGER frozen_looking BEFORE UPDATE ON days_of_reads FOR EACH ROW
    WHEN (OLD.looked_through_at IS NOT NULL
          AND OLD.looked_through_at IS DISTINCT FROM NEW.looked_through_at
          AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('when the reads of a day were looked through stands');
DROP TRIGGER IF EXISTS begun_looking ON days_of_reads;
CREATE TRIGGER begun_looking BEFORE INSERT ON days_of_reads FOR EACH ROW
    WHEN ((num_nonnulls(NEW.looked_through_at) > 0) AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('the reads of a day are looked through once it waits for that');
DROP TRIGGER IF EXISTS begun_order ON days_of_reads;
CREATE OR REPLACE FUNCTION begun_order_of_days_of_reads() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM days_of_reads d) OR NEW.day <= (SELECT max(d.day) + 1 FROM days_of_reads d) AND (NEW.listed OR NOT EXISTS (SELECT FROM days_of_reads d WHERE d.listed)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'no day of reads is passed over, nor left out of the list once there is one' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_order_of_days_of_reads() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_order BEFORE INSERT ON days_of_reads FOR EACH ROW
    WHEN ((true) AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION begun_order_of_days_of_reads();

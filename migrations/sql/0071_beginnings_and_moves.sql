-- Written from the table in models/frozen/: beginnings.py and moves.py.

DROP TRIGGER IF EXISTS frozen_subject ON action_date_changes;
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
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON action_date_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON alerts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON alerts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON audit_answers;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON audit_answers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON audit_responses;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON audit_responses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON audit_revisions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON audit_revisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON audits;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL AND OLD.state <> 'planned'
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON domain_judgements;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON domain_judgements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON escalation_recipients;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON escalation_recipients DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON escalations;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON escalations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON family_contact_attempts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON family_contact_attempts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON family_contacts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON family_contacts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON learning_actions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON learning_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON moderation_members;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON moderation_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON moderation_outcomes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON moderation_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON notifications;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON notifications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON panel_date_changes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON panel_date_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON redactions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON redactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON response_items;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON response_items DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON response_rounds;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON response_rounds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON restorative_actions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON urgent_findings;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON urgent_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON worker_views;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON worker_views DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_subject ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_subject_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects was, subjects is_now WHERE was.id = OLD.subject_id AND is_now.id = (SELECT g.subject_id FROM closure_gates g WHERE g.id = OLD.id) AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is about one person becomes about another by a merge of the two alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_subject_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_subject_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_finish_date ON restorative_actions;
CREATE OR REPLACE FUNCTION frozen_finish_date_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM action_date_changes c WHERE c.action_id = NEW.id AND c.which = 'finish_on' AND c.was = OLD.due_on AND c.became IS NOT DISTINCT FROM NEW.due_on AND qa_written_now(c.xmin)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a date that was promised is kept with the one that takes its place' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_finish_date_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_finish_date AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_finish_date_of_restorative_actions();
DROP TRIGGER IF EXISTS frozen_done_date ON restorative_actions;
CREATE OR REPLACE FUNCTION frozen_done_date_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM action_date_changes c WHERE c.action_id = NEW.id AND c.which = 'done_on' AND c.was = OLD.done_on AND c.became IS NOT DISTINCT FROM NEW.done_on AND qa_written_now(c.xmin)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a date that was told is kept with the one that takes its place' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_done_date_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_done_date AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.done_on IS NOT NULL AND NEW.done_on IS NOT NULL
          AND OLD.done_on IS DISTINCT FROM NEW.done_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_done_date_of_restorative_actions();
DROP TRIGGER IF EXISTS begun_state ON audit_responses;
CREATE TRIGGER begun_state BEFORE INSERT ON audit_responses FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON audit_tools;
CREATE TRIGGER begun_state BEFORE INSERT ON audit_tools FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON audits;
CREATE TRIGGER begun_state BEFORE INSERT ON audits FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON board_reports;
CREATE TRIGGER begun_state BEFORE INSERT ON board_reports FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('board_reports'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON closure_gates;
CREATE TRIGGER begun_state BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON deliveries;
CREATE TRIGGER begun_state BEFORE INSERT ON deliveries FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON escalations;
CREATE TRIGGER begun_state BEFORE INSERT ON escalations FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON learning_actions;
CREATE TRIGGER begun_state BEFORE INSERT ON learning_actions FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON moderation_samples;
CREATE TRIGGER begun_state BEFORE INSERT ON moderation_samples FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON notifications;
CREATE TRIGGER begun_state BEFORE INSERT ON notifications FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON qa_updates;
CREATE TRIGGER begun_state BEFORE INSERT ON qa_updates FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON quarter_plans;
CREATE TRIGGER begun_state BEFORE INSERT ON quarter_plans FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('quarter_plans'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON restorative_actions;
CREATE TRIGGER begun_state BEFORE INSERT ON restorative_actions FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON retention_runs;
CREATE TRIGGER begun_state BEFORE INSERT ON retention_runs FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('retention_runs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON rights_changes;
CREATE TRIGGER begun_state BEFORE INSERT ON rights_changes FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('rights_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_state ON unusual_reads;
CREATE TRIGGER begun_state BEFORE INSERT ON unusual_reads FOR EACH ROW
    WHEN ((NEW.left_state <> 'new') AND qa_is_bound('unusual_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record begins in its first state');
DROP TRIGGER IF EXISTS begun_completion ON audits;
CREATE TRIGGER begun_completion BEFORE INSERT ON audits FOR EACH ROW
    WHEN ((num_nonnulls(NEW.completed_at, NEW.completed_on, NEW.closed_at) > 0) AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit is completed after it was begun');
DROP TRIGGER IF EXISTS begun_error ON audits;
CREATE TRIGGER begun_error BEFORE INSERT ON audits FOR EACH ROW
    WHEN ((num_nonnulls(NEW.error_reason, NEW.error_reported_by, NEW.error_confirmed_by, NEW.recorded_in_error_at) > 0) AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error is reported of an audit that there is, and confirmed by another person');
DROP TRIGGER IF EXISTS begun_outcome ON audit_responses;
CREATE TRIGGER begun_outcome BEFORE INSERT ON audit_responses FOR EACH ROW
    WHEN ((num_nonnulls(NEW.first_submitted_at, NEW.first_submitted_on, NEW.adequate_at, NEW.adequate_submitted_on) > 0) AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a response is awaited before it is submitted and found adequate');
DROP TRIGGER IF EXISTS begun_outcome ON restorative_actions;
CREATE TRIGGER begun_outcome BEFORE INSERT ON restorative_actions FOR EACH ROW
    WHEN ((num_nonnulls(NEW.done_on, NEW.done_by, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.cancelled_at, NEW.cancel_reason) > 0) AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action is set before it is done, and done before it is verified');
DROP TRIGGER IF EXISTS begun_outcome ON learning_actions;
CREATE TRIGGER begun_outcome BEFORE INSERT ON learning_actions FOR EACH ROW
    WHEN ((num_nonnulls(NEW.done_on, NEW.done_by, NEW.verified_at, NEW.verified_by, NEW.cancelled_at, NEW.cancel_reason) > 0) AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action is set before it is done, and done before it is verified');
DROP TRIGGER IF EXISTS begun_outcome ON escalations;
CREATE TRIGGER begun_outcome BEFORE INSERT ON escalations FOR EACH ROW
    WHEN ((num_nonnulls(NEW.notified_at, NEW.acknowledged_at, NEW.quality_standards_informed_at, NEW.informed_by, NEW.actions_to_be_taken, NEW.disputed_at, NEW.disputed_by, NEW.resolved_at, NEW.resolved_by, NEW.resolution) > 0) AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was escalated is acknowledged, told and resolved afterwards');
DROP TRIGGER IF EXISTS begun_acknowledgement ON escalation_recipients;
CREATE TRIGGER begun_acknowledgement BEFORE INSERT ON escalation_recipients FOR EACH ROW
    WHEN ((num_nonnulls(NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as) > 0) AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('somebody is told before they acknowledge');
DROP TRIGGER IF EXISTS begun_override ON closure_gates;
CREATE TRIGGER begun_override BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((num_nonnulls(NEW.override_requested_by, NEW.override_requested_at, NEW.override_reason, NEW.override_approved_by, NEW.override_approved_at) > 0) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an override is asked for of a gate that there is, and approved by another person');
DROP TRIGGER IF EXISTS begun_clearing ON closure_gates;
CREATE OR REPLACE FUNCTION begun_clearing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.subject_id = NEW.subject_id AND a.gate_id IS NOT NULL AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a gate is clear once its closure audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_clearing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_clearing BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state IN ('clear', 'actions_outstanding')) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_clearing_of_closure_gates();
DROP TRIGGER IF EXISTS begun_closing ON closure_gates;
CREATE OR REPLACE FUNCTION begun_closing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM case_events e WHERE e.system = NEW.system AND e.episode_id = NEW.episode_id AND e.type LIKE 'case.closed.%') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a case is closed by its case system' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_closing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_closing BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_closing_of_closure_gates();
DROP TRIGGER IF EXISTS begun_approval ON retention_runs;
CREATE TRIGGER begun_approval BEFORE INSERT ON retention_runs FOR EACH ROW
    WHEN ((num_nonnulls(NEW.approved_at, NEW.approved_by) > 0) AND qa_is_bound('retention_runs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a run is proposed by one and approved by another');
DROP TRIGGER IF EXISTS begun_decision ON rights_changes;
CREATE TRIGGER begun_decision BEFORE INSERT ON rights_changes FOR EACH ROW
    WHEN ((num_nonnulls(NEW.decided_at, NEW.decided_by) > 0) AND qa_is_bound('rights_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change of rights is proposed by one and decided by another');
DROP TRIGGER IF EXISTS begun_position ON events;
CREATE TRIGGER begun_position BEFORE INSERT ON events FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event stands where its own transaction stands');
DROP TRIGGER IF EXISTS closed_content ON scale_points;
CREATE OR REPLACE FUNCTION closed_content_of_scale_points() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM judgement_scales s WHERE s.code = one.scale_code AND s.number = one.scale_number AND qa_written_now(s.xmin)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the points of a scale are made together with it' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_scale_points() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON scale_points REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('scale_points'::regclass))
    EXECUTE FUNCTION closed_content_of_scale_points();

-- What is added after the end, and what is said of it, is refused.
DROP TRIGGER IF EXISTS frozen_cancellation ON audits;
CREATE TRIGGER frozen_cancellation BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.state = 'cancelled'
          AND (OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit that was cancelled says why');
DROP TRIGGER IF EXISTS frozen_day_of_completion ON audits;
CREATE TRIGGER frozen_day_of_completion BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (NEW.state IN ('completed', 'closed')
          AND (OLD.completed_at, OLD.completed_on) IS DISTINCT FROM (NEW.completed_at, NEW.completed_on)
          AND (NEW.completed_on = (NEW.completed_at AT TIME ZONE 'Europe/London')::date) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit is completed on the day that it is in London');
DROP TRIGGER IF EXISTS frozen_day_of_error ON audits;
CREATE TRIGGER frozen_day_of_error BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (NEW.recorded_in_error_at IS NOT NULL
          AND OLD.recorded_in_error_at IS DISTINCT FROM NEW.recorded_in_error_at
          AND (NEW.recorded_in_error_at >= NEW.completed_at) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error is found of an audit that is completed, and after it was');
DROP TRIGGER IF EXISTS frozen_content ON worker_views;
CREATE OR REPLACE FUNCTION frozen_content_of_worker_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND a.state IN ('planned', 'in_progress')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what the worker thinks stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_worker_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON worker_views FOR EACH ROW
    WHEN ((OLD.view, OLD.recorded_at) IS DISTINCT FROM (NEW.view, NEW.recorded_at)
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_content_of_worker_views();
DROP TRIGGER IF EXISTS frozen_place ON worker_views;
CREATE TRIGGER frozen_place BEFORE UPDATE ON worker_views FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION refuse_frozen('a view stays with its audit');
DROP TRIGGER IF EXISTS closed_content ON worker_views;
CREATE OR REPLACE FUNCTION closed_content_of_worker_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND a.state IN ('planned', 'in_progress')), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what the worker thinks stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_worker_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON worker_views REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION closed_content_of_worker_views();
DROP TRIGGER IF EXISTS closed_content ON restorative_actions;
CREATE OR REPLACE FUNCTION closed_content_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xid)))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a completed audit has another action by an amendment, which keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON restorative_actions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION closed_content_of_restorative_actions();
DROP TRIGGER IF EXISTS begun_submission ON response_items;
CREATE OR REPLACE FUNCTION begun_submission_of_response_items() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e JOIN response_rounds r ON r.response_id = e.about_id WHERE r.id = NEW.round_id AND r.submitted_at IS NOT NULL AND r.outcome IS NULL AND e.type = 'response.submitted' AND e.data ->> 'round' = r.number::text AND qa_written_now(e.xid)) AND NOT EXISTS (SELECT FROM events e JOIN response_rounds r ON r.response_id = e.about_id WHERE r.id = NEW.round_id AND r.submitted_at IS NOT NULL AND r.outcome IS NULL AND e.type = 'response.submitted' AND e.data ->> 'round' = r.number::text AND NOT qa_written_now(e.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is answered is answered by a submission' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_submission_of_response_items() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_submission AFTER INSERT ON response_items DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION begun_submission_of_response_items();
DROP TRIGGER IF EXISTS begun_return ON response_rounds;
CREATE OR REPLACE FUNCTION begun_return_of_response_rounds() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audit_responses r WHERE r.id = NEW.response_id AND r.state <> 'adequate') AND (NEW.number = 1 OR EXISTS (SELECT FROM response_rounds b WHERE b.response_id = NEW.response_id AND b.number = NEW.number - 1 AND b.outcome = 'returned')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a further round follows the return of the one before' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_return_of_response_rounds() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_return AFTER INSERT ON response_rounds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION begun_return_of_response_rounds();
DROP TRIGGER IF EXISTS frozen_end ON restorative_actions;
CREATE TRIGGER frozen_end BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.state IN ('verified', 'cancelled')
          AND (OLD.owner, OLD.reassigned_at, OLD.reassigned_by, OLD.reassigned_because, OLD.how, OLD.planned_at, OLD.missed_on, OLD.not_achieved_reason) IS DISTINCT FROM (NEW.owner, NEW.reassigned_at, NEW.reassigned_by, NEW.reassigned_because, NEW.how, NEW.planned_at, NEW.missed_on, NEW.not_achieved_reason)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose a settled action was, and what was said of it, stands');
DROP TRIGGER IF EXISTS frozen_content ON learning_actions;
CREATE TRIGGER frozen_content BEFORE UPDATE ON learning_actions FOR EACH ROW
    WHEN ((OLD.outcome_id, OLD.description, OLD.owner, OLD.set_at, OLD.set_by) IS DISTINCT FROM (NEW.outcome_id, NEW.description, NEW.owner, NEW.set_at, NEW.set_by)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a learning action stands as it was set');
DROP TRIGGER IF EXISTS frozen_end ON learning_actions;
CREATE TRIGGER frozen_end BEFORE UPDATE ON learning_actions FOR EACH ROW
    WHEN (OLD.state IN ('verified', 'cancelled')
          AND (OLD.due_on, OLD.done_on, OLD.done_by, OLD.how, OLD.verified_at, OLD.verified_by, OLD.made_a_difference, OLD.verification_note, OLD.not_achieved_reason, OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.due_on, NEW.done_on, NEW.done_by, NEW.how, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.verification_note, NEW.not_achieved_reason, NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was said of a settled learning action stands');
DROP TRIGGER IF EXISTS closed_content ON learning_actions;
CREATE OR REPLACE FUNCTION closed_content_of_learning_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id WHERE o.id = one.outcome_id AND s.state = 'open'), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a learning action is set while its sample is open' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_learning_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON learning_actions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION closed_content_of_learning_actions();

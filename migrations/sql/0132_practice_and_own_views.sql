-- When a case left whoever was audited: the first time after the audit that somebody else had it. Until then
-- they read what is said of the audit as its worker does (R4.1.9, X8). Null: the log tells of no such day.
CREATE FUNCTION qa_left_at(audit uuid, who text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT min(e.at) FROM audits a
            JOIN subjects s ON s.id = a.subject_id OR s.merged_into_id = a.subject_id
            JOIN events e ON e.subject_id = s.id
            WHERE a.id = audit AND a.audited_worker = who AND e.at >= a.completed_at
            AND e.type = 'subject.allocation_changed' AND e.data ->> 'worker' IS DISTINCT FROM who);
END $$;
REVOKE ALL ON FUNCTION qa_left_at(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qa_left_at(uuid, text) TO qa_app, qa_read;

-- Where an audit asks for no response its worker's own view is taken for the days of the policy (R4.1.9).
DROP TRIGGER IF EXISTS frozen_content ON own_views;
CREATE OR REPLACE FUNCTION frozen_content_of_own_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a JOIN notifications n ON n.audit_id = a.id WHERE a.id = OLD.audit_id AND n.notified_at IS NOT NULL AND a.audited_worker = OLD.written_by AND CASE WHEN EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id) THEN a.state = 'completed' ELSE a.state IN ('completed', 'closed') AND (coalesce(qa_now(), OLD.written_at) AT TIME ZONE 'Europe/London')::date <= ((SELECT min(f.notified_at) FROM notifications f WHERE f.audit_id = a.id) AT TIME ZONE 'Europe/London')::date + qa_own_view_days() END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the worker adds their own view once they are told, until its time is over' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_own_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON own_views FOR EACH ROW
    WHEN ((OLD.view, OLD.written_at) IS DISTINCT FROM (NEW.view, NEW.written_at)
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_content_of_own_views();
DROP TRIGGER IF EXISTS closed_content ON own_views;
CREATE OR REPLACE FUNCTION closed_content_of_own_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a JOIN notifications n ON n.audit_id = a.id WHERE a.id = one.audit_id AND n.notified_at IS NOT NULL AND a.audited_worker = one.written_by AND CASE WHEN EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id) THEN a.state = 'completed' ELSE a.state IN ('completed', 'closed') AND (coalesce(qa_now(), one.written_at) AT TIME ZONE 'Europe/London')::date <= ((SELECT min(f.notified_at) FROM notifications f WHERE f.audit_id = a.id) AT TIME ZONE 'Europe/London')::date + qa_own_view_days() END), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the worker adds their own view once they are told, until its time is over' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_own_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON own_views REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION closed_content_of_own_views();

-- What is said and judged comes after what it is about (X8, R4.5.4).
DROP TRIGGER IF EXISTS begun_writing ON comments;
CREATE OR REPLACE FUNCTION begun_writing_of_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.audit_id IS NULL OR EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id AND a.planned_at <= NEW.written_at + interval '1 minute')) AND (NEW.reply_to IS NULL OR EXISTS (SELECT FROM comments f WHERE f.id = NEW.reply_to AND f.written_at <= NEW.written_at + interval '1 minute')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a comment is written once there is what it is about, a reply after what it replies to' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_writing_of_comments() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_writing BEFORE INSERT ON comments FOR EACH ROW
    WHEN ((true) AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION begun_writing_of_comments();
DROP TRIGGER IF EXISTS begun_judging ON practice_audits;
CREATE OR REPLACE FUNCTION begun_judging_of_practice_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM practice_cases c WHERE c.id = NEW.case_id AND c.set_at <= NEW.judged_at + interval '1 minute' AND (c.ends_on IS NULL OR (NEW.judged_at AT TIME ZONE 'Europe/London')::date <= c.ends_on)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a case is judged once it is set, and not after its last day' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_judging_of_practice_audits() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_judging BEFORE INSERT ON practice_audits FOR EACH ROW
    WHEN ((true) AND qa_is_bound('practice_audits'::regclass))
    EXECUTE FUNCTION begun_judging_of_practice_audits();

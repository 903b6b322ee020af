-- A reason that policy exempts is one however the case system spells it.
CREATE OR REPLACE FUNCTION frozen_exemption_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND EXISTS (SELECT FROM jsonb_array_elements_text(p.values -> 'closure_exempt_reasons') code WHERE lower(btrim(code) COLLATE "C") = lower(btrim(NEW.reason_code) COLLATE "C") OR (code || NEW.reason_code) COLLATE "C" ~ '[^ -~]') AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audit_types t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND t.active AND t.cadence = 'every_closure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closing needs no audit for a reason that policy exempts, or where none is had' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
CREATE OR REPLACE FUNCTION frozen_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p WHERE (p.values ->> 'in_use_from')::date > (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date) OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND EXISTS (SELECT FROM jsonb_array_elements_text(p.values -> 'closure_exempt_reasons') code WHERE lower(btrim(code) COLLATE "C") = lower(btrim(NEW.reason_code) COLLATE "C") OR (code || NEW.reason_code) COLLATE "C" ~ '[^ -~]') AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what closes was clear by its day, or needs no closure audit' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
CREATE OR REPLACE FUNCTION begun_exemption_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND EXISTS (SELECT FROM jsonb_array_elements_text(p.values -> 'closure_exempt_reasons') code WHERE lower(btrim(code) COLLATE "C") = lower(btrim(NEW.reason_code) COLLATE "C") OR (code || NEW.reason_code) COLLATE "C" ~ '[^ -~]') AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audit_types t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND t.active AND t.cadence = 'every_closure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closing needs no audit for a reason that policy exempts, or where none is had' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
CREATE OR REPLACE FUNCTION begun_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p WHERE (p.values ->> 'in_use_from')::date > (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date) OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND EXISTS (SELECT FROM jsonb_array_elements_text(p.values -> 'closure_exempt_reasons') code WHERE lower(btrim(code) COLLATE "C") = lower(btrim(NEW.reason_code) COLLATE "C") OR (code || NEW.reason_code) COLLATE "C" ~ '[^ -~]') AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what closes was clear by its day, or needs no closure audit' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;

-- Until a moderator has recorded their own judgement of a sealed audit they read none of its
-- auditor's (R4.5.3). Which audits that are is looked up with the caller, in front of every statement,
-- and stands in `qa.sealed` beside what row-level security reads.
ALTER TABLE moderation_samples ADD CONSTRAINT moderation_samples_second_grade_check
    CHECK (second_grade IN ('sealed', 'open')) NOT VALID;
ALTER TABLE moderation_samples VALIDATE CONSTRAINT moderation_samples_second_grade_check;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_unsealed_why_check
    CHECK (sealed = (unsealed_because IS NULL)) NOT VALID;
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_unsealed_why_check;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_unsealed_because_check
    CHECK (unsealed_because IN ('policy', 'reads_all', 'answers_for_case', 'addressed', 'has_read'))
    NOT VALID;
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_unsealed_because_check;
ALTER TABLE moderation_outcomes ADD CONSTRAINT moderation_outcomes_moderated_at_in_order_check
    CHECK (assigned_at <= moderated_at + interval '1 minute') NOT VALID;
ALTER TABLE moderation_outcomes VALIDATE CONSTRAINT moderation_outcomes_moderated_at_in_order_check;

-- Whether somebody answers for the case of an audit now, or was asked about an escalation of it: from
-- them safety hides nothing. As the tables' owner, since it is asked before the caller's context is set.
CREATE FUNCTION qa_answers_for(who text, audit uuid, teams text[], led text[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audits a WHERE a.id = audit
                   AND (a.team = ANY (teams) OR a.worker = who))
        OR EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = audit
                   AND r.handed_to = who AND r.state <> 'adequate')
        OR EXISTS (SELECT FROM escalations e JOIN escalation_recipients r ON r.escalation_id = e.id
                   WHERE e.audit_id = audit AND (r.recipient = who OR r.for_team = ANY (led)));
END $$;

-- The audits that are sealed from somebody, as text for a setting.
CREATE FUNCTION qa_sealed_from(who text, teams text[], led text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT string_agg(o.audit_id::text, ',') FROM moderation_outcomes o
            JOIN moderation_samples s ON s.id = o.sample_id AND s.state = 'open'
            WHERE o.moderator = who AND o.sealed AND o.moderated_at IS NULL
            AND NOT qa_answers_for(who, o.audit_id, teams, led));
END $$;

-- Whether this audit's judgements are sealed from the caller. Written so that the planner puts it in
-- place of the call: for nearly everybody it is one look at an empty setting.
CREATE FUNCTION qa_is_sealed(audit uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('qa.sealed', true), '') <> ''
        AND coalesce(current_setting('qa.reach', true), '') <> 'service'
        AND coalesce(position(audit::text IN current_setting('qa.sealed', true)) > 0, false);

-- Asked only of answers in a sealed audit.
CREATE FUNCTION qa_asks_judgement(tool uuid, question text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM tool_questions q WHERE q.tool_id = tool AND q.key = question
                   AND q.answer_kind = 'judgement');
END $$;

-- The second lock: what says nothing but a judgement, or what it was before, is no row for them.
CREATE POLICY sealed ON domain_judgements AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (NOT qa_is_sealed(audit_id));
CREATE POLICY sealed ON audit_revisions AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (NOT qa_is_sealed(audit_id));
CREATE POLICY sealed ON moderation_members AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (NOT qa_is_sealed(audit_id));
CREATE POLICY sealed ON escalations AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (trigger <> 'inadequate_judgement' OR NOT qa_is_sealed(audit_id));

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_draw ON moderation_samples;
CREATE TRIGGER frozen_draw BEFORE UPDATE ON moderation_samples FOR EACH ROW
    WHEN ((OLD."group", OLD.period, OLD.starts_on, OLD.ends_before, OLD.method, OLD.seed, OLD.population_hash, OLD.policy_version, OLD.second_grade, OLD.explanation, OLD.drawn_at, OLD.drawn_by) IS DISTINCT FROM (NEW."group", NEW.period, NEW.starts_on, NEW.ends_before, NEW.method, NEW.seed, NEW.population_hash, NEW.policy_version, NEW.second_grade, NEW.explanation, NEW.drawn_at, NEW.drawn_by)
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER IF EXISTS frozen_outcome ON moderation_outcomes;
CREATE OR REPLACE FUNCTION frozen_outcome_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_samples s WHERE s.id = OLD.sample_id AND s.state = 'open') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an outcome stands once its sample is closed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_outcome_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_outcome BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.moderator, OLD.relation_to_auditor, OLD.assigned_at, OLD.sealed, OLD.unsealed_because, OLD.quality, OLD.analysis, OLD.themes, OLD.observations, OLD.contribution_to_impact, OLD.moderated_judgement, OLD.moderated_rationale, OLD.action_plan_comments, OLD.feedback_to_auditor, OLD.moderated_at, OLD.moderated_by) IS DISTINCT FROM (NEW.moderator, NEW.relation_to_auditor, NEW.assigned_at, NEW.sealed, NEW.unsealed_because, NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderation_outcomes();
DROP TRIGGER IF EXISTS frozen_seal ON moderation_outcomes;
CREATE TRIGGER frozen_seal BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.sealed AND OLD.moderated_at IS NOT NULL
          AND (OLD.moderator, OLD.moderated_judgement, OLD.moderated_rationale, OLD.moderated_at, OLD.moderated_by, OLD.sealed, OLD.unsealed_because) IS DISTINCT FROM (NEW.moderator, NEW.moderated_judgement, NEW.moderated_rationale, NEW.moderated_at, NEW.moderated_by, NEW.sealed, NEW.unsealed_because)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a sealed judgement stands once it is recorded');

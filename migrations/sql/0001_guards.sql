-- What the database itself holds, whatever the service does: stamps, life cycles, the append-only
-- logs, who may touch which table, and row-level security on everything about a subject.

-- Roles. They are the cluster's: made when this owner may, accepted when they are there.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['qa_app', 'qa_read', 'qa_backup'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS', role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another migrator was quicker
        END;
    END LOOP;
END $$;

-- A gate names its closure audit and the audit its gate: one of the two keys must come last.
ALTER TABLE closure_gates ADD CONSTRAINT closure_gates_audit_id_fkey
    FOREIGN KEY (audit_id) REFERENCES audits (id);

-- Stamps: a changed row carries the transaction that changed it.
CREATE FUNCTION stamp_changed_xid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END $$;

-- Life cycles: the state that was left goes beside the new one, and the pair must be allowed.
CREATE FUNCTION keep_left_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.left_state := OLD.state;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are appended, never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- A published tool is asked as it stands, for ever.
CREATE FUNCTION refuse_change_of_published_tool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM audit_tools t
        WHERE t.id = coalesce(OLD.tool_id, NEW.tool_id) AND t.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'a published tool is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- A published quarter plan stands as it was published; a later version supersedes it.
CREATE FUNCTION refuse_change_of_published_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM quarter_plans p
        WHERE p.id = coalesce(OLD.plan_id, NEW.plan_id) AND p.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'a published plan is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- What the Board was shown, and what a service submitted, stays as it was.
CREATE FUNCTION refuse_change_of_presented_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.snapshot IS NOT NULL
       AND (NEW.snapshot, NEW.quarter, NEW.number, NEW.title, NEW.summary, NEW.presented_at)
           IS DISTINCT FROM
           (OLD.snapshot, OLD.quarter, OLD.number, OLD.title, OLD.summary, OLD.presented_at)
    THEN
        RAISE EXCEPTION 'a presented report is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_change_of_presented_report BEFORE UPDATE ON board_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_presented_report();

CREATE FUNCTION refuse_change_of_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.narrative, NEW.figures, NEW.submitted_at, NEW.submitted_by) IS DISTINCT FROM
       (OLD.narrative, OLD.figures, OLD.submitted_at, OLD.submitted_by)
       OR OLD.returned_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'a submission is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_change_of_submission BEFORE UPDATE ON qa_update_submissions
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_submission();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plan_themes', 'plan_teams', 'plan_auditors'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change_of_published_plan'
                       ' BEFORE INSERT OR UPDATE OR DELETE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_plan()', t);
    END LOOP;
    FOR t IN SELECT table_name FROM information_schema.columns
             WHERE table_schema = current_schema() AND column_name = 'changed_xid' LOOP
        EXECUTE format('CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid()', t);
    END LOOP;
    FOR t IN SELECT table_name FROM information_schema.columns
             WHERE table_schema = current_schema() AND column_name = 'left_state' LOOP
        EXECUTE format('CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON %I'
                       ' FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)'
                       ' EXECUTE FUNCTION keep_left_state()', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['events', 'access_log', 'event_seals', 'policy_versions',
                             'calendar_versions', 'conflicting_case_events'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['tool_domains', 'tool_questions'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change_of_published_tool'
                       ' BEFORE INSERT OR UPDATE OR DELETE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_tool()', t);
    END LOOP;
END $$;

-- Who may touch what. Nothing about a subject is deleted in place.
GRANT USAGE ON SCHEMA public TO qa_app, qa_read, qa_backup;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO qa_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO qa_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO qa_read, qa_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO qa_backup;
GRANT INSERT ON access_log TO qa_read;
REVOKE UPDATE ON events, access_log, event_seals, policy_versions, calendar_versions,
    conflicting_case_events, allowed_transitions, allowed_actions FROM qa_app;
REVOKE INSERT ON allowed_transitions, allowed_actions FROM qa_app;
-- What may be replaced while it is being written: drafts, dated relations, the calendar's index.
GRANT DELETE ON tool_domains, tool_questions, family_contact_attempts, calendar_days,
    team_services, team_memberships, supervisions, posts, absences, auditor_group_memberships,
    plan_themes, plan_teams, plan_auditors, idempotency_keys TO qa_app;
REVOKE SELECT ON webhook_endpoints FROM qa_read;
GRANT SELECT (id, system, url, event_types, parked_at, disabled_at, changed_xid, version)
    ON webhook_endpoints TO qa_read;

-- Row-level security: the second lock. The first is the explicit filter of every statement.
-- A statement without its context sees nothing. `qa.reach` is `service` for what the service does
-- on its own, `authority` for roles that reach the whole authority, `rows` for everybody else.
CREATE FUNCTION qa_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('qa.reach', true);
CREATE FUNCTION qa_teams() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(nullif(current_setting('qa.teams', true), ''), ',');
CREATE FUNCTION qa_worker() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('qa.worker', true), '');
CREATE FUNCTION qa_system() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('qa.system', true), '');
CREATE FUNCTION qa_principal() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('qa.principal', true), '')::uuid;
CREATE FUNCTION qa_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('qa.now', true), '')::timestamptz;

-- What needs a look at another table is asked last and by a function: a sub-query would be set up
-- with every statement, once for each table it names, asked or not. Half of a read's time went there.
CREATE FUNCTION qa_granted(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM restriction_grants g WHERE g.subject_id = subject
                   AND g.principal_id = qa_principal() AND g.expires_at > qa_now());
END $$;
-- The audits before the caller in open moderation samples (R4.5.2), looked up once in a statement.
CREATE FUNCTION qa_moderated() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN ARRAY(SELECT o.audit_id FROM moderation_outcomes o
                 JOIN moderation_samples s ON s.id = o.sample_id
                 WHERE o.moderator = qa_worker() AND s.state = 'open');
END $$;
CREATE FUNCTION qa_audits(audit uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audits a WHERE a.id = audit AND a.auditor = qa_worker());
END $$;
CREATE FUNCTION qa_audits_subject(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audits a WHERE a.subject_id = subject
                   AND (a.auditor = qa_worker() OR a.id = ANY ((SELECT qa_moderated())::uuid[])));
END $$;
CREATE FUNCTION qa_sends_for(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM subjects s WHERE s.id = subject AND s.system = qa_system());
END $$;

-- Whoever is asked about an escalation sees who else is, and whom it is about, although the case
-- may be another team's by now. As its owner, since the recipients' own policy asks it too.
CREATE FUNCTION qa_is_asked(escalation uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN EXISTS (SELECT FROM escalation_recipients r WHERE r.escalation_id = escalation
                   AND (r.recipient = qa_worker() OR r.for_team = ANY (qa_teams())));
END $$;
CREATE FUNCTION qa_is_asked_about(subject uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN EXISTS (SELECT FROM escalation_recipients r WHERE r.subject_id = subject
                   AND (r.recipient = qa_worker() OR r.for_team = ANY (qa_teams())));
END $$;

DO $$
DECLARE
    -- As a CASE, because the planner takes a bare OR of these for a filter that hardly anything
    -- passes, and then sorts a whole team's rows where it could walk an index for the first page.
    holds CONSTANT text := 'CASE WHEN qa_reach() IN (''service'', ''authority'') THEN true'
        ' ELSE team = ANY (qa_teams()) OR worker = qa_worker()';
    unrestricted CONSTANT text := 'NOT restricted OR qa_reach() = ''service'' OR qa_granted(%I)';
    own_system CONSTANT text := ' OR qa_sends_for(subject_id)';
    moderated CONSTANT text := ' OR %s = ANY ((SELECT qa_moderated())::uuid[])';
    own_audit CONSTANT text := ' OR qa_audits(audit_id)' || format(moderated, 'audit_id');
    also jsonb := jsonb_build_object(
        'audits', ' OR auditor = qa_worker()' || format(moderated, 'id'),
        'subjects', ' OR system = qa_system() OR qa_audits_subject(id)'
                    ' OR qa_is_asked_about(id)',
        'audit_answers', own_audit, 'domain_judgements', own_audit, 'family_contacts', own_audit,
        'family_contact_attempts', own_audit, 'worker_views', own_audit, 'audit_revisions', own_audit,
        'urgent_findings', own_audit, 'audit_responses', own_audit,
        'restorative_actions', own_audit || ' OR owner = qa_worker()',
        'response_rounds', ' OR reviewer = qa_worker() OR EXISTS (SELECT FROM'
                           ' audit_responses r WHERE r.id = response_rounds.response_id)',
        'response_items', ' OR EXISTS (SELECT FROM response_rounds r'
                          ' WHERE r.id = response_items.round_id)',
        'notifications', own_system,
        'escalations', ' OR qa_is_asked(id)',
        'escalation_recipients', ' OR qa_is_asked(escalation_id)',
        'closure_gates', ' OR system = qa_system()',
        'moderation_members', '',
        'moderation_outcomes', ' OR moderator = qa_worker() OR auditor = qa_worker()',
        'redactions', '',
        'learning_actions', ' OR owner = qa_worker() OR set_by = qa_worker()',
        'alerts', ' OR recipient = qa_worker()');
    -- The case system made these records and must always be told whether its case may close.
    senders jsonb := '{"subjects": " OR system = qa_system()",
                       "closure_gates": " OR system = qa_system()"}'
        || jsonb_build_object('notifications', own_system);
    t text;
    key text;
BEGIN
    FOR t IN SELECT jsonb_object_keys(also) LOOP
        key := CASE t WHEN 'subjects' THEN 'id' ELSE 'subject_id' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY held ON %I TO qa_app, qa_read USING (%s)',
                       t, holds || (also ->> t) || ' END');
        EXECUTE format('CREATE POLICY unrestricted ON %I AS RESTRICTIVE TO qa_app, qa_read USING (%s)',
                       t, format(unrestricted, key) || coalesce(senders ->> t, ''));
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['case_events', 'conflicting_case_events', 'case_event_outcomes',
                             'subject_aliases', 'plan_case_lists'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
END $$;

-- What is recorded about a worker's practice is for them, who observed them, who leads them now or
-- led them then, and the whole authority's roles.
CREATE FUNCTION qa_leads(code text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM team_memberships m
                   WHERE m.worker = code AND m.team = ANY (qa_teams())
                   AND m.valid @> (qa_now() AT TIME ZONE 'Europe/London')::date);
END $$;
CREATE POLICY held ON practice_observations TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority') OR team = ANY (qa_teams())
           OR worker = qa_worker() OR observer = qa_worker() OR qa_leads(worker));
CREATE POLICY held ON observation_corrections TO qa_app, qa_read
    USING (EXISTS (SELECT FROM practice_observations o WHERE o.id = observation_id));
CREATE POLICY held ON observation_exemptions TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority') OR worker = qa_worker() OR qa_leads(worker));
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['practice_observations', 'observation_corrections',
                             'observation_exemptions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
END $$;

CREATE POLICY held ON case_events TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority') OR system = qa_system());
CREATE POLICY held ON conflicting_case_events TO qa_app, qa_read
    USING (EXISTS (SELECT FROM case_events e WHERE e.id = case_event_id));
CREATE POLICY held ON case_event_outcomes TO qa_app, qa_read
    USING (EXISTS (SELECT FROM case_events e WHERE e.id = case_event_id));
-- Children's references that Quality & Standards posted, before any of them has an audit.
CREATE POLICY held ON plan_case_lists TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority'));
-- A reference tells nothing unless its subject may be seen.
CREATE POLICY held ON subject_aliases TO qa_app, qa_read
    USING (qa_reach() = 'service' OR system = qa_system()
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));

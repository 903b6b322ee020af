-- A conversation on the record (X8). A comment has no readers of its own: it is a row for whoever what
-- it is about is one for, and an addressed one for those in the conversation alone.
GRANT SELECT, INSERT, UPDATE ON comments, comment_addressees TO qa_app;
GRANT SELECT ON comments, comment_addressees TO qa_read, qa_backup;

-- Whether the conversation may go on: what it is about is open. As the tables' owner, for who comments
-- on an action may not see its audit; it tells nothing else.
CREATE FUNCTION qa_is_open_to_comments(kind text, audit uuid, response uuid, action uuid,
                                       escalation uuid, outcome uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce(CASE kind
        WHEN 'audit_response' THEN
            (SELECT r.state <> 'adequate' FROM audit_responses r WHERE r.id = response)
        WHEN 'restorative_action' THEN
            (SELECT a.state NOT IN ('verified', 'cancelled') FROM restorative_actions a
             WHERE a.id = action)
        WHEN 'escalation' THEN
            (SELECT e.state <> 'resolved' FROM escalations e WHERE e.id = escalation)
        WHEN 'moderation_outcome' THEN
            (SELECT s.state <> 'closed' FROM moderation_outcomes o
             JOIN moderation_samples s ON s.id = o.sample_id WHERE o.id = outcome)
        ELSE (SELECT a.state NOT IN ('closed', 'cancelled') FROM audits a WHERE a.id = audit)
        END, false);
END $$;

-- Whether the caller's own view of the thing has a row: what they may not see says nothing.
CREATE FUNCTION qa_sees_commented(kind text, audit uuid, response uuid, action uuid,
                                  escalation uuid, outcome uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE kind
        WHEN 'audit_response' THEN EXISTS (SELECT FROM audit_responses r WHERE r.id = response)
        WHEN 'restorative_action' THEN
            EXISTS (SELECT FROM restorative_actions a WHERE a.id = action)
        WHEN 'escalation' THEN EXISTS (SELECT FROM escalations e WHERE e.id = escalation)
        WHEN 'moderation_outcome' THEN
            EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = outcome)
        ELSE EXISTS (SELECT FROM audits a WHERE a.id = audit) END;
END $$;

-- Whether the caller began a conversation or is asked in it. As the tables' owner, since the policy of
-- the comments asks it.
CREATE FUNCTION qa_is_in_conversation(first uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM comments c WHERE c.id = first AND c.written_by = qa_worker())
        OR EXISTS (SELECT FROM comment_addressees a
                   WHERE a.comment_id = first AND a.addressee = qa_worker());
END $$;

-- Quality & Standards read addressed conversations; reporting counts them, and has no text of them.
CREATE FUNCTION qa_reads_every_conversation() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN qa_reach() = 'service' OR EXISTS (
        SELECT FROM role_assignments r WHERE r.principal_id = qa_principal()
        AND r.role IN ('quality_standards', 'reporting')
        AND r.valid @> (qa_now() AT TIME ZONE 'Europe/London')::date);
END $$;

REVOKE ALL ON FUNCTION
    qa_is_open_to_comments(text, uuid, uuid, uuid, uuid, uuid),
    qa_sees_commented(text, uuid, uuid, uuid, uuid, uuid),
    qa_is_in_conversation(uuid), qa_reads_every_conversation() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    qa_is_open_to_comments(text, uuid, uuid, uuid, uuid, uuid),
    qa_sees_commented(text, uuid, uuid, uuid, uuid, uuid),
    qa_is_in_conversation(uuid), qa_reads_every_conversation() TO qa_app, qa_read;

ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON comments TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') THEN true
           ELSE qa_sees_commented(kind, audit_id, response_id, action_id, escalation_id, outcome_id)
           END);
CREATE POLICY unrestricted ON comments AS RESTRICTIVE TO qa_app, qa_read
    USING (NOT restricted OR qa_reach() = 'service' OR qa_granted(subject_id));
-- What was released stands in the record, for whoever reads that.
CREATE POLICY addressed ON comments AS RESTRICTIVE TO qa_app, qa_read
    USING (NOT addressed OR released_at IS NOT NULL OR (SELECT qa_reads_every_conversation())
           OR written_by = qa_worker() OR qa_is_in_conversation(coalesce(reply_to, id)));
CREATE POLICY sealed ON comments AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (NOT qa_is_sealed(audit_id));
CREATE POLICY backup ON comments TO qa_backup USING (true);
ALTER TABLE comment_addressees ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON comment_addressees TO qa_app, qa_read
    USING (qa_reach() = 'service' OR EXISTS (SELECT FROM comments c WHERE c.id = comment_id));
CREATE POLICY backup ON comment_addressees TO qa_backup USING (true);

CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON comments
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();

INSERT INTO retained_content (table_name, column_name, content_of, found_by, treatment)
VALUES ('comments', 'text', 'subject', 'subject_id', 'mark');

-- Datasets count what is said. A copy is told what leaves: with a restriction, and with its audit.
CREATE TRIGGER note_departure AFTER DELETE ON comments FOR EACH ROW WHEN (NOT OLD.restricted)
    EXECUTE FUNCTION note_departure('comments', 'id');
CREATE TRIGGER note_hiding AFTER UPDATE ON comments FOR EACH ROW
    WHEN (NOT OLD.restricted AND NEW.restricted) EXECUTE FUNCTION note_departure('comments', 'id');
CREATE OR REPLACE FUNCTION note_departures_of_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO dataset_departures (dataset, id, key, left_xid)
    SELECT part.dataset, part.id, part.key, stamp()
    FROM (
        SELECT 'audit-answers' AS dataset, dataset_id(audit_id::text, question_key) AS id,
               ARRAY[audit_id::text, question_key] AS key
        FROM audit_answers WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'audit-judgements', dataset_id(audit_id::text, domain_key),
               ARRAY[audit_id::text, domain_key]
        FROM domain_judgements WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'restorative-actions', id, ARRAY[id::text] FROM restorative_actions
        WHERE audit_id = NEW.id AND NOT restricted AND set_at IS NOT NULL
        UNION ALL
        SELECT 'audit-responses', id, ARRAY[id::text] FROM audit_responses
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'response-rounds', o.id, ARRAY[o.id::text]
        FROM response_rounds o JOIN audit_responses r ON r.id = o.response_id
        WHERE r.audit_id = NEW.id AND NOT o.restricted
        UNION ALL
        SELECT 'notifications', id, ARRAY[id::text] FROM notifications
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'moderation-outcomes', id, ARRAY[id::text] FROM moderation_outcomes
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'moderated-domains', dataset_id(outcome_id::text, domain_key),
               ARRAY[outcome_id::text, domain_key]
        FROM moderated_domains WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'learning-actions', l.id, ARRAY[l.id::text]
        FROM learning_actions l JOIN moderation_outcomes m ON m.id = l.outcome_id
        WHERE m.audit_id = NEW.id AND NOT l.restricted
        UNION ALL
        SELECT 'comments', id, ARRAY[id::text] FROM comments
        WHERE audit_id = NEW.id AND NOT restricted
    ) part
    ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
    RETURN NULL;
END $$;

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS closed_conversation ON comments;
CREATE OR REPLACE FUNCTION closed_conversation_of_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(qa_is_open_to_comments(one.kind, one.audit_id, one.response_id, one.action_id, one.escalation_id, one.outcome_id) AND (one.reply_to IS NULL OR EXISTS (SELECT FROM comments f WHERE f.id = one.reply_to AND f.reply_to IS NULL AND f.resolved_at IS NULL AND (f.kind, f.audit_id, f.question_key, f.response_id, f.action_id, f.escalation_id, f.outcome_id, f.addressed) IS NOT DISTINCT FROM (one.kind, one.audit_id, one.question_key, one.response_id, one.action_id, one.escalation_id, one.outcome_id, one.addressed))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a conversation goes on while what it is about is open, and is not resolved' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_conversation_of_comments() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_conversation AFTER INSERT ON comments REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION closed_conversation_of_comments();
DROP TRIGGER IF EXISTS begun_end ON comments;
CREATE TRIGGER begun_end BEFORE INSERT ON comments FOR EACH ROW
    WHEN ((num_nonnulls(NEW.resolved_at, NEW.resolved_by, NEW.released_at, NEW.released_by) > 0) AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a comment is written first, and resolved or released afterwards');
DROP TRIGGER IF EXISTS frozen_words ON comments;
CREATE TRIGGER frozen_words BEFORE UPDATE ON comments FOR EACH ROW
    WHEN ((OLD.kind, OLD.audit_id, OLD.question_key, OLD.response_id, OLD.action_id, OLD.escalation_id, OLD.outcome_id, OLD.reply_to, OLD.addressed, OLD.text, OLD.written_by, OLD.written_at) IS DISTINCT FROM (NEW.kind, NEW.audit_id, NEW.question_key, NEW.response_id, NEW.action_id, NEW.escalation_id, NEW.outcome_id, NEW.reply_to, NEW.addressed, NEW.text, NEW.written_by, NEW.written_at)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was said stands');
DROP TRIGGER IF EXISTS frozen_resolution ON comments;
CREATE TRIGGER frozen_resolution BEFORE UPDATE ON comments FOR EACH ROW
    WHEN (OLD.resolved_at IS NOT NULL
          AND (OLD.resolved_at, OLD.resolved_by) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a conversation that was resolved stays so');
DROP TRIGGER IF EXISTS frozen_lock ON comments;
CREATE OR REPLACE FUNCTION frozen_lock_of_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF qa_is_open_to_comments(NEW.kind, NEW.audit_id, NEW.response_id, NEW.action_id, NEW.escalation_id, NEW.outcome_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a conversation is locked with what it is about' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_lock_of_comments() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_lock BEFORE UPDATE ON comments FOR EACH ROW
    WHEN ((OLD.resolved_at, OLD.resolved_by) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_lock_of_comments();
DROP TRIGGER IF EXISTS frozen_release ON comments;
CREATE TRIGGER frozen_release BEFORE UPDATE ON comments FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL
          AND (OLD.released_at, OLD.released_by) IS DISTINCT FROM (NEW.released_at, NEW.released_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was released to the record stays there');
DROP TRIGGER IF EXISTS closed_address ON comment_addressees;
CREATE OR REPLACE FUNCTION closed_address_of_comment_addressees() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM comments c WHERE c.id = one.comment_id AND c.addressed AND c.reply_to IS NULL AND qa_written_now(c.xid)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'whom a comment asks is said with it' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_address_of_comment_addressees() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_address AFTER INSERT ON comment_addressees REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION closed_address_of_comment_addressees();
DROP TRIGGER IF EXISTS begun_answer ON comment_addressees;
CREATE TRIGGER begun_answer BEFORE INSERT ON comment_addressees FOR EACH ROW
    WHEN ((num_nonnulls(NEW.answered_at) > 0) AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION refuse_frozen('whoever is asked answers afterwards');
DROP TRIGGER IF EXISTS frozen_address ON comment_addressees;
CREATE TRIGGER frozen_address BEFORE UPDATE ON comment_addressees FOR EACH ROW
    WHEN ((OLD.comment_id, OLD.addressee) IS DISTINCT FROM (NEW.comment_id, NEW.addressee)
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION refuse_frozen('whom a comment asks stands');
DROP TRIGGER IF EXISTS frozen_answer ON comment_addressees;
CREATE TRIGGER frozen_answer BEFORE UPDATE ON comment_addressees FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL
          AND OLD.answered_at IS DISTINCT FROM NEW.answered_at
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION refuse_frozen('that somebody answered, and when, stands');
DROP TRIGGER IF EXISTS frozen_reply ON comment_addressees;
CREATE OR REPLACE FUNCTION frozen_reply_of_comment_addressees() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM comments r WHERE r.reply_to = NEW.comment_id AND r.written_by = NEW.addressee) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whoever is asked answers by a reply of their own' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_reply_of_comment_addressees() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_reply BEFORE UPDATE ON comment_addressees FOR EACH ROW
    WHEN (OLD.answered_at IS DISTINCT FROM NEW.answered_at
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION frozen_reply_of_comment_addressees();
DROP TRIGGER IF EXISTS frozen_restriction ON comments;
CREATE OR REPLACE FUNCTION frozen_restriction() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM subjects s WHERE s.id = NEW.subject_id AND s.restricted) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is about a restricted subject is restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_restriction() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON comments FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS closed_subject ON comments;
CREATE OR REPLACE FUNCTION closed_subject_of_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_comments() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON comments REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION closed_subject_of_comments();
DROP TRIGGER IF EXISTS frozen_subject ON comments;
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
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER IF EXISTS frozen_holder ON comments;
CREATE OR REPLACE FUNCTION frozen_holder_of_comments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM comments r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id AND (s.merged_into_id IS NOT NULL OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a record is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_comments() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_holder_of_comments();
DROP TRIGGER IF EXISTS begun_witness ON comments;
CREATE TRIGGER begun_witness BEFORE INSERT ON comments FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON comments;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON comments FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');

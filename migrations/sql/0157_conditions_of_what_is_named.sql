-- A trigger's condition is read anew by each statement that updates its table: of twenty triggers on a table
-- that took a tenth to a third of what an update costs. PostgreSQL asks first whether the statement names one
-- of the trigger's columns, where it has some. So whatever holds columns, and whatever counts or tells what
-- became of them, says which they are. All of these conditions are false where no such column changes, and no
-- trigger changes a column that another of them is about.
DO $$
DECLARE
    one record;
    named text;
BEGIN
    FOR one IN
        SELECT t.tgname, t.tgrelid::regclass::text AS relation, pg_get_triggerdef(t.oid) AS made
        FROM pg_trigger t
        WHERE NOT t.tgisinternal AND cardinality(t.tgattr::int2[]) = 0
          AND pg_get_triggerdef(t.oid) ~ ' UPDATE ON '
          AND pg_get_triggerdef(t.oid) !~ ' OR UPDATE | UPDATE OR '
          AND t.tgname IN ('count_changed', 'count_what_hangs_on_it', 'note_hiding')
        ORDER BY 2, 1
    LOOP
        SELECT string_agg(found.name, ', ' ORDER BY found.place) INTO STRICT named FROM (
            SELECT m.match[1] AS name, min(m.place) AS place
            FROM regexp_matches(one.made, 'new\.(\w+)', 'g') WITH ORDINALITY AS m (match, place)
            GROUP BY 1
        ) found;
        EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.relation);
        EXECUTE replace(one.made, ' UPDATE ON ', ' UPDATE OF ' || named || ' ON ');
    END LOOP;
END $$;

DROP TRIGGER frozen_judgement ON audits;
CREATE TRIGGER frozen_judgement BEFORE UPDATE OF overall_judgement, overall_rationale, positive_feedback, paper_records_read, revision ON audits FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.overall_judgement, OLD.overall_rationale, OLD.positive_feedback, OLD.paper_records_read, OLD.revision) IS DISTINCT FROM (NEW.overall_judgement, NEW.overall_rationale, NEW.positive_feedback, NEW.paper_records_read, NEW.revision)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_judgement_of_audits();
DROP TRIGGER frozen_completion ON audits;
CREATE TRIGGER frozen_completion BEFORE UPDATE OF type, tool_id, overall_asked, scale_code, scale_number, re_audit_of, opened_by, plan_id, plan_team, theme_code, policy_version, auditor, auditor_team, conflict_override_reason, audited_worker, audited_team, audited_team_manager, audited_head_of_service, planned_at, started_at, completed_at, completed_on ON audits FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.type, OLD.tool_id, OLD.overall_asked, OLD.scale_code, OLD.scale_number, OLD.re_audit_of, OLD.opened_by, OLD.plan_id, OLD.plan_team, OLD.theme_code, OLD.policy_version, OLD.auditor, OLD.auditor_team, OLD.conflict_override_reason, OLD.audited_worker, OLD.audited_team, OLD.audited_team_manager, OLD.audited_head_of_service, OLD.planned_at, OLD.started_at, OLD.completed_at, OLD.completed_on) IS DISTINCT FROM (NEW.type, NEW.tool_id, NEW.overall_asked, NEW.scale_code, NEW.scale_number, NEW.re_audit_of, NEW.opened_by, NEW.plan_id, NEW.plan_team, NEW.theme_code, NEW.policy_version, NEW.auditor, NEW.auditor_team, NEW.conflict_override_reason, NEW.audited_worker, NEW.audited_team, NEW.audited_team_manager, NEW.audited_head_of_service, NEW.planned_at, NEW.started_at, NEW.completed_at, NEW.completed_on)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('who audited what, by which tool and when, stands once the audit is completed');
DROP TRIGGER frozen_error ON audits;
CREATE TRIGGER frozen_error BEFORE UPDATE OF error_reason, error_reported_by, error_confirmed_by, recorded_in_error_at ON audits FOR EACH ROW
    WHEN (OLD.recorded_in_error_at IS NOT NULL
          AND (OLD.error_reason, OLD.error_reported_by, OLD.error_confirmed_by, OLD.recorded_in_error_at) IS DISTINCT FROM (NEW.error_reason, NEW.error_reported_by, NEW.error_confirmed_by, NEW.recorded_in_error_at)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error that two people found is not undone');
DROP TRIGGER frozen_gate ON audits;
CREATE TRIGGER frozen_gate BEFORE UPDATE OF gate_id ON audits FOR EACH ROW
    WHEN (OLD.gate_id IS DISTINCT FROM NEW.gate_id
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit stays with the gate that asked for it');
DROP TRIGGER frozen_holder ON audits;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_holder_of_audits();
DROP TRIGGER frozen_due_date ON audits;
CREATE CONSTRAINT TRIGGER frozen_due_date AFTER UPDATE OF due_on ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_due_date_of_audits();
DROP TRIGGER frozen_cancellation ON audits;
CREATE TRIGGER frozen_cancellation BEFORE UPDATE OF cancelled_at, cancel_reason ON audits FOR EACH ROW
    WHEN (OLD.state = 'cancelled'
          AND (OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit that was cancelled says why');
DROP TRIGGER frozen_day_of_completion ON audits;
CREATE TRIGGER frozen_day_of_completion BEFORE UPDATE OF completed_at, completed_on ON audits FOR EACH ROW
    WHEN (NEW.state IN ('completed', 'closed')
          AND (OLD.completed_at, OLD.completed_on) IS DISTINCT FROM (NEW.completed_at, NEW.completed_on)
          AND (NEW.completed_on = (NEW.completed_at AT TIME ZONE 'Europe/London')::date) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit is completed on the day that it is in London');
DROP TRIGGER frozen_day_of_error ON audits;
CREATE TRIGGER frozen_day_of_error BEFORE UPDATE OF recorded_in_error_at ON audits FOR EACH ROW
    WHEN (NEW.recorded_in_error_at IS NOT NULL
          AND OLD.recorded_in_error_at IS DISTINCT FROM NEW.recorded_in_error_at
          AND (NEW.recorded_in_error_at >= NEW.completed_at) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error is found of an audit that is completed, and after it was');
DROP TRIGGER frozen_report_of_error ON audits;
CREATE TRIGGER frozen_report_of_error BEFORE UPDATE OF error_confirmed_by ON audits FOR EACH ROW
    WHEN (OLD.error_confirmed_by IS DISTINCT FROM NEW.error_confirmed_by
          AND (NEW.error_confirmed_by IS NULL OR OLD.error_reported_by = NEW.error_reported_by) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error is reported before another person confirms it');
DROP TRIGGER frozen_content ON audit_answers;
CREATE TRIGGER frozen_content BEFORE UPDATE OF value, evidence, rationale, comment, done_on, expected_by, answered_at, left_out ON audit_answers FOR EACH ROW
    WHEN ((OLD.value, OLD.evidence, OLD.rationale, OLD.comment, OLD.done_on, OLD.expected_by, OLD.answered_at, OLD.left_out) IS DISTINCT FROM (NEW.value, NEW.evidence, NEW.rationale, NEW.comment, NEW.done_on, NEW.expected_by, NEW.answered_at, NEW.left_out)
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_content_of_audit_answers();
DROP TRIGGER frozen_place ON audit_answers;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id, question_key, tool_id ON audit_answers FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.question_key, OLD.tool_id) IS DISTINCT FROM (NEW.audit_id, NEW.question_key, NEW.tool_id)
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION refuse_frozen('an answer stays with its audit and its question');
DROP TRIGGER frozen_content ON domain_judgements;
CREATE TRIGGER frozen_content BEFORE UPDATE OF tool_id, scale_code, scale_number, judgement, rationale ON domain_judgements FOR EACH ROW
    WHEN ((OLD.tool_id, OLD.scale_code, OLD.scale_number, OLD.judgement, OLD.rationale) IS DISTINCT FROM (NEW.tool_id, NEW.scale_code, NEW.scale_number, NEW.judgement, NEW.rationale)
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_content_of_domain_judgements();
DROP TRIGGER frozen_place ON domain_judgements;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id, domain_key ON domain_judgements FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.domain_key) IS DISTINCT FROM (NEW.audit_id, NEW.domain_key)
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION refuse_frozen('a judgement stays with its audit and its domain');
DROP TRIGGER frozen_content ON family_contacts;
CREATE TRIGGER frozen_content BEFORE UPDATE OF expected, not_expected_reason, key_worker_forewarned, contact_details_checked ON family_contacts FOR EACH ROW
    WHEN ((OLD.expected, OLD.not_expected_reason, OLD.key_worker_forewarned, OLD.contact_details_checked) IS DISTINCT FROM (NEW.expected, NEW.not_expected_reason, NEW.key_worker_forewarned, NEW.contact_details_checked)
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_content_of_family_contacts();
DROP TRIGGER frozen_place ON family_contacts;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id ON family_contacts FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION refuse_frozen('a contact stays with its audit');
DROP TRIGGER frozen_content ON family_contact_attempts;
CREATE TRIGGER frozen_content BEFORE UPDATE OF who, how, at, outcome, feedback ON family_contact_attempts FOR EACH ROW
    WHEN ((OLD.who, OLD.how, OLD.at, OLD.outcome, OLD.feedback) IS DISTINCT FROM (NEW.who, NEW.how, NEW.at, NEW.outcome, NEW.feedback)
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_content_of_family_contact_attempts();
DROP TRIGGER frozen_place ON family_contact_attempts;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id, number ON family_contact_attempts FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.number) IS DISTINCT FROM (NEW.audit_id, NEW.number)
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION refuse_frozen('a contact stays with its audit');
DROP TRIGGER frozen_content ON worker_views;
CREATE TRIGGER frozen_content BEFORE UPDATE OF view, recorded_at ON worker_views FOR EACH ROW
    WHEN ((OLD.view, OLD.recorded_at) IS DISTINCT FROM (NEW.view, NEW.recorded_at)
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_content_of_worker_views();
DROP TRIGGER frozen_place ON worker_views;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id ON worker_views FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION refuse_frozen('a view stays with its audit');
DROP TRIGGER frozen_content ON own_views;
CREATE TRIGGER frozen_content BEFORE UPDATE OF view, written_at ON own_views FOR EACH ROW
    WHEN ((OLD.view, OLD.written_at) IS DISTINCT FROM (NEW.view, NEW.written_at)
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_content_of_own_views();
DROP TRIGGER frozen_place ON own_views;
CREATE TRIGGER frozen_place BEFORE UPDATE OF audit_id, written_by ON own_views FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.written_by) IS DISTINCT FROM (NEW.audit_id, NEW.written_by)
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION refuse_frozen('a view stays with its audit and worker');
DROP TRIGGER frozen_content ON audit_revisions;
CREATE TRIGGER frozen_content BEFORE UPDATE OF audit_id, number, reason, replaced_at, replaced_by, content ON audit_revisions FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.number, OLD.reason, OLD.replaced_at, OLD.replaced_by, OLD.content) IS DISTINCT FROM (NEW.audit_id, NEW.number, NEW.reason, NEW.replaced_at, NEW.replaced_by, NEW.content)
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a revision keeps what the audit said');
DROP TRIGGER frozen_content ON urgent_findings;
CREATE TRIGGER frozen_content BEFORE UPDATE OF audit_id, kind, description, child_safe_now, raised_at ON urgent_findings FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.kind, OLD.description, OLD.child_safe_now, OLD.raised_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.description, NEW.child_safe_now, NEW.raised_at)
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION refuse_frozen('an urgent finding stands as it was raised');
DROP TRIGGER frozen_audit ON audit_responses;
CREATE TRIGGER frozen_audit BEFORE UPDATE OF audit_id ON audit_responses FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a response stays with its audit');
DROP TRIGGER frozen_notification ON audit_responses;
CREATE TRIGGER frozen_notification BEFORE UPDATE OF notified_at, policy_version ON audit_responses FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND (OLD.notified_at, OLD.policy_version) IS DISTINCT FROM (NEW.notified_at, NEW.policy_version)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('when the worker was notified stands, and the clock that began then');
DROP TRIGGER frozen_due_date ON audit_responses;
CREATE TRIGGER frozen_due_date BEFORE UPDATE OF due_on, due_on_before ON audit_responses FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND (OLD.due_on, OLD.due_on_before) IS DISTINCT FROM (NEW.due_on, NEW.due_on_before)
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version AND NEW.due_on_before = coalesce(OLD.due_on_before, OLD.due_on)) IS NOT TRUE
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER frozen_submission ON audit_responses;
CREATE TRIGGER frozen_submission BEFORE UPDATE OF first_submitted_at, first_submitted_on ON audit_responses FOR EACH ROW
    WHEN (OLD.first_submitted_at IS NOT NULL
          AND (OLD.first_submitted_at, OLD.first_submitted_on) IS DISTINCT FROM (NEW.first_submitted_at, NEW.first_submitted_on)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER frozen_adequacy ON audit_responses;
CREATE TRIGGER frozen_adequacy BEFORE UPDATE OF adequate_at, adequate_submitted_on ON audit_responses FOR EACH ROW
    WHEN (OLD.adequate_at IS NOT NULL
          AND (OLD.adequate_at, OLD.adequate_submitted_on) IS DISTINCT FROM (NEW.adequate_at, NEW.adequate_submitted_on)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a response that was found adequate stays so');
DROP TRIGGER frozen_place ON response_rounds;
CREATE TRIGGER frozen_place BEFORE UPDATE OF response_id, number ON response_rounds FOR EACH ROW
    WHEN ((OLD.response_id, OLD.number) IS DISTINCT FROM (NEW.response_id, NEW.number)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a round stays with its response');
DROP TRIGGER frozen_submission ON response_rounds;
CREATE TRIGGER frozen_submission BEFORE UPDATE OF submitted_at, submitted_by, on_behalf, on_behalf_of ON response_rounds FOR EACH ROW
    WHEN (OLD.submitted_at IS NOT NULL
          AND (OLD.submitted_at, OLD.submitted_by, OLD.on_behalf, OLD.on_behalf_of) IS DISTINCT FROM (NEW.submitted_at, NEW.submitted_by, NEW.on_behalf, NEW.on_behalf_of)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER frozen_review ON response_rounds;
CREATE TRIGGER frozen_review BEFORE UPDATE OF outcome, reasons, reviewed_at, reviewed_by, reviewed_as ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL
          AND (OLD.outcome, OLD.reasons, OLD.reviewed_at, OLD.reviewed_by, OLD.reviewed_as) IS DISTINCT FROM (NEW.outcome, NEW.reasons, NEW.reviewed_at, NEW.reviewed_by, NEW.reviewed_as)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('the outcome of a review stands; a return opens a further round');
DROP TRIGGER frozen_asked ON response_rounds;
CREATE TRIGGER frozen_asked BEFORE UPDATE OF reviewer, reviewer_acts_as, asked_before ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL
          AND (OLD.reviewer, OLD.reviewer_acts_as, OLD.asked_before) IS DISTINCT FROM (NEW.reviewer, NEW.reviewer_acts_as, NEW.asked_before)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('who was asked to review a round stands once it is reviewed');
DROP TRIGGER frozen_explanation ON audit_responses;
CREATE TRIGGER frozen_explanation BEFORE UPDATE OF explanation ON audit_responses FOR EACH ROW
    WHEN (OLD.adequate_at IS NOT NULL AND OLD.due_on IS NOT NULL
          AND OLD.explanation IS DISTINCT FROM NEW.explanation
          AND ((NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int OR (OLD.explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER frozen_explanation ON response_rounds;
CREATE TRIGGER frozen_explanation BEFORE UPDATE OF explanation ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL AND OLD.due_on IS NOT NULL
          AND OLD.explanation IS DISTINCT FROM NEW.explanation
          AND ((NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int OR (OLD.explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER frozen_review_explanation ON response_rounds;
CREATE TRIGGER frozen_review_explanation BEFORE UPDATE OF review_explanation ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL AND OLD.review_due_on IS NOT NULL
          AND OLD.review_explanation IS DISTINCT FROM NEW.review_explanation
          AND ((NEW.review_explanation ->> 'calendar_version')::int > (OLD.review_explanation ->> 'calendar_version')::int OR (OLD.review_explanation #- '{facts,withdrawn_since}') - 'steps' = (NEW.review_explanation #- '{facts,withdrawn_since}') - 'steps' AND jsonb_path_query_array(OLD.review_explanation, '$.steps[*].date') = jsonb_path_query_array(NEW.review_explanation, '$.steps[*].date')) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('by which words a day was counted stands; a newer calendar alone counts it again');
DROP TRIGGER frozen_due_date ON response_rounds;
CREATE TRIGGER frozen_due_date BEFORE UPDATE OF due_on ON response_rounds FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND (NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER frozen_review_date ON response_rounds;
CREATE TRIGGER frozen_review_date BEFORE UPDATE OF review_due_on ON response_rounds FOR EACH ROW
    WHEN (OLD.review_due_on IS NOT NULL
          AND OLD.review_due_on IS DISTINCT FROM NEW.review_due_on
          AND (NEW.review_due_on > OLD.review_due_on AND (NEW.review_explanation ->> 'calendar_version')::int > (OLD.review_explanation ->> 'calendar_version')::int) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER frozen_content ON response_items;
CREATE TRIGGER frozen_content BEFORE UPDATE OF round_id, action_id, how, done_on, finish_on, reason_not_immediate ON response_items FOR EACH ROW
    WHEN ((OLD.round_id, OLD.action_id, OLD.how, OLD.done_on, OLD.finish_on, OLD.reason_not_immediate) IS DISTINCT FROM (NEW.round_id, NEW.action_id, NEW.how, NEW.done_on, NEW.finish_on, NEW.reason_not_immediate)
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER frozen_message ON notifications;
CREATE TRIGGER frozen_message BEFORE UPDATE OF audit_id, kind, queued_at ON notifications FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.kind, OLD.queued_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.queued_at)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION refuse_frozen('a notification is of one audit, and says one thing of it');
DROP TRIGGER frozen_delivery ON notifications;
CREATE TRIGGER frozen_delivery BEFORE UPDATE OF notified_at, delivered_by, delivered_how ON notifications FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND (OLD.notified_at, OLD.delivered_by, OLD.delivered_how) IS DISTINCT FROM (NEW.notified_at, NEW.delivered_by, NEW.delivered_how)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION refuse_frozen('when and how the worker was told stands');
DROP TRIGGER frozen_content ON restorative_actions;
CREATE TRIGGER frozen_content BEFORE UPDATE OF audit_id, kind, description, needed_before_closure, set_at ON restorative_actions FOR EACH ROW
    WHEN (OLD.set_at IS NOT NULL
          AND (OLD.audit_id, OLD.kind, OLD.description, OLD.needed_before_closure, OLD.set_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.description, NEW.needed_before_closure, NEW.set_at)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action stands as it was set by the completion of its audit');
DROP TRIGGER frozen_promise ON restorative_actions;
CREATE TRIGGER frozen_promise BEFORE UPDATE OF first_promised_on ON restorative_actions FOR EACH ROW
    WHEN (OLD.first_promised_on IS NOT NULL
          AND OLD.first_promised_on IS DISTINCT FROM NEW.first_promised_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('the date promised first is kept, wherever it has moved since');
DROP TRIGGER frozen_verification ON restorative_actions;
CREATE TRIGGER frozen_verification BEFORE UPDATE OF done_by, done_reported_by, verified_at, verified_by, made_a_difference, verification_note ON restorative_actions FOR EACH ROW
    WHEN (OLD.verified_at IS NOT NULL
          AND (OLD.done_by, OLD.done_reported_by, OLD.verified_at, OLD.verified_by, OLD.made_a_difference, OLD.verification_note) IS DISTINCT FROM (NEW.done_by, NEW.done_reported_by, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.verification_note)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was seen done stands');
DROP TRIGGER frozen_cancellation ON restorative_actions;
CREATE TRIGGER frozen_cancellation BEFORE UPDATE OF cancelled_at, cancel_reason ON restorative_actions FOR EACH ROW
    WHEN (OLD.cancelled_at IS NOT NULL
          AND (OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action that was cancelled says why');
DROP TRIGGER frozen_end ON restorative_actions;
CREATE TRIGGER frozen_end BEFORE UPDATE OF owner, reassigned_at, reassigned_by, reassigned_because, how, planned_at, missed_on, not_achieved_reason ON restorative_actions FOR EACH ROW
    WHEN (OLD.state IN ('verified', 'cancelled')
          AND (OLD.owner, OLD.reassigned_at, OLD.reassigned_by, OLD.reassigned_because, OLD.how, OLD.planned_at, OLD.missed_on, OLD.not_achieved_reason) IS DISTINCT FROM (NEW.owner, NEW.reassigned_at, NEW.reassigned_by, NEW.reassigned_because, NEW.how, NEW.planned_at, NEW.missed_on, NEW.not_achieved_reason)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose a settled action was, and what was said of it, stands');
DROP TRIGGER frozen_content ON action_date_changes;
CREATE TRIGGER frozen_content BEFORE UPDATE OF action_id, number, which, was, became, reason, changed_at, changed_by ON action_date_changes FOR EACH ROW
    WHEN ((OLD.action_id, OLD.number, OLD.which, OLD.was, OLD.became, OLD.reason, OLD.changed_at, OLD.changed_by) IS DISTINCT FROM (NEW.action_id, NEW.number, NEW.which, NEW.was, NEW.became, NEW.reason, NEW.changed_at, NEW.changed_by)
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a date that was promised is kept');
DROP TRIGGER frozen_cause ON escalations;
CREATE TRIGGER frozen_cause BEFORE UPDATE OF trigger, audit_id, finding_id, gate_id, raised_at, policy_version ON escalations FOR EACH ROW
    WHEN ((OLD.trigger, OLD.audit_id, OLD.finding_id, OLD.gate_id, OLD.raised_at, OLD.policy_version) IS DISTINCT FROM (NEW.trigger, NEW.audit_id, NEW.finding_id, NEW.gate_id, NEW.raised_at, NEW.policy_version)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was escalated, and when, stands');
DROP TRIGGER frozen_deadline ON escalations;
CREATE TRIGGER frozen_deadline BEFORE UPDATE OF acknowledge_by, inform_by ON escalations FOR EACH ROW
    WHEN (OLD.acknowledge_by IS NOT NULL AND OLD.inform_by IS NOT NULL
          AND (OLD.acknowledge_by, OLD.inform_by) IS DISTINCT FROM (NEW.acknowledge_by, NEW.inform_by)
          AND (NEW.acknowledge_by >= OLD.acknowledge_by AND NEW.inform_by >= OLD.inform_by AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER frozen_arrival ON escalations;
CREATE TRIGGER frozen_arrival BEFORE UPDATE OF notified_at ON escalations FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND OLD.notified_at IS DISTINCT FROM NEW.notified_at
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('that the message arrived, and when, stands');
DROP TRIGGER frozen_acknowledgement ON escalations;
CREATE TRIGGER frozen_acknowledgement BEFORE UPDATE OF acknowledged_at ON escalations FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL
          AND OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was acknowledged, and when, stands');
DROP TRIGGER frozen_second_hop ON escalations;
CREATE TRIGGER frozen_second_hop BEFORE UPDATE OF quality_standards_informed_at, informed_by, actions_to_be_taken ON escalations FOR EACH ROW
    WHEN (OLD.quality_standards_informed_at IS NOT NULL
          AND (OLD.quality_standards_informed_at, OLD.informed_by, OLD.actions_to_be_taken) IS DISTINCT FROM (NEW.quality_standards_informed_at, NEW.informed_by, NEW.actions_to_be_taken)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('what Quality & Standards were told, when and by whom stands');
DROP TRIGGER frozen_resolution ON escalations;
CREATE TRIGGER frozen_resolution BEFORE UPDATE OF resolved_at, resolved_by, resolution ON escalations FOR EACH ROW
    WHEN (OLD.resolved_at IS NOT NULL
          AND (OLD.resolved_at, OLD.resolved_by, OLD.resolution) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by, NEW.resolution)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('how an escalation was resolved stands');
DROP TRIGGER frozen_dispute ON escalations;
CREATE TRIGGER frozen_dispute BEFORE UPDATE OF disputed, disputed_at, disputed_by, dispute_reason ON escalations FOR EACH ROW
    WHEN (OLD.disputed
          AND (OLD.disputed, OLD.disputed_at, OLD.disputed_by, OLD.dispute_reason) IS DISTINCT FROM (NEW.disputed, NEW.disputed_at, NEW.disputed_by, NEW.dispute_reason)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a dispute stays beside the escalation');
DROP TRIGGER frozen_address ON escalation_recipients;
CREATE TRIGGER frozen_address BEFORE UPDATE OF escalation_id, recipient, acts_as, for_team, notified_at ON escalation_recipients FOR EACH ROW
    WHEN ((OLD.escalation_id, OLD.recipient, OLD.acts_as, OLD.for_team, OLD.notified_at) IS DISTINCT FROM (NEW.escalation_id, NEW.recipient, NEW.acts_as, NEW.for_team, NEW.notified_at)
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('who was told, for which team and when stands');
DROP TRIGGER frozen_replacement ON escalation_recipients;
CREATE TRIGGER frozen_replacement BEFORE UPDATE OF replaced_at ON escalation_recipients FOR EACH ROW
    WHEN (OLD.replaced_at IS NOT NULL
          AND OLD.replaced_at IS DISTINCT FROM NEW.replaced_at
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('when another was asked in their place stands');
DROP TRIGGER frozen_acknowledgement ON escalation_recipients;
CREATE TRIGGER frozen_acknowledgement BEFORE UPDATE OF acknowledged_at, acknowledged_by, acknowledged_as ON escalation_recipients FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL
          AND (OLD.acknowledged_at, OLD.acknowledged_by, OLD.acknowledged_as) IS DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as)
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('who acknowledged, and when, stands');
DROP TRIGGER frozen_draw ON moderation_samples;
CREATE TRIGGER frozen_draw BEFORE UPDATE OF "group", period, starts_on, ends_before, method, seed, population_hash, policy_version, second_grade, explanation, drawn_at, drawn_by ON moderation_samples FOR EACH ROW
    WHEN ((OLD."group", OLD.period, OLD.starts_on, OLD.ends_before, OLD.method, OLD.seed, OLD.population_hash, OLD.policy_version, OLD.second_grade, OLD.explanation, OLD.drawn_at, OLD.drawn_by) IS DISTINCT FROM (NEW."group", NEW.period, NEW.starts_on, NEW.ends_before, NEW.method, NEW.seed, NEW.population_hash, NEW.policy_version, NEW.second_grade, NEW.explanation, NEW.drawn_at, NEW.drawn_by)
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER frozen_end ON moderation_samples;
CREATE TRIGGER frozen_end BEFORE UPDATE OF closed_at, closed_by ON moderation_samples FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL
          AND (OLD.closed_at, OLD.closed_by) IS DISTINCT FROM (NEW.closed_at, NEW.closed_by)
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a sample that was closed stays so');
DROP TRIGGER frozen_draw ON moderation_members;
CREATE TRIGGER frozen_draw BEFORE UPDATE OF sample_id, audit_id, audit_type, judgement, audited_team, exclusion, stratum, drawn ON moderation_members FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.audit_id, OLD.audit_type, OLD.judgement, OLD.audited_team, OLD.exclusion, OLD.stratum, OLD.drawn) IS DISTINCT FROM (NEW.sample_id, NEW.audit_id, NEW.audit_type, NEW.judgement, NEW.audited_team, NEW.exclusion, NEW.stratum, NEW.drawn)
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER frozen_turn ON moderating_teams;
CREATE TRIGGER frozen_turn BEFORE UPDATE OF sample_id, team ON moderating_teams FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.team) IS DISTINCT FROM (NEW.sample_id, NEW.team)
          AND qa_is_bound('moderating_teams'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER frozen_auditor ON moderation_outcomes;
CREATE TRIGGER frozen_auditor BEFORE UPDATE OF sample_id, audit_id, position, auditor, auditor_team, audit_type, audit_revision, completed_on, scale_code, scale_number, auditor_judgement, auditor_rationale ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.audit_id, OLD.position, OLD.auditor, OLD.auditor_team, OLD.audit_type, OLD.audit_revision, OLD.completed_on, OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale) IS DISTINCT FROM (NEW.sample_id, NEW.audit_id, NEW.position, NEW.auditor, NEW.auditor_team, NEW.audit_type, NEW.audit_revision, NEW.completed_on, NEW.scale_code, NEW.scale_number, NEW.auditor_judgement, NEW.auditor_rationale)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('moderation never overwrites what the auditor judged');
DROP TRIGGER frozen_outcome ON moderation_outcomes;
CREATE TRIGGER frozen_outcome BEFORE UPDATE OF moderator, relation_to_auditor, assigned_at, sealed, unsealed_because, quality, analysis, themes, observations, contribution_to_impact, moderated_judgement, moderated_rationale, action_plan_comments, feedback_to_auditor, moderated_at, moderated_by, consensus_judgement, consensus_rationale, consensus_proposed_at, consensus_proposed_by, consensus_agreed_at, consensus_agreed_by ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.moderator, OLD.relation_to_auditor, OLD.assigned_at, OLD.sealed, OLD.unsealed_because, OLD.quality, OLD.analysis, OLD.themes, OLD.observations, OLD.contribution_to_impact, OLD.moderated_judgement, OLD.moderated_rationale, OLD.action_plan_comments, OLD.feedback_to_auditor, OLD.moderated_at, OLD.moderated_by, OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.moderator, NEW.relation_to_auditor, NEW.assigned_at, NEW.sealed, NEW.unsealed_because, NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by, NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderation_outcomes();
DROP TRIGGER frozen_consensus ON moderation_outcomes;
CREATE TRIGGER frozen_consensus BEFORE UPDATE OF consensus_judgement, consensus_rationale, consensus_proposed_at, consensus_proposed_by, consensus_agreed_at, consensus_agreed_by ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.consensus_agreed_at IS NOT NULL
          AND (OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what two agreed on stands');
DROP TRIGGER frozen_two ON moderation_outcomes;
CREATE TRIGGER frozen_two BEFORE UPDATE OF consensus_judgement, consensus_rationale, consensus_proposed_at, consensus_proposed_by, consensus_agreed_at, consensus_agreed_by ON moderation_outcomes FOR EACH ROW
    WHEN (NOT (OLD.sealed AND OLD.moderated_at IS NOT NULL)
          AND (OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a consensus follows two judgements of which neither followed the other');
DROP TRIGGER frozen_auditor ON moderated_domains;
CREATE TRIGGER frozen_auditor BEFORE UPDATE OF outcome_id, domain_key, audit_id, scale_code, scale_number, auditor_judgement, auditor_rationale ON moderated_domains FOR EACH ROW
    WHEN ((OLD.outcome_id, OLD.domain_key, OLD.audit_id, OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale) IS DISTINCT FROM (NEW.outcome_id, NEW.domain_key, NEW.audit_id, NEW.scale_code, NEW.scale_number, NEW.auditor_judgement, NEW.auditor_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION refuse_frozen('moderation never overwrites what the auditor judged');
DROP TRIGGER frozen_outcome ON moderated_domains;
CREATE TRIGGER frozen_outcome BEFORE UPDATE OF moderated_judgement, moderated_rationale, consensus_judgement, consensus_rationale ON moderated_domains FOR EACH ROW
    WHEN ((OLD.moderated_judgement, OLD.moderated_rationale, OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale, NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderated_domains();
DROP TRIGGER frozen_seal ON moderated_domains;
CREATE TRIGGER frozen_seal BEFORE UPDATE OF moderated_judgement, moderated_rationale ON moderated_domains FOR EACH ROW
    WHEN ((OLD.moderated_judgement, OLD.moderated_rationale) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_seal_of_moderated_domains();
DROP TRIGGER frozen_consensus ON moderated_domains;
CREATE TRIGGER frozen_consensus BEFORE UPDATE OF consensus_judgement, consensus_rationale ON moderated_domains FOR EACH ROW
    WHEN ((OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_consensus_of_moderated_domains();
DROP TRIGGER frozen_two ON moderated_domains;
CREATE TRIGGER frozen_two BEFORE UPDATE OF consensus_judgement, consensus_rationale ON moderated_domains FOR EACH ROW
    WHEN ((OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_two_of_moderated_domains();
DROP TRIGGER frozen_seal ON moderation_outcomes;
CREATE TRIGGER frozen_seal BEFORE UPDATE OF moderated_judgement, moderated_rationale, moderated_at, moderated_by ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_at IS NOT NULL AND OLD.unsealed_because IS DISTINCT FROM 'policy'
          AND (OLD.moderated_judgement, OLD.moderated_rationale, OLD.moderated_at, OLD.moderated_by) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale, NEW.moderated_at, NEW.moderated_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a judgement stands once the other was shown, but where policy lets both be open');
DROP TRIGGER frozen_pair ON moderation_outcomes;
CREATE TRIGGER frozen_pair BEFORE UPDATE OF moderator, sealed, unsealed_because ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_at IS NOT NULL
          AND (OLD.moderator, OLD.sealed, OLD.unsealed_because) IS DISTINCT FROM (NEW.moderator, NEW.sealed, NEW.unsealed_because)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('who judged, and whether sealed, stands once they have judged');
DROP TRIGGER frozen_sealing ON moderation_outcomes;
CREATE TRIGGER frozen_sealing BEFORE UPDATE OF sealed ON moderation_outcomes FOR EACH ROW
    WHEN (NOT OLD.sealed
          AND OLD.sealed IS DISTINCT FROM NEW.sealed
          AND (NEW.moderator <> coalesce(OLD.moderator, '')) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('whoever has it unsealed has it sealed no more: another moderator may');
DROP TRIGGER frozen_who_reads ON moderation_outcomes;
CREATE TRIGGER frozen_who_reads BEFORE UPDATE OF moderator, sealed ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.moderator, OLD.sealed) IS DISTINCT FROM (NEW.moderator, NEW.sealed)
          AND (NOT NEW.sealed OR NEW.moderator IS NULL) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_who_reads_of_moderation_outcomes();
DROP TRIGGER frozen_judge ON moderation_outcomes;
CREATE TRIGGER frozen_judge BEFORE UPDATE OF moderated_by ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.moderated_by IS DISTINCT FROM NEW.moderated_by
          AND (NEW.moderated_by = NEW.moderator) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('whoever has it to moderate judges it');
DROP TRIGGER frozen_parties ON moderation_outcomes;
CREATE TRIGGER frozen_parties BEFORE UPDATE OF consensus_proposed_by, consensus_agreed_by ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.consensus_proposed_by, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_proposed_by, NEW.consensus_agreed_by)
          AND (NEW.consensus_proposed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator)) AND (NEW.consensus_agreed_by IS NULL OR (NEW.consensus_agreed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator)) AND NEW.consensus_agreed_by <> NEW.consensus_proposed_by))) IS NOT TRUE
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a consensus is of auditor and moderator, each with the other');
DROP TRIGGER frozen_content ON learning_actions;
CREATE TRIGGER frozen_content BEFORE UPDATE OF outcome_id, description, owner, set_at, set_by ON learning_actions FOR EACH ROW
    WHEN ((OLD.outcome_id, OLD.description, OLD.owner, OLD.set_at, OLD.set_by) IS DISTINCT FROM (NEW.outcome_id, NEW.description, NEW.owner, NEW.set_at, NEW.set_by)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a learning action stands as it was set');
DROP TRIGGER frozen_end ON learning_actions;
CREATE TRIGGER frozen_end BEFORE UPDATE OF due_on, done_on, done_by, how, verified_at, verified_by, made_a_difference, verification_note, not_achieved_reason, cancelled_at, cancel_reason ON learning_actions FOR EACH ROW
    WHEN (OLD.state IN ('verified', 'cancelled')
          AND (OLD.due_on, OLD.done_on, OLD.done_by, OLD.how, OLD.verified_at, OLD.verified_by, OLD.made_a_difference, OLD.verification_note, OLD.not_achieved_reason, OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.due_on, NEW.done_on, NEW.done_by, NEW.how, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.verification_note, NEW.not_achieved_reason, NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was said of a settled learning action stands');
DROP TRIGGER frozen_envelope ON case_events;
CREATE TRIGGER frozen_envelope BEFORE UPDATE OF system, event_id, type, episode_id, source_version, occurred_at, received_at, fingerprint ON case_events FOR EACH ROW
    WHEN ((OLD.system, OLD.event_id, OLD.type, OLD.episode_id, OLD.source_version, OLD.occurred_at, OLD.received_at, OLD.fingerprint) IS DISTINCT FROM (NEW.system, NEW.event_id, NEW.type, NEW.episode_id, NEW.source_version, NEW.occurred_at, NEW.received_at, NEW.fingerprint)
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event stands as it came');
DROP TRIGGER frozen_data ON case_events;
CREATE TRIGGER frozen_data BEFORE UPDATE OF data ON case_events FOR EACH ROW
    WHEN (OLD.data IS DISTINCT FROM NEW.data
          AND (OLD.parked AND NEW.parked AND NEW.data = jsonb_set(OLD.data, '{data,merge}', '{"from": null, "into": null}')) IS NOT TRUE
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event stands as it came');
DROP TRIGGER frozen_parking ON case_events;
CREATE TRIGGER frozen_parking BEFORE UPDATE OF parked, parked_reason ON case_events FOR EACH ROW
    WHEN (NOT OLD.parked
          AND (OLD.parked, OLD.parked_reason) IS DISTINCT FROM (NEW.parked, NEW.parked_reason)
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event that was carried out is not parked again');
DROP TRIGGER frozen_term ON audited_closings;
CREATE TRIGGER frozen_term BEFORE UPDATE OF subject_kind, since ON audited_closings FOR EACH ROW
    WHEN ((OLD.subject_kind, OLD.since) IS DISTINCT FROM (NEW.subject_kind, NEW.since)
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION refuse_frozen('since when closings of a kind are audited stands');
DROP TRIGGER frozen_end ON audited_closings;
CREATE TRIGGER frozen_end BEFORE UPDATE OF until ON audited_closings FOR EACH ROW
    WHEN (OLD.until IS NOT NULL
          AND OLD.until IS DISTINCT FROM NEW.until
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION refuse_frozen('until when closings of a kind were audited stands');
DROP TRIGGER frozen_telling ON audited_closings;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF until ON audited_closings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.until IS DISTINCT FROM NEW.until
          AND qa_is_bound('audited_closings'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audited_closings();
DROP TRIGGER frozen_answer ON case_event_outcomes;
CREATE TRIGGER frozen_answer BEFORE UPDATE OF case_event_id, position, ref, outcome, gate_id ON case_event_outcomes FOR EACH ROW
    WHEN ((OLD.case_event_id, OLD.position, OLD.ref, OLD.outcome, OLD.gate_id) IS DISTINCT FROM (NEW.case_event_id, NEW.position, NEW.ref, NEW.outcome, NEW.gate_id)
          AND qa_is_bound('case_event_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a repeat of an event gets the same answer');
DROP TRIGGER frozen_origin ON closure_gates;
CREATE TRIGGER frozen_origin BEFORE UPDATE OF system, episode_id, opened_by_event, opened_at ON closure_gates FOR EACH ROW
    WHEN ((OLD.system, OLD.episode_id, OLD.opened_by_event, OLD.opened_at) IS DISTINCT FROM (NEW.system, NEW.episode_id, NEW.opened_by_event, NEW.opened_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a gate stays with the event that opened it');
DROP TRIGGER frozen_clearing ON closure_gates;
CREATE TRIGGER frozen_clearing BEFORE UPDATE OF state ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'clear'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_clearing_of_closure_gates();
DROP TRIGGER frozen_exemption ON closure_gates;
CREATE TRIGGER frozen_exemption BEFORE UPDATE OF state ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'exempt'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_exemption_of_closure_gates();
DROP TRIGGER frozen_leave_to_close ON closure_gates;
CREATE TRIGGER frozen_leave_to_close BEFORE UPDATE OF may_close ON closure_gates FOR EACH ROW
    WHEN (NEW.may_close
          AND OLD.may_close IS DISTINCT FROM NEW.may_close
          AND (NEW.current AND NEW.explanation #> '{facts,waits_for}' = '[]') IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('while a gate waits for something the case may not close');
DROP TRIGGER frozen_clear_since ON closure_gates;
CREATE TRIGGER frozen_clear_since BEFORE UPDATE OF cleared_at ON closure_gates FOR EACH ROW
    WHEN (NEW.cleared_at IS NOT NULL
          AND OLD.cleared_at IS DISTINCT FROM NEW.cleared_at
          AND (OLD.cleared_at IS NULL AND NEW.state IN ('clear', 'overridden', 'exempt')) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('since when a gate has been clear is when it became so');
DROP TRIGGER frozen_closing_clear ON closure_gates;
CREATE TRIGGER frozen_closing_clear BEFORE UPDATE OF state, closing_counts_at ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'closed'
          AND (OLD.state, OLD.closing_counts_at) IS DISTINCT FROM (NEW.state, NEW.closing_counts_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_closing_clear_of_closure_gates();
DROP TRIGGER frozen_overriding ON closure_gates;
CREATE TRIGGER frozen_overriding BEFORE UPDATE OF state ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'overridden'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND (NEW.override_requested_by IS NOT NULL AND NEW.override_approved_by IS NOT NULL AND NEW.override_withdrawn_at IS NULL) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a gate is overridden by two people');
DROP TRIGGER frozen_closing ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_closing AFTER UPDATE OF state, closed_at, closing_counts_at ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL)
          AND (OLD.state, OLD.closed_at, OLD.closing_counts_at) IS DISTINCT FROM (NEW.state, NEW.closed_at, NEW.closing_counts_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_closing_of_closure_gates();
DROP TRIGGER frozen_override ON closure_gates;
CREATE TRIGGER frozen_override BEFORE UPDATE OF override_requested_by, override_requested_at, override_reason, override_approved_by, override_approved_at ON closure_gates FOR EACH ROW
    WHEN (OLD.override_approved_by IS NOT NULL
          AND (OLD.override_requested_by, OLD.override_requested_at, OLD.override_reason, OLD.override_approved_by, OLD.override_approved_at) IS DISTINCT FROM (NEW.override_requested_by, NEW.override_requested_at, NEW.override_reason, NEW.override_approved_by, NEW.override_approved_at)
          AND (NEW.override_approved_by IS NULL AND NEW.override_approved_at IS NULL AND NEW.override_requested_at >= OLD.override_requested_at) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an override that was approved stands on record until another is requested');
DROP TRIGGER frozen_told ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_told AFTER UPDATE OF closed_at, closing_counts_at, closure_on, reason_code, cycle, current, duplicate_of ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.closed_at, OLD.closing_counts_at, OLD.closure_on, OLD.reason_code, OLD.cycle, OLD.current, OLD.duplicate_of) IS DISTINCT FROM (NEW.closed_at, NEW.closing_counts_at, NEW.closure_on, NEW.reason_code, NEW.cycle, NEW.current, NEW.duplicate_of)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_told_of_closure_gates();
DROP TRIGGER frozen_decision ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_decision AFTER UPDATE OF state, may_close, explanation, policy_version ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('closed', 'closed_without_audit', 'withdrawn')
          AND (OLD.state, OLD.may_close, OLD.explanation, OLD.policy_version) IS DISTINCT FROM (NEW.state, NEW.may_close, NEW.explanation, NEW.policy_version)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_decision_of_closure_gates();
DROP TRIGGER frozen_audit ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_audit AFTER UPDATE OF audit_id ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_audit_of_closure_gates();
DROP TRIGGER frozen_request ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_request AFTER UPDATE OF override_requested_by, override_requested_at, override_reason ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_requested_by, OLD.override_requested_at, OLD.override_reason) IS DISTINCT FROM (NEW.override_requested_by, NEW.override_requested_at, NEW.override_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_request_of_closure_gates();
DROP TRIGGER frozen_approval ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_approval AFTER UPDATE OF override_approved_by, override_approved_at ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_approved_by, OLD.override_approved_at) IS DISTINCT FROM (NEW.override_approved_by, NEW.override_approved_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_approval_of_closure_gates();
DROP TRIGGER frozen_override_withdrawal ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_override_withdrawal AFTER UPDATE OF override_withdrawn_by, override_withdrawn_at, override_withdrawal_reason ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_withdrawn_by, OLD.override_withdrawn_at, OLD.override_withdrawal_reason) IS DISTINCT FROM (NEW.override_withdrawn_by, NEW.override_withdrawn_at, NEW.override_withdrawal_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_override_withdrawal_of_closure_gates();
DROP TRIGGER frozen_reopening ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_reopening AFTER UPDATE OF reopened_by, reopened_at, reopen_reason ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.reopened_by, OLD.reopened_at, OLD.reopen_reason) IS DISTINCT FROM (NEW.reopened_by, NEW.reopened_at, NEW.reopen_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_reopening_of_closure_gates();
DROP TRIGGER frozen_words ON comments;
CREATE TRIGGER frozen_words BEFORE UPDATE OF kind, audit_id, question_key, response_id, action_id, escalation_id, outcome_id, reply_to, addressed, text, written_by, written_at ON comments FOR EACH ROW
    WHEN ((OLD.kind, OLD.audit_id, OLD.question_key, OLD.response_id, OLD.action_id, OLD.escalation_id, OLD.outcome_id, OLD.reply_to, OLD.addressed, OLD.text, OLD.written_by, OLD.written_at) IS DISTINCT FROM (NEW.kind, NEW.audit_id, NEW.question_key, NEW.response_id, NEW.action_id, NEW.escalation_id, NEW.outcome_id, NEW.reply_to, NEW.addressed, NEW.text, NEW.written_by, NEW.written_at)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was said stands');
DROP TRIGGER frozen_resolution ON comments;
CREATE TRIGGER frozen_resolution BEFORE UPDATE OF resolved_at, resolved_by ON comments FOR EACH ROW
    WHEN (OLD.resolved_at IS NOT NULL
          AND (OLD.resolved_at, OLD.resolved_by) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a conversation that was resolved stays so');
DROP TRIGGER frozen_lock ON comments;
CREATE TRIGGER frozen_lock BEFORE UPDATE OF resolved_at, resolved_by ON comments FOR EACH ROW
    WHEN ((OLD.resolved_at, OLD.resolved_by) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_lock_of_comments();
DROP TRIGGER frozen_release ON comments;
CREATE TRIGGER frozen_release BEFORE UPDATE OF released_at, released_by ON comments FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL
          AND (OLD.released_at, OLD.released_by) IS DISTINCT FROM (NEW.released_at, NEW.released_by)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was released to the record stays there');
DROP TRIGGER frozen_address ON comment_addressees;
CREATE TRIGGER frozen_address BEFORE UPDATE OF comment_id, addressee ON comment_addressees FOR EACH ROW
    WHEN ((OLD.comment_id, OLD.addressee) IS DISTINCT FROM (NEW.comment_id, NEW.addressee)
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION refuse_frozen('whom a comment asks stands');
DROP TRIGGER frozen_answer ON comment_addressees;
CREATE TRIGGER frozen_answer BEFORE UPDATE OF answered_at ON comment_addressees FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL
          AND OLD.answered_at IS DISTINCT FROM NEW.answered_at
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION refuse_frozen('that somebody answered, and when, stands');
DROP TRIGGER frozen_reply ON comment_addressees;
CREATE TRIGGER frozen_reply BEFORE UPDATE OF answered_at ON comment_addressees FOR EACH ROW
    WHEN (OLD.answered_at IS DISTINCT FROM NEW.answered_at
          AND qa_is_bound('comment_addressees'::regclass))
    EXECUTE FUNCTION frozen_reply_of_comment_addressees();
DROP TRIGGER frozen_restriction ON action_date_changes;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON action_date_changes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON alerts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON alerts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON audit_answers;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON audit_answers FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON audit_responses;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON audit_responses FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON audit_revisions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON audit_revisions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON audits;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON audits FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON closure_gates;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON closure_gates FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON comments;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON comments FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON domain_judgements;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON domain_judgements FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON escalation_recipients;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON escalation_recipients FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON escalations;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON escalations FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON family_contact_attempts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON family_contact_attempts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON family_contacts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON family_contacts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON learning_actions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON learning_actions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON moderated_domains;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON moderated_domains FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON moderation_members;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON moderation_members FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON moderation_outcomes;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON notifications;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON notifications FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON own_views;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON own_views FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON panel_date_changes;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON panel_date_changes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON redactions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON redactions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON response_items;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON response_items FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON response_rounds;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON response_rounds FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON restorative_actions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON restorative_actions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON urgent_findings;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON urgent_findings FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_restriction ON worker_views;
CREATE TRIGGER frozen_restriction BEFORE UPDATE OF restricted ON worker_views FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER frozen_grant ON restriction_grants;
CREATE TRIGGER frozen_grant BEFORE UPDATE OF subject_id, principal_id, reason, granted_by, granted_at ON restriction_grants FOR EACH ROW
    WHEN ((OLD.subject_id, OLD.principal_id, OLD.reason, OLD.granted_by, OLD.granted_at) IS DISTINCT FROM (NEW.subject_id, NEW.principal_id, NEW.reason, NEW.granted_by, NEW.granted_at)
          AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record is given anew, never changed');
DROP TRIGGER frozen_end ON restriction_grants;
CREATE TRIGGER frozen_end BEFORE UPDATE OF expires_at ON restriction_grants FOR EACH ROW
    WHEN (OLD.expires_at IS DISTINCT FROM NEW.expires_at
          AND (NEW.expires_at <= OLD.expires_at) IS NOT TRUE
          AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record ends as was said, or sooner');
DROP TRIGGER frozen_tool ON audit_tools;
CREATE TRIGGER frozen_tool BEFORE UPDATE OF code, number, name, scale_code, scale_number, overall, published_at ON audit_tools FOR EACH ROW
    WHEN (OLD.state <> 'draft'
          AND (OLD.code, OLD.number, OLD.name, OLD.scale_code, OLD.scale_number, OLD.overall, OLD.published_at) IS DISTINCT FROM (NEW.code, NEW.number, NEW.name, NEW.scale_code, NEW.scale_number, NEW.overall, NEW.published_at)
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('a published tool stands; a later number takes its place');
DROP TRIGGER frozen_end ON audit_tools;
CREATE TRIGGER frozen_end BEFORE UPDATE OF retired_at ON audit_tools FOR EACH ROW
    WHEN (OLD.retired_at IS NOT NULL
          AND OLD.retired_at IS DISTINCT FROM NEW.retired_at
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION refuse_frozen('when a tool was retired stands');
DROP TRIGGER frozen_telling ON audit_tools;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF state, retired_at ON audit_tools DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.state, OLD.retired_at) IS DISTINCT FROM (NEW.state, NEW.retired_at)
          AND qa_is_bound('audit_tools'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audit_tools();
DROP TRIGGER frozen_code ON audit_types;
CREATE TRIGGER frozen_code BEFORE UPDATE OF code ON audit_types FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code
          AND qa_is_bound('audit_types'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit type keeps its code');
DROP TRIGGER frozen_telling ON audit_types;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF name, clause, subject_kind, owner, cadence, interval_months, tool_code, may_audit, may_start, start_teams, notes_paper_records, active ON audit_types DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.clause, OLD.subject_kind, OLD.owner, OLD.cadence, OLD.interval_months, OLD.tool_code, OLD.may_audit, OLD.may_start, OLD.start_teams, OLD.notes_paper_records, OLD.active) IS DISTINCT FROM (NEW.name, NEW.clause, NEW.subject_kind, NEW.owner, NEW.cadence, NEW.interval_months, NEW.tool_code, NEW.may_audit, NEW.may_start, NEW.start_teams, NEW.notes_paper_records, NEW.active)
          AND qa_is_bound('audit_types'::regclass))
    EXECUTE FUNCTION frozen_telling_of_audit_types();
DROP TRIGGER frozen_scale ON judgement_scales;
CREATE TRIGGER frozen_scale BEFORE UPDATE OF code, number, name ON judgement_scales FOR EACH ROW
    WHEN ((OLD.code, OLD.number, OLD.name) IS DISTINCT FROM (NEW.code, NEW.number, NEW.name)
          AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION refuse_frozen('a scale never changes');
DROP TRIGGER frozen_scale ON scale_points;
CREATE TRIGGER frozen_scale BEFORE UPDATE OF scale_code, scale_number, code, label, position, escalates ON scale_points FOR EACH ROW
    WHEN ((OLD.scale_code, OLD.scale_number, OLD.code, OLD.label, OLD.position, OLD.escalates) IS DISTINCT FROM (NEW.scale_code, NEW.scale_number, NEW.code, NEW.label, NEW.position, NEW.escalates)
          AND qa_is_bound('scale_points'::regclass))
    EXECUTE FUNCTION refuse_frozen('a scale never changes');
DROP TRIGGER frozen_plan ON quarter_plans;
CREATE TRIGGER frozen_plan BEFORE UPDATE OF quarter, number, audit_type, drafted_at, published_at ON quarter_plans FOR EACH ROW
    WHEN (OLD.state <> 'draft'
          AND (OLD.quarter, OLD.number, OLD.audit_type, OLD.drafted_at, OLD.published_at) IS DISTINCT FROM (NEW.quarter, NEW.number, NEW.audit_type, NEW.drafted_at, NEW.published_at)
          AND qa_is_bound('quarter_plans'::regclass))
    EXECUTE FUNCTION refuse_frozen('a published plan stands; a later version supersedes it');
DROP TRIGGER frozen_exemption ON plan_exemptions;
CREATE TRIGGER frozen_exemption BEFORE UPDATE OF plan_id, team, auditor, reason, decided_by, decided_at ON plan_exemptions FOR EACH ROW
    WHEN ((OLD.plan_id, OLD.team, OLD.auditor, OLD.reason, OLD.decided_by, OLD.decided_at) IS DISTINCT FROM (NEW.plan_id, NEW.team, NEW.auditor, NEW.reason, NEW.decided_by, NEW.decided_at)
          AND qa_is_bound('plan_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption stands as it was decided');
DROP TRIGGER frozen_list ON plan_case_lists;
CREATE TRIGGER frozen_list BEFORE UPDATE OF plan_id, team, theme, system, method, seed, caseload_id, population, population_hash, chosen, explanation, policy_version, posted_at ON plan_case_lists FOR EACH ROW
    WHEN ((OLD.plan_id, OLD.team, OLD.theme, OLD.system, OLD.method, OLD.seed, OLD.caseload_id, OLD.population, OLD.population_hash, OLD.chosen, OLD.explanation, OLD.policy_version, OLD.posted_at) IS DISTINCT FROM (NEW.plan_id, NEW.team, NEW.theme, NEW.system, NEW.method, NEW.seed, NEW.caseload_id, NEW.population, NEW.population_hash, NEW.chosen, NEW.explanation, NEW.policy_version, NEW.posted_at)
          AND qa_is_bound('plan_case_lists'::regclass))
    EXECUTE FUNCTION refuse_frozen('a list stands as it was posted and drawn');
DROP TRIGGER frozen_interval ON audit_intervals;
CREATE TRIGGER frozen_interval BEFORE UPDATE OF type, team, every_months, audits_each_time, scope, reason, set_at, set_by ON audit_intervals FOR EACH ROW
    WHEN ((OLD.type, OLD.team, OLD.every_months, OLD.audits_each_time, OLD.scope, OLD.reason, OLD.set_at, OLD.set_by) IS DISTINCT FROM (NEW.type, NEW.team, NEW.every_months, NEW.audits_each_time, NEW.scope, NEW.reason, NEW.set_at, NEW.set_by)
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION refuse_frozen('an interval stands as it was set; another follows its end');
DROP TRIGGER frozen_days ON audit_intervals;
CREATE TRIGGER frozen_days BEFORE UPDATE OF valid ON audit_intervals FOR EACH ROW
    WHEN (OLD.valid IS DISTINCT FROM NEW.valid
          AND (NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)) IS NOT TRUE
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION refuse_frozen('an interval is ended, and nothing else about its days changes');
DROP TRIGGER frozen_end ON audit_intervals;
CREATE CONSTRAINT TRIGGER frozen_end AFTER UPDATE OF valid, ended_at, ended_by, ended_reason ON audit_intervals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.valid, OLD.ended_at, OLD.ended_by, OLD.ended_reason) IS DISTINCT FROM (NEW.valid, NEW.ended_at, NEW.ended_by, NEW.ended_reason)
          AND qa_is_bound('audit_intervals'::regclass))
    EXECUTE FUNCTION frozen_end_of_audit_intervals();
DROP TRIGGER frozen_origin ON audit_due_dates;
CREATE TRIGGER frozen_origin BEFORE UPDATE OF audit_id, type, owed_team, number ON audit_due_dates FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.type, OLD.owed_team, OLD.number) IS DISTINCT FROM (NEW.audit_id, NEW.type, NEW.owed_team, NEW.number)
          AND qa_is_bound('audit_due_dates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date is for one audit, and stays with whoever owes it');
DROP TRIGGER frozen_settling ON audit_due_dates;
CREATE CONSTRAINT TRIGGER frozen_settling AFTER UPDATE OF settled_on ON audit_due_dates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.settled_on IS DISTINCT FROM NEW.settled_on
          AND qa_is_bound('audit_due_dates'::regclass))
    EXECUTE FUNCTION frozen_settling_of_audit_due_dates();
DROP TRIGGER frozen_quarter ON qa_updates;
CREATE TRIGGER frozen_quarter BEFORE UPDATE OF service, quarter, begun_at, begun_by ON qa_updates FOR EACH ROW
    WHEN ((OLD.service, OLD.quarter, OLD.begun_at, OLD.begun_by) IS DISTINCT FROM (NEW.service, NEW.quarter, NEW.begun_at, NEW.begun_by)
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an update is of one service and one quarter');
DROP TRIGGER frozen_submission ON qa_updates;
CREATE TRIGGER frozen_submission BEFORE UPDATE OF activity, learning, good_practice, changes_made, evidence_of_impact, risks, next_quarter, figures ON qa_updates FOR EACH ROW
    WHEN (OLD.state = 'submitted'
          AND (OLD.activity, OLD.learning, OLD.good_practice, OLD.changes_made, OLD.evidence_of_impact, OLD.risks, OLD.next_quarter, OLD.figures) IS DISTINCT FROM (NEW.activity, NEW.learning, NEW.good_practice, NEW.changes_made, NEW.evidence_of_impact, NEW.risks, NEW.next_quarter, NEW.figures)
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands until it is returned');
DROP TRIGGER frozen_first_submission ON qa_updates;
CREATE TRIGGER frozen_first_submission BEFORE UPDATE OF first_submitted_on ON qa_updates FOR EACH ROW
    WHEN (OLD.first_submitted_on IS NOT NULL
          AND OLD.first_submitted_on IS DISTINCT FROM NEW.first_submitted_on
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('when an update was first submitted stands');
DROP TRIGGER frozen_due_date ON qa_updates;
CREATE TRIGGER frozen_due_date BEFORE UPDATE OF due_on ON qa_updates FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('by when an update is due stands; a newer calendar alone lengthens it');
DROP TRIGGER frozen_day_of_submission ON qa_updates;
CREATE CONSTRAINT TRIGGER frozen_day_of_submission AFTER UPDATE OF first_submitted_on ON qa_updates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.first_submitted_on IS DISTINCT FROM NEW.first_submitted_on
          AND qa_is_bound('qa_updates'::regclass))
    EXECUTE FUNCTION frozen_day_of_submission_of_qa_updates();
DROP TRIGGER frozen_content ON qa_update_submissions;
CREATE TRIGGER frozen_content BEFORE UPDATE OF update_id, number, submitted_at, submitted_by, narrative, figures ON qa_update_submissions FOR EACH ROW
    WHEN ((OLD.update_id, OLD.number, OLD.submitted_at, OLD.submitted_by, OLD.narrative, OLD.figures) IS DISTINCT FROM (NEW.update_id, NEW.number, NEW.submitted_at, NEW.submitted_by, NEW.narrative, NEW.figures)
          AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands, also when it is returned');
DROP TRIGGER frozen_return ON qa_update_submissions;
CREATE TRIGGER frozen_return BEFORE UPDATE OF returned_at, returned_by, return_reasons ON qa_update_submissions FOR EACH ROW
    WHEN (OLD.returned_at IS NOT NULL
          AND (OLD.returned_at, OLD.returned_by, OLD.return_reasons) IS DISTINCT FROM (NEW.returned_at, NEW.returned_by, NEW.return_reasons)
          AND qa_is_bound('qa_update_submissions'::regclass))
    EXECUTE FUNCTION refuse_frozen('that a submission was returned, by whom and why, stands');
DROP TRIGGER frozen_quarter ON awaited_updates;
CREATE TRIGGER frozen_quarter BEFORE UPDATE OF service, quarter ON awaited_updates FOR EACH ROW
    WHEN ((OLD.service, OLD.quarter) IS DISTINCT FROM (NEW.service, NEW.quarter)
          AND qa_is_bound('awaited_updates'::regclass))
    EXECUTE FUNCTION refuse_frozen('what is awaited is of one service and one quarter');
DROP TRIGGER frozen_decision ON board_decisions;
CREATE TRIGGER frozen_decision BEFORE UPDATE OF report_id, decision, owner, due_on, recorded_at, recorded_by ON board_decisions FOR EACH ROW
    WHEN ((OLD.report_id, OLD.decision, OLD.owner, OLD.due_on, OLD.recorded_at, OLD.recorded_by) IS DISTINCT FROM (NEW.report_id, NEW.decision, NEW.owner, NEW.due_on, NEW.recorded_at, NEW.recorded_by)
          AND qa_is_bound('board_decisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a decision stands as the Board took it');
DROP TRIGGER frozen_end ON board_decisions;
CREATE TRIGGER frozen_end BEFORE UPDATE OF done_at, done_by, done_how ON board_decisions FOR EACH ROW
    WHEN (OLD.done_at IS NOT NULL
          AND (OLD.done_at, OLD.done_by, OLD.done_how) IS DISTINCT FROM (NEW.done_at, NEW.done_by, NEW.done_how)
          AND qa_is_bound('board_decisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was done about a decision stands');
DROP TRIGGER frozen_change ON chart_changes;
CREATE TRIGGER frozen_change BEFORE UPDATE OF chart, month, why, marked_at, marked_by ON chart_changes FOR EACH ROW
    WHEN ((OLD.chart, OLD.month, OLD.why, OLD.marked_at, OLD.marked_by) IS DISTINCT FROM (NEW.chart, NEW.month, NEW.why, NEW.marked_at, NEW.marked_by)
          AND qa_is_bound('chart_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change stands as it was marked, also when it is withdrawn');
DROP TRIGGER frozen_withdrawal ON chart_changes;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE OF withdrawn_at, withdrawn_by, withdrawn_reason ON chart_changes FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_reason)
          AND qa_is_bound('chart_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a change that was withdrawn stays so');
DROP TRIGGER frozen_dissemination ON board_receipts;
CREATE TRIGGER frozen_dissemination BEFORE UPDATE OF report_id, recipient, disseminated_at, disseminated_by ON board_receipts FOR EACH ROW
    WHEN ((OLD.report_id, OLD.recipient, OLD.disseminated_at, OLD.disseminated_by) IS DISTINCT FROM (NEW.report_id, NEW.recipient, NEW.disseminated_at, NEW.disseminated_by)
          AND qa_is_bound('board_receipts'::regclass))
    EXECUTE FUNCTION refuse_frozen('to whom a report went stands');
DROP TRIGGER frozen_receipt ON board_receipts;
CREATE TRIGGER frozen_receipt BEFORE UPDATE OF received_at ON board_receipts FOR EACH ROW
    WHEN (OLD.received_at IS NOT NULL
          AND OLD.received_at IS DISTINCT FROM NEW.received_at
          AND qa_is_bound('board_receipts'::regclass))
    EXECUTE FUNCTION refuse_frozen('that a report was received stands');
DROP TRIGGER frozen_record ON practice_observations;
CREATE TRIGGER frozen_record BEFORE UPDATE OF worker, team, recorded_at, recorded_by ON practice_observations FOR EACH ROW
    WHEN ((OLD.worker, OLD.team, OLD.recorded_at, OLD.recorded_by) IS DISTINCT FROM (NEW.worker, NEW.team, NEW.recorded_at, NEW.recorded_by)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('whom an observation is of, and who recorded it, stands');
DROP TRIGGER frozen_content ON practice_observations;
CREATE TRIGGER frozen_content BEFORE UPDATE OF observer, observed_on, activity, planned, family_consent, feedback, strengths, development ON practice_observations FOR EACH ROW
    WHEN ((OLD.observer, OLD.observed_on, OLD.activity, OLD.planned, OLD.family_consent, OLD.feedback, OLD.strengths, OLD.development) IS DISTINCT FROM (NEW.observer, NEW.observed_on, NEW.activity, NEW.planned, NEW.family_consent, NEW.feedback, NEW.strengths, NEW.development)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION frozen_content_of_practice_observations();
DROP TRIGGER frozen_version ON practice_observations;
CREATE TRIGGER frozen_version BEFORE UPDATE OF version ON practice_observations FOR EACH ROW
    WHEN (OLD.version IS DISTINCT FROM NEW.version
          AND (NEW.version > OLD.version) IS NOT TRUE
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a version that was there does not come again');
DROP TRIGGER frozen_withdrawal ON practice_observations;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE OF withdrawn_at, withdrawn_by, withdrawn_reason ON practice_observations FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_reason)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('an observation that was withdrawn stays so');
DROP TRIGGER frozen_content ON observation_corrections;
CREATE TRIGGER frozen_content BEFORE UPDATE OF observation_id, corrected_version, before, reason, corrected_at, corrected_by ON observation_corrections FOR EACH ROW
    WHEN ((OLD.observation_id, OLD.corrected_version, OLD.before, OLD.reason, OLD.corrected_at, OLD.corrected_by) IS DISTINCT FROM (NEW.observation_id, NEW.corrected_version, NEW.before, NEW.reason, NEW.corrected_at, NEW.corrected_by)
          AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION refuse_frozen('a correction keeps what the observation said');
DROP TRIGGER frozen_grant ON observation_exemptions;
CREATE TRIGGER frozen_grant BEFORE UPDATE OF worker, reason, granted_at, granted_by ON observation_exemptions FOR EACH ROW
    WHEN ((OLD.worker, OLD.reason, OLD.granted_at, OLD.granted_by) IS DISTINCT FROM (NEW.worker, NEW.reason, NEW.granted_at, NEW.granted_by)
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption stands as it was granted');
DROP TRIGGER frozen_days ON observation_exemptions;
CREATE TRIGGER frozen_days BEFORE UPDATE OF valid ON observation_exemptions FOR EACH ROW
    WHEN (OLD.valid IS DISTINCT FROM NEW.valid
          AND (NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)) IS NOT TRUE
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an exemption is ended, and nothing else about its days changes');
DROP TRIGGER frozen_end ON observation_exemptions;
CREATE CONSTRAINT TRIGGER frozen_end AFTER UPDATE OF valid, ended_at, ended_by ON observation_exemptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.valid, OLD.ended_at, OLD.ended_by) IS DISTINCT FROM (NEW.valid, NEW.ended_at, NEW.ended_by)
          AND qa_is_bound('observation_exemptions'::regclass))
    EXECUTE FUNCTION frozen_end_of_observation_exemptions();
DROP TRIGGER frozen_record ON learning_highlights;
CREATE TRIGGER frozen_record BEFORE UPDATE OF team, quarter, topic, highlight, routed_to, policy_version, recorded_at, recorded_on, recorded_by ON learning_highlights FOR EACH ROW
    WHEN ((OLD.team, OLD.quarter, OLD.topic, OLD.highlight, OLD.routed_to, OLD.policy_version, OLD.recorded_at, OLD.recorded_on, OLD.recorded_by) IS DISTINCT FROM (NEW.team, NEW.quarter, NEW.topic, NEW.highlight, NEW.routed_to, NEW.policy_version, NEW.recorded_at, NEW.recorded_on, NEW.recorded_by)
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a team learned stands as it was recorded');
DROP TRIGGER frozen_due_date ON learning_highlights;
CREATE TRIGGER frozen_due_date BEFORE UPDATE OF due_on ON learning_highlights FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('by when highlights are due stands; a newer calendar alone lengthens it');
DROP TRIGGER frozen_answer ON learning_highlights;
CREATE TRIGGER frozen_answer BEFORE UPDATE OF answered_at, answered_by, what_was_done ON learning_highlights FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL
          AND (OLD.answered_at, OLD.answered_by, OLD.what_was_done) IS DISTINCT FROM (NEW.answered_at, NEW.answered_by, NEW.what_was_done)
          AND qa_is_bound('learning_highlights'::regclass))
    EXECUTE FUNCTION refuse_frozen('an answer stands');
DROP TRIGGER frozen_day ON calendar_days;
CREATE TRIGGER frozen_day BEFORE UPDATE OF day, working_index, working ON calendar_days FOR EACH ROW
    WHEN ((OLD.day, OLD.working_index, OLD.working) IS DISTINCT FROM (NEW.day, NEW.working_index, NEW.working)
          AND qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION frozen_day_of_calendar_days();
DROP TRIGGER frozen_holiday ON bank_holidays;
CREATE TRIGGER frozen_holiday BEFORE UPDATE OF holiday_on, added_version, title, source ON bank_holidays FOR EACH ROW
    WHEN ((OLD.holiday_on, OLD.added_version, OLD.title, OLD.source) IS DISTINCT FROM (NEW.holiday_on, NEW.added_version, NEW.title, NEW.source)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION refuse_frozen('a bank holiday stands from the version that added it');
DROP TRIGGER frozen_calendar ON bank_holidays;
CREATE CONSTRAINT TRIGGER frozen_calendar AFTER UPDATE OF withdrawn_version, withdrawn_reason ON bank_holidays DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.withdrawn_version, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_version, NEW.withdrawn_reason)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION frozen_calendar_of_bank_holidays();
DROP TRIGGER frozen_withdrawal ON bank_holidays;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE OF withdrawn_version, withdrawn_reason ON bank_holidays FOR EACH ROW
    WHEN (OLD.withdrawn_version IS NOT NULL
          AND (OLD.withdrawn_version, OLD.withdrawn_reason) IS DISTINCT FROM (NEW.withdrawn_version, NEW.withdrawn_reason)
          AND qa_is_bound('bank_holidays'::regclass))
    EXECUTE FUNCTION refuse_frozen('a bank holiday that was withdrawn stays so; it can be added anew');
DROP TRIGGER frozen_merge ON subjects;
CREATE CONSTRAINT TRIGGER frozen_merge AFTER UPDATE OF merged_into_id ON subjects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION frozen_merge_of_subjects();
DROP TRIGGER frozen_subject ON action_date_changes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON action_date_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON alerts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON alerts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON audit_answers;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON audit_answers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON audit_responses;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON audit_responses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON audit_revisions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON audit_revisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON audits;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL AND OLD.state <> 'planned'
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON comments;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON domain_judgements;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON domain_judgements DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON escalation_recipients;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON escalation_recipients DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON escalations;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON escalations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON family_contact_attempts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON family_contact_attempts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON family_contacts;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON family_contacts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON learning_actions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON learning_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON moderated_domains;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON moderated_domains DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON moderation_members;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON moderation_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON moderation_outcomes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON moderation_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON notifications;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON notifications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON own_views;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON own_views DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON panel_date_changes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON panel_date_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON redactions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON redactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON response_items;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON response_items DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON response_rounds;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON response_rounds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON restorative_actions;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON urgent_findings;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON urgent_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON worker_views;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON worker_views DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON case_event_outcomes;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON case_event_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('case_event_outcomes'::regclass))
    EXECUTE FUNCTION frozen_subject();
DROP TRIGGER frozen_subject ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_subject_of_closure_gates();
DROP TRIGGER frozen_holder ON audit_responses;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON audit_responses DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_holder_of_audit_responses();
DROP TRIGGER frozen_holder ON closure_gates;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_holder_of_closure_gates();
DROP TRIGGER frozen_holder ON comments;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION frozen_holder_of_comments();
DROP TRIGGER frozen_holder ON escalations;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON escalations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_holder_of_escalations();
DROP TRIGGER frozen_holder ON learning_actions;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON learning_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_holder_of_learning_actions();
DROP TRIGGER frozen_holder ON moderation_outcomes;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON moderation_outcomes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_holder_of_moderation_outcomes();
DROP TRIGGER frozen_holder ON notifications;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON notifications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_holder_of_notifications();
DROP TRIGGER frozen_holder ON restorative_actions;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_holder_of_restorative_actions();
DROP TRIGGER frozen_holder ON urgent_findings;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE OF team, worker ON urgent_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_holder_of_urgent_findings();
DROP TRIGGER frozen_system ON subjects;
CREATE TRIGGER frozen_system BEFORE UPDATE OF system ON subjects FOR EACH ROW
    WHEN (OLD.system IS DISTINCT FROM NEW.system
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record stays with the system that knows it');
DROP TRIGGER frozen_reference ON subjects;
CREATE CONSTRAINT TRIGGER frozen_reference AFTER UPDATE OF ref ON subjects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.ref IS DISTINCT FROM NEW.ref
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION frozen_reference_of_subjects();
DROP TRIGGER frozen_name ON subject_aliases;
CREATE TRIGGER frozen_name BEFORE UPDATE OF system, ref ON subject_aliases FOR EACH ROW
    WHEN ((OLD.system, OLD.ref) IS DISTINCT FROM (NEW.system, NEW.ref)
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION refuse_frozen('a reference stays the one that it is');
DROP TRIGGER frozen_subject ON subject_aliases;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE OF subject_id ON subject_aliases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION frozen_subject_of_subject_aliases();
DROP TRIGGER frozen_meaning ON subject_aliases;
CREATE CONSTRAINT TRIGGER frozen_meaning AFTER UPDATE OF stands_for ON subject_aliases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.stands_for IS DISTINCT FROM NEW.stands_for
          AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION frozen_meaning_of_subject_aliases();
DROP TRIGGER frozen_content ON panel_date_changes;
CREATE TRIGGER frozen_content BEFORE UPDATE OF first_panel_on, approval_ended_on, reason, replaced_at, replaced_by ON panel_date_changes FOR EACH ROW
    WHEN ((OLD.first_panel_on, OLD.approval_ended_on, OLD.reason, OLD.replaced_at, OLD.replaced_by) IS DISTINCT FROM (NEW.first_panel_on, NEW.approval_ended_on, NEW.reason, NEW.replaced_at, NEW.replaced_by)
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a panel date was before, and why it was changed, stands');
DROP TRIGGER frozen_finish_date ON restorative_actions;
CREATE CONSTRAINT TRIGGER frozen_finish_date AFTER UPDATE OF due_on ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_finish_date_of_restorative_actions();
DROP TRIGGER frozen_done_date ON restorative_actions;
CREATE CONSTRAINT TRIGGER frozen_done_date AFTER UPDATE OF done_on ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.done_on IS NOT NULL AND NEW.done_on IS NOT NULL
          AND OLD.done_on IS DISTINCT FROM NEW.done_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_done_date_of_restorative_actions();
DROP TRIGGER frozen_witness ON action_date_changes;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON action_date_changes FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON audit_revisions;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON audit_revisions FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON comments;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON comments FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON judgement_scales;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON judgement_scales FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON moderation_samples;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON moderation_samples FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON observation_corrections;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON observation_corrections FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_witness ON rights_changes;
CREATE TRIGGER frozen_witness BEFORE UPDATE OF xid ON rights_changes FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('rights_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER frozen_redaction ON redactions;
CREATE TRIGGER frozen_redaction BEFORE UPDATE OF audit_id, path, reason, redacted_by, redacted_at ON redactions FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.path, OLD.reason, OLD.redacted_by, OLD.redacted_at) IS DISTINCT FROM (NEW.audit_id, NEW.path, NEW.reason, NEW.redacted_by, NEW.redacted_at)
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was redacted, by whom and why, stands');
DROP TRIGGER frozen_hold ON legal_holds;
CREATE TRIGGER frozen_hold BEFORE UPDATE OF subject_id, record_class, reason, placed_at, placed_by ON legal_holds FOR EACH ROW
    WHEN ((OLD.subject_id, OLD.record_class, OLD.reason, OLD.placed_at, OLD.placed_by) IS DISTINCT FROM (NEW.subject_id, NEW.record_class, NEW.reason, NEW.placed_at, NEW.placed_by)
          AND qa_is_bound('legal_holds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hold stands as it was placed');
DROP TRIGGER frozen_lift ON redactions;
CREATE TRIGGER frozen_lift BEFORE UPDATE OF lifted_at, lifted_by, lift_reason ON redactions FOR EACH ROW
    WHEN (OLD.lifted_at IS NOT NULL
          AND (OLD.lifted_at, OLD.lifted_by, OLD.lift_reason) IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by, NEW.lift_reason)
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was lifted, by whom and why, stands');
DROP TRIGGER frozen_lift ON legal_holds;
CREATE TRIGGER frozen_lift BEFORE UPDATE OF lifted_at, lifted_by, lift_reason ON legal_holds FOR EACH ROW
    WHEN (OLD.lifted_at IS NOT NULL
          AND (OLD.lifted_at, OLD.lifted_by, OLD.lift_reason) IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by, NEW.lift_reason)
          AND qa_is_bound('legal_holds'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was lifted, by whom and why, stands');
DROP TRIGGER frozen_look ON unusual_reads;
CREATE TRIGGER frozen_look BEFORE UPDATE OF looked_into_at, looked_into_by, outcome ON unusual_reads FOR EACH ROW
    WHEN (OLD.looked_into_at IS NOT NULL
          AND (OLD.looked_into_at, OLD.looked_into_by, OLD.outcome) IS DISTINCT FROM (NEW.looked_into_at, NEW.looked_into_by, NEW.outcome)
          AND qa_is_bound('unusual_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('that somebody looked into it, and what they found, stands');
DROP TRIGGER frozen_attempt ON delivery_attempts;
CREATE TRIGGER frozen_attempt BEFORE UPDATE OF delivery_id, number, at, status, failure ON delivery_attempts FOR EACH ROW
    WHEN ((OLD.delivery_id, OLD.number, OLD.at, OLD.status, OLD.failure) IS DISTINCT FROM (NEW.delivery_id, NEW.number, NEW.at, NEW.status, NEW.failure)
          AND qa_is_bound('delivery_attempts'::regclass))
    EXECUTE FUNCTION refuse_frozen('an attempt stands as it went');
DROP TRIGGER frozen_deletion ON webhook_endpoints;
CREATE TRIGGER frozen_deletion BEFORE UPDATE OF system, url, event_types, secrets, disabled_at, deleted_at ON webhook_endpoints FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.system, OLD.url, OLD.event_types, OLD.secrets, OLD.disabled_at, OLD.deleted_at) IS DISTINCT FROM (NEW.system, NEW.url, NEW.event_types, NEW.secrets, NEW.disabled_at, NEW.deleted_at)
          AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION refuse_frozen('a webhook endpoint that was deleted stays so');
DROP TRIGGER frozen_message ON deliveries;
CREATE TRIGGER frozen_message BEFORE UPDATE OF event_id, endpoint_id, lane, case_key ON deliveries FOR EACH ROW
    WHEN ((OLD.event_id, OLD.endpoint_id, OLD.lane, OLD.case_key) IS DISTINCT FROM (NEW.event_id, NEW.endpoint_id, NEW.lane, NEW.case_key)
          AND qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION refuse_frozen('a delivery is of one message about one case, for one receiver');
DROP TRIGGER frozen_arrival ON deliveries;
CREATE TRIGGER frozen_arrival BEFORE UPDATE OF delivered_at ON deliveries FOR EACH ROW
    WHEN (OLD.delivered_at IS NOT NULL
          AND OLD.delivered_at IS DISTINCT FROM NEW.delivered_at
          AND qa_is_bound('deliveries'::regclass))
    EXECUTE FUNCTION refuse_frozen('when a message was delivered stands');
DROP TRIGGER frozen_address ON alerts;
CREATE TRIGGER frozen_address BEFORE UPDATE OF kind, about_id, occasion, recipient_role, recipient, at ON alerts FOR EACH ROW
    WHEN ((OLD.kind, OLD.about_id, OLD.occasion, OLD.recipient_role, OLD.recipient, OLD.at) IS DISTINCT FROM (NEW.kind, NEW.about_id, NEW.occasion, NEW.recipient_role, NEW.recipient, NEW.at)
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was told whom, and when, stands');
DROP TRIGGER frozen_seeing ON alerts;
CREATE TRIGGER frozen_seeing BEFORE UPDATE OF seen_at ON alerts FOR EACH ROW
    WHEN (OLD.seen_at IS NOT NULL
          AND OLD.seen_at IS DISTINCT FROM NEW.seen_at
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('when somebody saw what they were told stands');
DROP TRIGGER frozen_end ON alerts;
CREATE TRIGGER frozen_end BEFORE UPDATE OF over_at ON alerts FOR EACH ROW
    WHEN (OLD.over_at IS NOT NULL
          AND OLD.over_at IS DISTINCT FROM NEW.over_at
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION refuse_frozen('that what was told is over stands');
DROP TRIGGER frozen_day ON days_of_reads;
CREATE TRIGGER frozen_day BEFORE UPDATE OF day, listed ON days_of_reads FOR EACH ROW
    WHEN ((OLD.day, OLD.listed) IS DISTINCT FROM (NEW.day, NEW.listed)
          AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('a day whose reads are looked through stays so');
DROP TRIGGER frozen_looking ON days_of_reads;
CREATE TRIGGER frozen_looking BEFORE UPDATE OF looked_through_at ON days_of_reads FOR EACH ROW
    WHEN (OLD.looked_through_at IS NOT NULL
          AND OLD.looked_through_at IS DISTINCT FROM NEW.looked_through_at
          AND qa_is_bound('days_of_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('when the reads of a day were looked through stands');
DROP TRIGGER frozen_telling ON absences;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF worker, reason_code, valid ON absences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.reason_code, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.reason_code, NEW.valid)
          AND qa_is_bound('absences'::regclass))
    EXECUTE FUNCTION frozen_telling_of_absences();
DROP TRIGGER frozen_telling ON auditor_group_memberships;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF "group", team, valid ON auditor_group_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD."group", OLD.team, OLD.valid) IS DISTINCT FROM (NEW."group", NEW.team, NEW.valid)
          AND qa_is_bound('auditor_group_memberships'::regclass))
    EXECUTE FUNCTION frozen_telling_of_auditor_group_memberships();
DROP TRIGGER frozen_telling ON posts;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF kind, team, service, worker, valid ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.kind, OLD.team, OLD.service, OLD.worker, OLD.valid) IS DISTINCT FROM (NEW.kind, NEW.team, NEW.service, NEW.worker, NEW.valid)
          AND qa_is_bound('posts'::regclass))
    EXECUTE FUNCTION frozen_telling_of_posts();
DROP TRIGGER frozen_telling ON supervisions;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF worker, supervisor, valid ON supervisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.supervisor, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.supervisor, NEW.valid)
          AND qa_is_bound('supervisions'::regclass))
    EXECUTE FUNCTION frozen_telling_of_supervisions();
DROP TRIGGER frozen_telling ON team_memberships;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF worker, team, valid ON team_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.team, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.team, NEW.valid)
          AND qa_is_bound('team_memberships'::regclass))
    EXECUTE FUNCTION frozen_telling_of_team_memberships();
DROP TRIGGER frozen_telling ON team_services;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF team, service, valid ON team_services DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.team, OLD.service, OLD.valid) IS DISTINCT FROM (NEW.team, NEW.service, NEW.valid)
          AND qa_is_bound('team_services'::regclass))
    EXECUTE FUNCTION frozen_telling_of_team_services();
DROP TRIGGER frozen_telling ON case_system_references;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF system, kind, reference, folded, worker, team, valid ON case_system_references DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.system, OLD.kind, OLD.reference, OLD.folded, OLD.worker, OLD.team, OLD.valid) IS DISTINCT FROM (NEW.system, NEW.kind, NEW.reference, NEW.folded, NEW.worker, NEW.team, NEW.valid)
          AND qa_is_bound('case_system_references'::regclass))
    EXECUTE FUNCTION frozen_telling_of_case_system_references();
DROP TRIGGER frozen_telling ON workers;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF starts_on, leaves_on, observations_required ON workers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.starts_on, OLD.leaves_on, OLD.observations_required) IS DISTINCT FROM (NEW.starts_on, NEW.leaves_on, NEW.observations_required)
          AND qa_is_bound('workers'::regclass))
    EXECUTE FUNCTION frozen_telling_of_workers();
DROP TRIGGER frozen_telling ON case_systems;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF source ON case_systems DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.source IS DISTINCT FROM NEW.source
          AND qa_is_bound('case_systems'::regclass))
    EXECUTE FUNCTION frozen_telling_of_case_systems();
DROP TRIGGER frozen_telling ON webhook_endpoints;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE OF system, url, event_types, secrets, disabled_at, deleted_at ON webhook_endpoints DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.system, OLD.url, OLD.event_types, OLD.secrets, OLD.disabled_at, OLD.deleted_at) IS DISTINCT FROM (NEW.system, NEW.url, NEW.event_types, NEW.secrets, NEW.disabled_at, NEW.deleted_at)
          AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION frozen_telling_of_webhook_endpoints();
DROP TRIGGER frozen_token ON scim_users;
CREATE TRIGGER frozen_token BEFORE UPDATE OF issuer, subject, created_at ON scim_users FOR EACH ROW
    WHEN ((OLD.issuer, OLD.subject, OLD.created_at) IS DISTINCT FROM (NEW.issuer, NEW.subject, NEW.created_at)
          AND qa_is_bound('scim_users'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose token it is never changes');
DROP TRIGGER frozen_removal ON scim_users;
CREATE TRIGGER frozen_removal BEFORE UPDATE OF user_name, external_id, display_name, named, ended_at, changed_at, deleted_at ON scim_users FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.user_name, OLD.external_id, OLD.display_name, OLD.named, OLD.ended_at, OLD.changed_at, OLD.deleted_at) IS DISTINCT FROM (NEW.user_name, NEW.external_id, NEW.display_name, NEW.named, NEW.ended_at, NEW.changed_at, NEW.deleted_at)
          AND qa_is_bound('scim_users'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was removed stays as it was');
DROP TRIGGER frozen_issuer ON scim_groups;
CREATE TRIGGER frozen_issuer BEFORE UPDATE OF issuer, created_at ON scim_groups FOR EACH ROW
    WHEN ((OLD.issuer, OLD.created_at) IS DISTINCT FROM (NEW.issuer, NEW.created_at)
          AND qa_is_bound('scim_groups'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose group it is never changes');
DROP TRIGGER frozen_removal ON scim_groups;
CREATE TRIGGER frozen_removal BEFORE UPDATE OF display_name, external_id, changed_at, deleted_at ON scim_groups FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.display_name, OLD.external_id, OLD.changed_at, OLD.deleted_at) IS DISTINCT FROM (NEW.display_name, NEW.external_id, NEW.changed_at, NEW.deleted_at)
          AND qa_is_bound('scim_groups'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was removed stays as it was');
DROP TRIGGER frozen_mapping ON group_roles;
CREATE TRIGGER frozen_mapping BEFORE UPDATE OF group_id, role, scope, service, team ON group_roles FOR EACH ROW
    WHEN ((OLD.group_id, OLD.role, OLD.scope, OLD.service, OLD.team) IS DISTINCT FROM (NEW.group_id, NEW.role, NEW.scope, NEW.service, NEW.team)
          AND qa_is_bound('group_roles'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a group gives is proposed anew, never changed');
DROP TRIGGER frozen_end ON group_roles;
CREATE TRIGGER frozen_end BEFORE UPDATE OF ended_at ON group_roles FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL
          AND OLD.ended_at IS DISTINCT FROM NEW.ended_at
          AND qa_is_bound('group_roles'::regclass))
    EXECUTE FUNCTION refuse_frozen('what has ended is proposed anew');
DROP TRIGGER frozen_given_by ON role_assignments;
CREATE TRIGGER frozen_given_by BEFORE UPDATE OF group_role_id ON role_assignments FOR EACH ROW
    WHEN (OLD.group_role_id IS DISTINCT FROM NEW.group_role_id
          AND qa_is_bound('role_assignments'::regclass))
    EXECUTE FUNCTION refuse_frozen('by whom a role was given never changes');
DROP TRIGGER frozen_proposal ON hand_overs;
CREATE TRIGGER frozen_proposal BEFORE UPDATE OF from_worker, to_workers, kinds, because, shared, proposed_by, proposed_at ON hand_overs FOR EACH ROW
    WHEN ((OLD.from_worker, OLD.to_workers, OLD.kinds, OLD.because, OLD.shared, OLD.proposed_by, OLD.proposed_at) IS DISTINCT FROM (NEW.from_worker, NEW.to_workers, NEW.kinds, NEW.because, NEW.shared, NEW.proposed_by, NEW.proposed_at)
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hand-over stands as it was proposed');
DROP TRIGGER frozen_acceptance ON hand_overs;
CREATE TRIGGER frozen_acceptance BEFORE UPDATE OF accepted_at ON hand_overs FOR EACH ROW
    WHEN (OLD.accepted_at IS NOT NULL
          AND OLD.accepted_at IS DISTINCT FROM NEW.accepted_at
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was carried out, and when, stands');
DROP TRIGGER frozen_withdrawal ON hand_overs;
CREATE TRIGGER frozen_withdrawal BEFORE UPDATE OF withdrawn_at, withdrawn_by ON hand_overs FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          AND (OLD.withdrawn_at, OLD.withdrawn_by) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by)
          AND qa_is_bound('hand_overs'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was withdrawn, when and by whom, stands');

-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.

DROP TRIGGER IF EXISTS frozen_audit ON audit_responses;
CREATE TRIGGER frozen_audit BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a response stays with its audit');
DROP TRIGGER IF EXISTS frozen_notification ON audit_responses;
CREATE TRIGGER frozen_notification BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND (OLD.notified_at, OLD.policy_version) IS DISTINCT FROM (NEW.notified_at, NEW.policy_version)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('when the worker was notified stands, and the clock that began then');
DROP TRIGGER IF EXISTS frozen_due_date ON audit_responses;
CREATE TRIGGER frozen_due_date BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND (OLD.due_on, OLD.due_on_before) IS DISTINCT FROM (NEW.due_on, NEW.due_on_before)
          AND (NEW.due_on > OLD.due_on AND NEW.calendar_version > OLD.calendar_version AND NEW.due_on_before = coalesce(OLD.due_on_before, OLD.due_on)) IS NOT TRUE
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER IF EXISTS frozen_submission ON audit_responses;
CREATE TRIGGER frozen_submission BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.first_submitted_at IS NOT NULL
          AND (OLD.first_submitted_at, OLD.first_submitted_on) IS DISTINCT FROM (NEW.first_submitted_at, NEW.first_submitted_on)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER IF EXISTS frozen_adequacy ON audit_responses;
CREATE TRIGGER frozen_adequacy BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.adequate_at IS NOT NULL
          AND (OLD.adequate_at, OLD.adequate_submitted_on) IS DISTINCT FROM (NEW.adequate_at, NEW.adequate_submitted_on)
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION refuse_frozen('a response that was found adequate stays so');
DROP TRIGGER IF EXISTS frozen_place ON response_rounds;
CREATE TRIGGER frozen_place BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN ((OLD.response_id, OLD.number) IS DISTINCT FROM (NEW.response_id, NEW.number)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a round stays with its response');
DROP TRIGGER IF EXISTS frozen_submission ON response_rounds;
CREATE TRIGGER frozen_submission BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.submitted_at IS NOT NULL
          AND (OLD.submitted_at, OLD.submitted_by, OLD.on_behalf, OLD.on_behalf_of) IS DISTINCT FROM (NEW.submitted_at, NEW.submitted_by, NEW.on_behalf, NEW.on_behalf_of)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER IF EXISTS frozen_review ON response_rounds;
CREATE TRIGGER frozen_review BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL
          AND (OLD.outcome, OLD.reasons, OLD.reviewed_at, OLD.reviewed_by, OLD.reviewed_as) IS DISTINCT FROM (NEW.outcome, NEW.reasons, NEW.reviewed_at, NEW.reviewed_by, NEW.reviewed_as)
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('the outcome of a review stands; a return opens a further round');
DROP TRIGGER IF EXISTS frozen_due_date ON response_rounds;
CREATE TRIGGER frozen_due_date BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND (NEW.due_on > OLD.due_on AND (NEW.explanation ->> 'calendar_version')::int > (OLD.explanation ->> 'calendar_version')::int) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER IF EXISTS frozen_review_date ON response_rounds;
CREATE TRIGGER frozen_review_date BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.review_due_on IS NOT NULL
          AND OLD.review_due_on IS DISTINCT FROM NEW.review_due_on
          AND (NEW.review_due_on > OLD.review_due_on AND (NEW.review_explanation ->> 'calendar_version')::int > (OLD.review_explanation ->> 'calendar_version')::int) IS NOT TRUE
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER IF EXISTS frozen_content ON response_items;
CREATE TRIGGER frozen_content BEFORE UPDATE ON response_items FOR EACH ROW
    WHEN ((OLD.round_id, OLD.action_id, OLD.how, OLD.done_on, OLD.finish_on, OLD.reason_not_immediate) IS DISTINCT FROM (NEW.round_id, NEW.action_id, NEW.how, NEW.done_on, NEW.finish_on, NEW.reason_not_immediate)
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was submitted stands');
DROP TRIGGER IF EXISTS frozen_message ON notifications;
CREATE TRIGGER frozen_message BEFORE UPDATE ON notifications FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.kind, OLD.queued_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.queued_at)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION refuse_frozen('a notification is of one audit, and says one thing of it');
DROP TRIGGER IF EXISTS frozen_delivery ON notifications;
CREATE TRIGGER frozen_delivery BEFORE UPDATE ON notifications FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND (OLD.notified_at, OLD.delivered_by, OLD.delivered_how) IS DISTINCT FROM (NEW.notified_at, NEW.delivered_by, NEW.delivered_how)
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION refuse_frozen('when and how the worker was told stands');
DROP TRIGGER IF EXISTS frozen_content ON restorative_actions;
CREATE TRIGGER frozen_content BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.set_at IS NOT NULL
          AND (OLD.audit_id, OLD.kind, OLD.description, OLD.needed_before_closure, OLD.set_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.description, NEW.needed_before_closure, NEW.set_at)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action stands as it was set by the completion of its audit');
DROP TRIGGER IF EXISTS frozen_promise ON restorative_actions;
CREATE TRIGGER frozen_promise BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.first_promised_on IS NOT NULL
          AND OLD.first_promised_on IS DISTINCT FROM NEW.first_promised_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('the date promised first is kept, wherever it has moved since');
DROP TRIGGER IF EXISTS frozen_verification ON restorative_actions;
CREATE TRIGGER frozen_verification BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.verified_at IS NOT NULL
          AND (OLD.done_by, OLD.verified_at, OLD.verified_by, OLD.made_a_difference, OLD.verification_note) IS DISTINCT FROM (NEW.done_by, NEW.verified_at, NEW.verified_by, NEW.made_a_difference, NEW.verification_note)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was seen done stands');
DROP TRIGGER IF EXISTS frozen_cancellation ON restorative_actions;
CREATE TRIGGER frozen_cancellation BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.cancelled_at IS NOT NULL
          AND (OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM (NEW.cancelled_at, NEW.cancel_reason)
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION refuse_frozen('an action that was cancelled says why');
DROP TRIGGER IF EXISTS frozen_content ON action_date_changes;
CREATE TRIGGER frozen_content BEFORE UPDATE ON action_date_changes FOR EACH ROW
    WHEN ((OLD.action_id, OLD.number, OLD.which, OLD.was, OLD.became, OLD.reason, OLD.changed_at, OLD.changed_by) IS DISTINCT FROM (NEW.action_id, NEW.number, NEW.which, NEW.was, NEW.became, NEW.reason, NEW.changed_at, NEW.changed_by)
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a date that was promised is kept');
DROP TRIGGER IF EXISTS frozen_cause ON escalations;
CREATE TRIGGER frozen_cause BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN ((OLD.trigger, OLD.audit_id, OLD.finding_id, OLD.gate_id, OLD.raised_at, OLD.policy_version) IS DISTINCT FROM (NEW.trigger, NEW.audit_id, NEW.finding_id, NEW.gate_id, NEW.raised_at, NEW.policy_version)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was escalated, and when, stands');
DROP TRIGGER IF EXISTS frozen_deadline ON escalations;
CREATE TRIGGER frozen_deadline BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.acknowledge_by IS NOT NULL AND OLD.inform_by IS NOT NULL
          AND (OLD.acknowledge_by, OLD.inform_by) IS DISTINCT FROM (NEW.acknowledge_by, NEW.inform_by)
          AND (NEW.acknowledge_by >= OLD.acknowledge_by AND NEW.inform_by >= OLD.inform_by AND NEW.calendar_version > OLD.calendar_version) IS NOT TRUE
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a due date stands; a newer calendar alone lengthens it, and the one before is kept');
DROP TRIGGER IF EXISTS frozen_arrival ON escalations;
CREATE TRIGGER frozen_arrival BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.notified_at IS NOT NULL
          AND OLD.notified_at IS DISTINCT FROM NEW.notified_at
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('that the message arrived, and when, stands');
DROP TRIGGER IF EXISTS frozen_acknowledgement ON escalations;
CREATE TRIGGER frozen_acknowledgement BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL
          AND OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was acknowledged, and when, stands');
DROP TRIGGER IF EXISTS frozen_second_hop ON escalations;
CREATE TRIGGER frozen_second_hop BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.quality_standards_informed_at IS NOT NULL
          AND (OLD.quality_standards_informed_at, OLD.informed_by, OLD.actions_to_be_taken) IS DISTINCT FROM (NEW.quality_standards_informed_at, NEW.informed_by, NEW.actions_to_be_taken)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('what Quality & Standards were told, when and by whom stands');
DROP TRIGGER IF EXISTS frozen_resolution ON escalations;
CREATE TRIGGER frozen_resolution BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.resolved_at IS NOT NULL
          AND (OLD.resolved_at, OLD.resolved_by, OLD.resolution) IS DISTINCT FROM (NEW.resolved_at, NEW.resolved_by, NEW.resolution)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('how an escalation was resolved stands');
DROP TRIGGER IF EXISTS frozen_dispute ON escalations;
CREATE TRIGGER frozen_dispute BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.disputed
          AND (OLD.disputed, OLD.disputed_at, OLD.disputed_by, OLD.dispute_reason) IS DISTINCT FROM (NEW.disputed, NEW.disputed_at, NEW.disputed_by, NEW.dispute_reason)
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a dispute stays beside the escalation');
DROP TRIGGER IF EXISTS frozen_address ON escalation_recipients;
CREATE TRIGGER frozen_address BEFORE UPDATE ON escalation_recipients FOR EACH ROW
    WHEN ((OLD.escalation_id, OLD.recipient, OLD.acts_as, OLD.for_team, OLD.notified_at) IS DISTINCT FROM (NEW.escalation_id, NEW.recipient, NEW.acts_as, NEW.for_team, NEW.notified_at)
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('who was told, for which team and when stands');
DROP TRIGGER IF EXISTS frozen_acknowledgement ON escalation_recipients;
CREATE TRIGGER frozen_acknowledgement BEFORE UPDATE ON escalation_recipients FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL
          AND (OLD.acknowledged_at, OLD.acknowledged_by, OLD.acknowledged_as) IS DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by, NEW.acknowledged_as)
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION refuse_frozen('who acknowledged, and when, stands');

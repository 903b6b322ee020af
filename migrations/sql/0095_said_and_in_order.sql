-- What says why is never blank, and what follows a step is not before it.
ALTER TABLE action_date_changes
    ADD CONSTRAINT action_date_changes_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE audit_answers
    ADD CONSTRAINT audit_answers_rationale_said_check CHECK (rationale ~ '\S') NOT VALID,
    ADD CONSTRAINT audit_answers_comment_said_check CHECK (comment ~ '\S') NOT VALID;
ALTER TABLE audit_intervals
    ADD CONSTRAINT audit_intervals_reason_said_check CHECK (reason ~ '\S') NOT VALID,
    ADD CONSTRAINT audit_intervals_ended_reason_said_check CHECK (ended_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT audit_intervals_ended_at_in_order_check CHECK (set_at <= ended_at + interval '1 minute') NOT VALID;
ALTER TABLE audit_responses
    ADD CONSTRAINT audit_responses_handed_over_because_said_check CHECK (handed_over_because ~ '\S') NOT VALID,
    ADD CONSTRAINT audit_responses_adequate_at_in_order_check CHECK (first_submitted_at <= adequate_at + interval '1 minute') NOT VALID;
ALTER TABLE audit_tools
    ADD CONSTRAINT audit_tools_retired_at_in_order_check CHECK (published_at <= retired_at + interval '1 minute') NOT VALID;
ALTER TABLE audits
    ADD CONSTRAINT audits_cancel_reason_said_check CHECK (cancel_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT audits_conflict_override_reason_said_check CHECK (conflict_override_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT audits_error_reason_said_check CHECK (error_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT audits_started_at_in_order_check CHECK (planned_at <= started_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT audits_cancelled_at_in_order_check CHECK (planned_at <= cancelled_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT audits_completed_at_in_order_check CHECK (started_at <= completed_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT audits_closed_at_in_order_check CHECK (completed_at <= closed_at + interval '1 minute') NOT VALID;
ALTER TABLE bank_holidays
    ADD CONSTRAINT bank_holidays_title_said_check CHECK (title ~ '\S') NOT VALID,
    ADD CONSTRAINT bank_holidays_withdrawn_reason_said_check CHECK (withdrawn_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT bank_holidays_withdrawn_version_in_order_check CHECK (added_version <= withdrawn_version) NOT VALID;
ALTER TABLE board_decisions
    ADD CONSTRAINT board_decisions_decision_said_check CHECK (decision ~ '\S') NOT VALID,
    ADD CONSTRAINT board_decisions_done_how_said_check CHECK (done_how ~ '\S') NOT VALID,
    ADD CONSTRAINT board_decisions_done_at_in_order_check CHECK (recorded_at <= done_at + interval '1 minute') NOT VALID;
ALTER TABLE board_receipts
    ADD CONSTRAINT board_receipts_received_at_in_order_check CHECK (disseminated_at <= received_at + interval '1 minute') NOT VALID;
ALTER TABLE board_reports
    ADD CONSTRAINT board_reports_presented_at_in_order_check CHECK (drafted_at <= presented_at + interval '1 minute') NOT VALID;
ALTER TABLE calendar_versions
    ADD CONSTRAINT calendar_versions_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE closure_gates
    ADD CONSTRAINT closure_gates_override_reason_said_check CHECK (override_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT closure_gates_override_withdrawal_reason_said_check CHECK (override_withdrawal_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT closure_gates_reopen_reason_said_check CHECK (reopen_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT closure_gates_override_approved_at_in_order_check CHECK (override_requested_at <= override_approved_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT closure_gates_override_withdrawn_at_in_order_check CHECK (override_requested_at <= override_withdrawn_at + interval '1 minute') NOT VALID;
ALTER TABLE escalations
    ADD CONSTRAINT escalations_actions_to_be_taken_said_check CHECK (actions_to_be_taken ~ '\S') NOT VALID,
    ADD CONSTRAINT escalations_dispute_reason_said_check CHECK (dispute_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT escalations_resolution_said_check CHECK (resolution ~ '\S') NOT VALID,
    ADD CONSTRAINT escalations_acknowledged_at_in_order_check CHECK (raised_at <= acknowledged_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT escalations_quality_standards_informed_at_in_order_check CHECK (acknowledged_at <= quality_standards_informed_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT escalations_disputed_at_in_order_check CHECK (raised_at <= disputed_at + interval '1 minute') NOT VALID;
ALTER TABLE family_contact_attempts
    ADD CONSTRAINT family_contact_attempts_how_said_check CHECK (how ~ '\S') NOT VALID;
ALTER TABLE family_contacts
    ADD CONSTRAINT family_contacts_not_expected_reason_said_check CHECK (not_expected_reason ~ '\S') NOT VALID;
ALTER TABLE learning_actions
    ADD CONSTRAINT learning_actions_cancel_reason_said_check CHECK (cancel_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_actions_description_said_check CHECK (description ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_actions_how_said_check CHECK (how ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_actions_not_achieved_reason_said_check CHECK (not_achieved_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_actions_verification_note_said_check CHECK (verification_note ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_actions_verified_at_in_order_check CHECK (set_at <= verified_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT learning_actions_cancelled_at_in_order_check CHECK (set_at <= cancelled_at + interval '1 minute') NOT VALID;
ALTER TABLE learning_highlights
    ADD CONSTRAINT learning_highlights_highlight_said_check CHECK (highlight ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_highlights_what_was_done_said_check CHECK (what_was_done ~ '\S') NOT VALID,
    ADD CONSTRAINT learning_highlights_answered_at_in_order_check CHECK (recorded_at <= answered_at + interval '1 minute') NOT VALID;
ALTER TABLE legal_holds
    ADD CONSTRAINT legal_holds_lift_reason_said_check CHECK (lift_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT legal_holds_reason_said_check CHECK (reason ~ '\S') NOT VALID,
    ADD CONSTRAINT legal_holds_lifted_at_in_order_check CHECK (placed_at <= lifted_at + interval '1 minute') NOT VALID;
ALTER TABLE moderation_outcomes
    ADD CONSTRAINT moderation_outcomes_auditor_rationale_said_check CHECK (auditor_rationale ~ '\S') NOT VALID;
ALTER TABLE moderation_samples
    ADD CONSTRAINT moderation_samples_closed_at_in_order_check CHECK (drawn_at <= closed_at + interval '1 minute') NOT VALID;
ALTER TABLE notifications
    ADD CONSTRAINT notifications_delivered_how_said_check CHECK (delivered_how ~ '\S') NOT VALID;
ALTER TABLE observation_corrections
    ADD CONSTRAINT observation_corrections_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE observation_exemptions
    ADD CONSTRAINT observation_exemptions_reason_said_check CHECK (reason ~ '\S') NOT VALID,
    ADD CONSTRAINT observation_exemptions_ended_at_in_order_check CHECK (granted_at <= ended_at + interval '1 minute') NOT VALID;
ALTER TABLE panel_date_changes
    ADD CONSTRAINT panel_date_changes_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE plan_exemptions
    ADD CONSTRAINT plan_exemptions_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE policy_versions
    ADD CONSTRAINT policy_versions_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE practice_observations
    ADD CONSTRAINT practice_observations_withdrawn_reason_said_check CHECK (withdrawn_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT practice_observations_withdrawn_at_in_order_check CHECK (recorded_at <= withdrawn_at + interval '1 minute') NOT VALID;
ALTER TABLE qa_update_submissions
    ADD CONSTRAINT qa_update_submissions_return_reasons_said_check CHECK (return_reasons ~ '\S') NOT VALID,
    ADD CONSTRAINT qa_update_submissions_returned_at_in_order_check CHECK (submitted_at <= returned_at + interval '1 minute') NOT VALID;
ALTER TABLE quarter_plans
    ADD CONSTRAINT quarter_plans_published_at_in_order_check CHECK (drafted_at <= published_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT quarter_plans_superseded_at_in_order_check CHECK (published_at <= superseded_at + interval '1 minute') NOT VALID;
ALTER TABLE redactions
    ADD CONSTRAINT redactions_lift_reason_said_check CHECK (lift_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT redactions_reason_said_check CHECK (reason ~ '\S') NOT VALID,
    ADD CONSTRAINT redactions_lifted_at_in_order_check CHECK (redacted_at <= lifted_at + interval '1 minute') NOT VALID;
ALTER TABLE response_items
    ADD CONSTRAINT response_items_how_said_check CHECK (how ~ '\S') NOT VALID,
    ADD CONSTRAINT response_items_reason_not_immediate_said_check CHECK (reason_not_immediate ~ '\S') NOT VALID;
ALTER TABLE response_rounds
    ADD CONSTRAINT response_rounds_reasons_said_check CHECK (reasons ~ '\S') NOT VALID,
    ADD CONSTRAINT response_rounds_reviewed_at_in_order_check CHECK (submitted_at <= reviewed_at + interval '1 minute') NOT VALID;
ALTER TABLE restorative_actions
    ADD CONSTRAINT restorative_actions_cancel_reason_said_check CHECK (cancel_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_description_said_check CHECK (description ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_how_said_check CHECK (how ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_not_achieved_reason_said_check CHECK (not_achieved_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_reassigned_because_said_check CHECK (reassigned_because ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_verification_note_said_check CHECK (verification_note ~ '\S') NOT VALID,
    ADD CONSTRAINT restorative_actions_verified_at_in_order_check CHECK (set_at <= verified_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT restorative_actions_cancelled_at_in_order_check CHECK (set_at <= cancelled_at + interval '1 minute') NOT VALID;
ALTER TABLE restriction_grants
    ADD CONSTRAINT restriction_grants_reason_said_check CHECK (reason ~ '\S') NOT VALID;
ALTER TABLE retention_runs
    ADD CONSTRAINT retention_runs_cancel_reason_said_check CHECK (cancel_reason ~ '\S') NOT VALID,
    ADD CONSTRAINT retention_runs_approved_at_in_order_check CHECK (proposed_at <= approved_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT retention_runs_cancelled_at_in_order_check CHECK (proposed_at <= cancelled_at + interval '1 minute') NOT VALID;
ALTER TABLE rights_changes
    ADD CONSTRAINT rights_changes_reason_said_check CHECK (reason ~ '\S') NOT VALID,
    ADD CONSTRAINT rights_changes_refusal_said_check CHECK (refusal ~ '\S') NOT VALID,
    ADD CONSTRAINT rights_changes_decided_at_in_order_check CHECK (proposed_at <= decided_at + interval '1 minute') NOT VALID;
ALTER TABLE unusual_reads
    ADD CONSTRAINT unusual_reads_outcome_said_check CHECK (outcome ~ '\S') NOT VALID;
ALTER TABLE worker_views
    ADD CONSTRAINT worker_views_view_said_check CHECK (view ~ '\S') NOT VALID;

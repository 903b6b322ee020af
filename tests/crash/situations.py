"""Which test prepares a situation for each state-changing operation, in which it is cut off.

The drill runs these tests against a service whose requests for these operations are cut off before
and after each statement of theirs (`cut_off`). So what a situation takes is written once, where the
operation itself is tested.
"""

from collections.abc import Mapping
from typing import Final

import orjson

from tests.api import CONTRACT
from tests.crash.each_statement import Otherwise, operations

OPERATIONS: Final = operations(
    *(orjson.loads(CONTRACT.with_name(name).read_bytes()) for name in (CONTRACT.name, "scim.json"))
)
"""What changes state, by the contract and by SCIM."""

_BY_TEST: Final[Mapping[str, tuple[str, ...]]] = {
    "tests/actions/test_actions.py"
    "::test_a_date_that_was_missed_stays_overdue_whatever_is_promised_next": (
        "complete_action",
        "plan_action",
        "replan_action",
        "verify_action",
    ),
    "tests/actions/test_actions.py::test_the_day_on_which_it_was_done_is_corrected_with_a_reason": (
        "correct_done_action",
    ),
    "tests/actions/test_actions.py::test_who_leads_is_told_of_the_date_that_a_verifier_sets": (
        "find_action_not_achieved",
    ),
    "tests/actions/test_owners.py::test_a_named_owner_is_changed_with_a_reason[qs-1]": (
        "reassign_action",
    ),
    "tests/audits/test_answers.py::test_saving_an_answer_leaves_the_audits_version": (
        "judge_overall",
        "record_answer",
    ),
    "tests/audits/test_batches.py::test_a_key_stands_for_one_audit_of_one_caller": ("plan_audits",),
    "tests/audits/test_batches.py"
    "::test_each_audit_of_a_batch_has_its_own_event_and_the_refused_has_none": ("assign_audits",),
    "tests/audits/test_comparing.py"
    "::test_an_earlier_audit_recorded_in_error_is_not_compared_and_it_is_said_why": (
        "confirm_audit_error",
        "report_audit_error",
    ),
    "tests/audits/test_current_tags.py::test_a_change_below_a_part_is_told_the_parts_tag": (
        "add_action",
    ),
    "tests/audits/test_drafting.py::test_an_action_of_a_draft_is_corrected_as_a_whole": (
        "correct_audit_action",
    ),
    "tests/audits/test_drafting.py::test_an_action_taken_out_of_a_draft_was_never_set": (
        "take_out_audit_action",
    ),
    "tests/audits/test_in_error.py"
    "::test_what_one_reported_waits_for_another_who_confirms_or_withdraws_it": (
        "withdraw_audit_error",
    ),
    "tests/audits/test_life_cycle.py::test_an_audit_goes_from_planned_to_completed": (
        "judge_domain",
    ),
    "tests/audits/test_life_cycle.py::test_the_day_of_completion_is_londons": (
        "discuss_in_supervision",
    ),
    "tests/board/test_charts.py"
    "::test_a_change_is_withdrawn_once_with_a_reason_by_whoever_may_mark": (
        "mark_chart_change",
        "withdraw_chart_change",
    ),
    "tests/board/test_page_names.py::test_a_name_that_went_is_on_no_page_from_then_on": (
        "disseminate_board_report",
        "draft_board_report",
        "present_board_report",
        "record_board_decision",
    ),
    "tests/board/test_reports.py"
    "::test_a_decision_without_an_owner_is_in_the_work_of_quality_and_standards": (
        "complete_board_decision",
    ),
    "tests/board/test_reports.py::test_a_draft_for_the_board_is_edited": ("edit_board_report",),
    "tests/board/test_reports.py::test_a_report_is_disseminated_with_receipts": (
        "acknowledge_board_report",
    ),
    "tests/board/test_updates.py::test_a_return_and_a_resubmission_keep_both": (
        "begin_qa_update",
        "return_qa_update",
        "submit_qa_update",
        "write_qa_update",
    ),
    "tests/calendars/test_bank_holidays.py::test_a_day_is_withdrawn_once_and_can_be_added_again": (
        "add_bank_holiday",
        "withdraw_bank_holiday",
    ),
    "tests/calendars/test_extending.py::test_a_file_is_compared_and_then_brought_in": (
        "compare_bank_holidays",
        "import_bank_holidays",
    ),
    "tests/calendars/test_policies.py::test_a_scheduled_version_takes_over_on_its_day": (
        "change_policy",
    ),
    "tests/caseloads/test_drawing.py"
    "::test_each_child_of_the_team_has_a_known_chance_and_who_cannot_be_drawn_a_reason": (
        "redraw_quarter_plan_cases",
    ),
    "tests/catalogue/test_catalogue.py"
    "::test_a_tool_without_an_overall_judgement_has_a_domain_that_escalates": (
        "retire_audit_tool",
        "rewrite_audit_tool",
    ),
    "tests/catalogue/test_catalogue.py::test_the_same_request_again_makes_no_further_number": (
        "create_judgement_scale",
    ),
    "tests/closures/test_gates.py::test_a_cancelled_audit_is_owed_again": ("cancel_audit",),
    "tests/closures/test_gates.py::test_a_clear_gate_reopened_needs_a_new_audit": (
        "reopen_closure_gate",
    ),
    "tests/closures/test_gates.py"
    "::test_a_gate_clears_when_audit_actions_and_findings_are_all_settled": (
        "acknowledge_escalation",
        "assign_audit",
        "inform_quality_standards",
        "resolve_escalation",
    ),
    "tests/closures/test_gates.py::test_an_override_given_by_mistake_is_withdrawn_by_one_person": (
        "withdraw_closure_gate_override",
    ),
    "tests/closures/test_gates.py::test_an_override_takes_two_people": (
        "approve_override",
        "request_override",
    ),
    "tests/closures/test_narratives.py::test_an_empty_batch_is_taken": ("receive_case_events",),
    "tests/comments/test_own_view.py::test_the_database_holds_it_too": ("write_own_view",),
    "tests/comments/test_release.py"
    "::test_an_addressed_comment_is_released_by_quality_and_standards_alone": ("release_comment",),
    "tests/comments/test_talking.py::test_a_resolved_conversation_is_over": (
        "reply_to_comment",
        "resolve_comment",
    ),
    "tests/directory/test_reach.py::test_nobody_claims_the_cases_that_wait_for_themselves": (
        "put_service",
    ),
    "tests/directory/test_reach.py"
    "::test_what_changes_whom_somebody_reaches_waits_or_is_told[confirm_calendar_year]": (
        "confirm_calendar_year",
        "see_alerts",
    ),
    "tests/directory/test_references.py::test_capitals_make_no_difference_also_for_codes": (
        "claim_case_system_reference",
    ),
    "tests/directory/test_rights.py::test_a_disabled_principal_is_let_in_nowhere": (
        "disable_principal",
    ),
    "tests/directory/test_rights.py::test_what_is_refused_or_outdated_changes_nothing": (
        "confirm_rights_change",
        "end_role_assignment",
        "propose_rights_change",
        "put_worker",
        "refuse_rights_change",
    ),
    "tests/directory/test_routes.py::test_a_source_names_one_case_system": ("put_case_system",),
    "tests/due_audits/test_intervals.py"
    "::test_one_interval_holds_at_a_time_and_the_next_counts_from_its_own_day": (
        "end_audit_interval",
    ),
    "tests/due_audits/test_intervals.py::test_where_no_months_are_named_the_types_own_count": (
        "set_audit_interval",
    ),
    "tests/escalations/test_escalations.py::test_a_stale_step_is_refused": ("dispute_escalation",),
    "tests/hand_overs/test_hand_overs.py"
    "::test_a_new_holder_finds_it_in_their_list_and_reads_their_own_part": ("see_alert",),
    "tests/hand_overs/test_hand_overs.py::test_only_whoever_proposed_it_carries_it_out_and_once": (
        "accept_hand_over",
        "propose_hand_over",
    ),
    "tests/hand_overs/test_proposals.py"
    "::test_whoever_proposed_it_or_quality_and_standards_withdraw_it_and_nothing_moves": (
        "withdraw_hand_over",
    ),
    "tests/me/test_told.py::test_many_are_marked_together_or_none_where_one_is_somebody_else_s": (
        "see_each_alert",
    ),
    "tests/moderation/test_consensus.py"
    "::test_the_two_agree_on_a_third_value_and_neither_judgement_changes": (
        "agree_on_consensus",
        "propose_consensus",
    ),
    "tests/moderation/test_draws.py::test_a_month_with_no_audits_is_drawn_on_record_and_closed": (
        "draw_moderation_sample",
        "redraw_moderation_sample",
    ),
    "tests/moderation/test_outcomes.py::test_a_learning_action_is_cancelled_with_a_reason": (
        "cancel_learning_action",
    ),
    "tests/moderation/test_outcomes.py"
    "::test_learning_actions_are_tracked_until_somebody_else_has_seen_them": (
        "find_learning_not_achieved",
        "verify_learning_action",
    ),
    "tests/moderation/test_restricted.py"
    "::test_a_learning_action_of_what_becomes_restricted_waits_in_somebodys_list": (
        "assign_moderator",
        "complete_learning_action",
        "grant_access_to_waiting_work",
        "record_moderation_outcome",
        "set_learning_action",
    ),
    "tests/moderation/test_second_lock.py"
    "::test_the_database_shows_a_moderator_what_is_theirs_to_moderate_until_it_is_closed": (
        "close_moderation_sample",
    ),
    "tests/notifications/test_notifications.py"
    "::test_told_by_hand_the_clock_starts_at_the_instant_recorded": ("record_delivery",),
    "tests/observations/test_highlights.py"
    "::test_it_is_answered_once_by_those_whom_it_is_routed_to[practice_advisor-pa-1-ld-1]": (
        "answer_learning_highlight",
    ),
    "tests/observations/test_highlights.py::test_missing_and_late_ones_show": (
        "record_learning_highlight",
    ),
    "tests/observations/test_recording.py"
    "::test_a_correction_that_changes_nothing_still_stands_in_the_history": (
        "correct_practice_observation",
        "record_practice_observation",
    ),
    "tests/observations/test_recording.py"
    "::test_a_withdrawn_observation_stays_and_counts_no_longer": ("withdraw_practice_observation",),
    "tests/observations/test_recording.py::test_an_exemption_ends_and_the_share_grows": (
        "end_observation_exemption",
        "grant_observation_exemption",
    ),
    "tests/planning/test_plans.py"
    "::test_a_theme_retired_mid_quarter_stays_in_its_plan_and_is_refused_by_new_ones": (
        "retire_theme",
    ),
    "tests/planning/test_plans.py::test_of_two_plans_published_at_once_one_wins": (
        "rewrite_quarter_plan",
    ),
    "tests/planning/test_restricted.py"
    "::test_a_stand_in_is_not_taken_for_the_record_that_was_chosen": ("grant_restricted_access",),
    "tests/planning/test_under_a_plan.py"
    "::test_a_team_that_moves_group_is_audited_by_its_new_group_and_keeps_its_place_in_the_plan": (
        "put_auditor_group",
        "put_team",
    ),
    "tests/planning/test_under_a_plan.py"
    "::test_an_exempt_auditor_is_proposed_for_nothing_and_their_audits_again": (
        "exempt_from_quarter_plan",
    ),
    "tests/planning/test_under_a_plan.py::test_progress_counts_against_the_plan_and_nothing_else": (
        "allocate_quarter_plan",
        "choose_quarter_plan_cases",
        "complete_audit",
        "create_audit_tool",
        "draft_quarter_plan",
        "edit_audit",
        "plan_audit",
        "publish_audit_tool",
        "publish_quarter_plan",
        "put_audit_type",
        "put_subject",
        "put_theme",
        "record_family_contact",
        "start_audit",
    ),
    "tests/practice_audits/test_domains.py"
    "::test_no_operation_tells_of_the_standard_who_has_not_judged": (
        "record_practice_audit",
        "set_practice_case",
    ),
    "tests/records/test_redactions.py::test_what_was_lifted_can_be_redacted_anew": (
        "lift_redaction",
    ),
    "tests/responses/test_closing.py"
    "::test_with_actions_it_waits_for_the_response_and_every_action": ("cancel_action",),
    "tests/responses/test_on_behalf.py::test_when_the_case_moves_the_response_moves_with_it": (
        "hand_over_response",
    ),
    "tests/responses/test_responses.py::test_submitted_is_not_adequate": ("review_response",),
    "tests/retention/test_caseloads.py::test_a_row_that_was_changed_is_found": ("verify_caseload",),
    "tests/retention/test_dates.py"
    "::test_a_carer_households_record_counts_from_what_was_recorded_last": ("put_panel_date",),
    "tests/retention/test_guards.py::test_the_database_holds_that_the_two_are_two": (
        "cancel_retention_run",
    ),
    "tests/retention/test_removing.py"
    "::test_messages_from_which_somebody_went_before_lose_what_nobody_reads_too": (
        "add_comment",
        "amend_audit",
        "approve_retention_run",
        "lift_legal_hold",
        "place_legal_hold",
        "propose_retention_run",
        "put_caseload",
        "raise_urgent_finding",
        "receive_case_event",
        "record_worker_view",
        "redact_record",
        "submit_response",
    ),
    "tests/scim/test_groups.py::test_the_end_of_a_mapping_or_group_ends_what_it_gave[mapping]": (
        "end_group_role",
    ),
    "tests/scim/test_groups.py::test_the_end_of_a_mapping_or_group_ends_what_it_gave[put]": (
        "replace_group",
    ),
    "tests/scim/test_names.py::test_a_group_takes_no_name_of_another_and_keeps_its_own": (
        "delete_group",
    ),
    "tests/scim/test_names_on_pages.py::test_somebody_who_is_no_worker_here_names_nobody": (
        "create_user",
    ),
    "tests/scim/test_names_on_pages.py::test_whom_the_provider_removes_keeps_their_name_on_pages": (
        "delete_user",
    ),
    "tests/scim/test_people.py::test_a_new_external_id_is_told_and_one_that_is_not_said_stays": (
        "replace_user",
    ),
    "tests/scim/test_refusals.py::test_what_entra_id_sends_is_understood": (
        "patch_group",
        "patch_user",
    ),
    "tests/scim/test_witness.py::test_a_mapping_is_made_by_two_and_never_of_an_administrator": (
        "create_group",
    ),
    "tests/unusual_reads/test_unusual_reads.py::test_nobody_looks_into_their_own_reads": (
        "look_into_unusual_read",
    ),
    "tests/webhooks/test_own_endpoints.py::test_it_rotates_its_own_secret_tests_and_replays": (
        "replay_webhook_delivery",
        "replay_webhook_endpoint",
        "send_webhook_delivery_now",
        "skip_webhook_delivery",
        "test_webhook_endpoint",
    ),
    "tests/webhooks/test_own_endpoints.py::test_nothing_is_done_with_a_deleted_endpoint": (
        "delete_webhook_endpoint",
    ),
    "tests/webhooks/test_routes.py::test_a_rotation_gives_a_new_secret_once": (
        "rotate_webhook_secret",
    ),
    "tests/webhooks/test_routes.py::test_an_endpoint_is_changed_disabled_and_resumed": (
        "change_webhook_endpoint",
        "disable_webhook_endpoint",
        "resume_webhook_endpoint",
    ),
    "tests/webhooks/test_routes.py::test_the_secret_is_shown_once_and_never_again": (
        "register_webhook_endpoint",
    ),
}

SITUATIONS: Final[Mapping[str, str]] = {
    name: test for test, names in _BY_TEST.items() for name in names
}
"""By operation the test that asks for it."""

NOT_CUT: Final[Mapping[str, str]] = {}
"""Operations that are not cut off, and why."""

_TOLD_BEFORE: Final = "The provider asks for whom it has told of, and finds them."
_GONE_BEFORE: Final = "They are gone, which is all that was asked."
_SECRET: Final = "A secret is told once; whoever lost the answer rotates again, with another key."

OTHERWISE: Final[Mapping[str, Otherwise]] = {
    "assign_audits": Otherwise(
        200, '"already_assigned"', "Whoever is to audit it does already, as was asked."
    ),
    "plan_audits": Otherwise(200, '"already_planned"', "Each audit has a key, and is there."),
    "see_each_alert": Otherwise(200, '"already_seen"', "It is seen, as was asked."),
    "replay_webhook_endpoint": Otherwise(
        200,
        '"queued":0',
        "What was queued waits already, so there is nothing to queue.",
    ),
    "create_user": Otherwise(409, '"uniqueness"', _TOLD_BEFORE),
    "create_group": Otherwise(409, '"uniqueness"', _TOLD_BEFORE),
    "delete_user": Otherwise(404, '"404"', _GONE_BEFORE),
    "delete_group": Otherwise(404, '"404"', _GONE_BEFORE),
    "register_webhook_endpoint": Otherwise(201, '"secret":null', _SECRET),
    "rotate_webhook_secret": Otherwise(200, '"secret":null', _SECRET),
}
"""Operations that are answered otherwise when they are sent again, and why that is right."""

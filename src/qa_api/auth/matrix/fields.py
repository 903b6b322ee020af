"""What kind each field of an answer is: which say who, which hold what somebody wrote.

A date, an instant, a number, a flag, an id and one of a closed set need no word here: they are of
the row. A field that holds any other string is named in exactly one of these tables, so a new one
does not show before somebody has said what it is (a test holds the contract to it).
"""

from collections.abc import Mapping
from typing import Final


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


def _named(**who: str) -> Mapping[str, str]:
    return {
        name: meaning.replace("_", " ") for meaning, names in who.items() for name in names.split()
    }


PEOPLE: Final[Mapping[str, str]] = _named(
    who_is_judged="audited_worker",
    who_holds_the_case="worker worker_reference reported_worker",
    who_is_to_do_it="owner doer responder handed_to proposed from_worker to_workers goes_to taker",
    who_did_it="done_by submitted_by on_behalf_of",
    who_audits="auditor",
    who_moderates="moderator moderated_by consensus_proposed_by consensus_agreed_by",
    who_observes="observer",
    who_reviews_or_verifies="reviewer reviewed_by verified_by",
    who_is_asked="addressee",
    who_leads="audited_team_manager audited_head_of_service recipient",
    who_decided_or_wrote_it_down="changed_by reassigned_by set_by ended_by error_reported_by"
    " done_reported_by"
    " recorded_by disseminated_by informed_by resolved_by disputed_by decided_by"
    " override_requested_by override_approved_by override_withdrawn_by reopened_by answered_by"
    " placed_by lifted_by delivered_by corrected_by granted_by withdrawn_by replaced_by begun_by"
    " returned_by acknowledged_by redacted_by handed_over_by proposed_by approved_by cancelled_by"
    " drawn_by closed_by looked_into_by marked_by written_by released_by taken_by sent_by",
    who_looked_or_was_spoken_to="who",
    who_is_let_in="subject issuer workers",
)
"""The fields that say who, by a code, and of whom."""

NEEDED_BY: Final[Mapping[str, str]] = {
    "who is judged": "who leads or oversees them, the audit's auditor and they themselves; not its"
    " moderator, nor who holds the case after them",
    "who holds the case": "whoever sees the thing, but as such no moderator of an audit, nor whose"
    " work it was: whoever deals with the case must know",
    "who is to do it": "whoever sees the thing, but as such no moderator of an audit, nor whose"
    " work it was",
    "who looked or was spoken to": "who may read the whole record",
    "who is let in": "administrators, and Quality & Standards where they confirm it",
}
"""Who is told, where that is not everybody who sees the thing that the field is of."""

TEXTS: Final = _words(
    # of cases
    "overall_rationale rationale positive_feedback paper_records_read evidence comment value",
    "description how verification_note not_achieved_reason cancel_reason reason reasons",
    "reassigned_because handed_over_because not_immediate_because reason_not_immediate",
    "conflict_override_reason error_reason not_expected_reason feedback view",
    "actions_to_be_taken resolution dispute_reason override_reason override_withdrawal_reason",
    "reopen_reason reason_text lift_reason delivered_how ended_reason text",
    # of moderation and practice
    "auditor_rationale quality analysis themes observations contribution_to_impact",
    "consensus_rationale standard_rationale material",
    "moderated_rationale action_plan_comments feedback_to_auditor activity strengths development",
    "withdrawn_reason topic highlight what_was_done why",
    # of the Board and of rights
    "decision done_how summary learning good_practice changes_made evidence_of_impact risks",
    "next_quarter return_reasons refusal",
)
"""The fields that hold what somebody wrote."""

CODES: Final = _words(
    # the authority's own codes, and what they are called
    "team service system group code type audit_type theme theme_code scale_code tool_code",
    "plan_team audited_team auditor_team for_team reason_code locality domain_key question_key",
    "question key judgements section presented_in",
    "domain judgement overall_judgement auditor_judgement moderated_judgement overall_before",
    "consensus_judgement consensus_judgement_label consensus_label unsealed_because second_grade",
    "standard_judgement",
    "unsealed_because_label second_grade_label",
    "overall_after before after kind state trigger outcome answer_kind child_safe_now",
    "restriction_kind parked_reason undeliverable_reason relation_to_auditor family_consent",
    "cadence subject_kind opened_by routed_to reviewer_acts_as reviewed_as answer team_reference",
    "relation reference reported_team source scope name display_name title label stratum month",
    "months starts chart status by part",
    "quarter period practice_lead_session team_name type_name audited_team_name",
    # labels beside codes
    "team_label audited_team_label auditor_team_label type_label audit_type_label state_label",
    "code_label subject_kind_label owner_label cadence_label opened_by_label theme_label",
    "overall_asked overall_asked_label",
    "overall_judgement_label question_label answer_kind_label answer_label domain_label",
    "judgement_label trigger_label routed_to_label relation_to_auditor_label",
    "auditor_judgement_label moderated_judgement_label group_label kind_label",
    "undeliverable_reason_label family_consent_label service_label reviewer_acts_as_label",
    "reviewed_as_label outcome_label value_label overall_label auditor_label moderated_label",
    # references of children, case systems and machines
    "ref subject_ref episode_id id path url population_hash items_hash seed method event_type",
    "rows_hash digest",
    "operation purpose account version revision next_cursor changes_token secret listed_at rows",
    "dataset format sha256 primaryKey missingValues",
    "numerator_rows denominator_rows",
    # what the service itself says
    "clause rule meaning sentence guidance accepts unit default definition advice detail pointer",
    "record_class label_of business_date not_compared_because denominator numerator_is",
    "denominator_is numerator_counts denominator_counts about withheld_since",
    # lists of codes
    "event_types start_teams moderating_teams supervised_teams managed_teams",
    "headed_teams roles waits_for choices answered",
)
"""The fields that hold a code, a reference, or words of the service's own."""

"""The columns that may change in tables which have frozen ones, and why.

Each column of such a table is in an entry or here: a test asks for every one of them.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.models.base import (
    Changing,
    Identified,
    Named,
    Stateful,
    SubjectData,
    Versioned,
    Witness,
)

BY_KIND: Final[Mapping[type, tuple[str, str]]] = {
    Identified: ("id", "other rows point to it, and nothing writes it"),
    Changing: ("changed_xid", "a trigger stamps it with each change"),
    Named: ("named_xid", "a trigger stamps it with each new name"),
    Versioned: ("version", "it counts the changes"),
    Stateful: ("state left_state aggregate", "it moves as `allowed_transitions` says"),
    SubjectData: ("team worker", "they move with the case"),
    Witness: ("xid", "the database stamps it, and only the stamp of a transaction opens anything"),
}
"""By what a row is: its columns of that kind, and why they may change."""

_COUNTED: Final = "a newer calendar counts it again, or a later one that reaches its day"
_LATER_STEP: Final = "the step that ends it says when"

BY_TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "alerts": {
        "kind about_id occasion recipient_role recipient at": "nothing writes it; the"
        " database does not hold it yet",
        "seen_at over_at": "the reader sees it, and the sweep notes that it is over",
    },
    "audit_responses": {
        "explanation calendar_version": _COUNTED,
        "handed_to handed_over_at handed_over_by handed_over_because": "a manager may hand it over"
        " again",
    },
    "audit_tools": {"retired_at": _LATER_STEP},
    "audits": {
        "closed_at": "an amendment opens it once more, and it is closed again",
        "discussed_in_supervision_on": "a completed audit is discussed afterwards",
    },
    "case_system_references": {"first_told_at": "nothing writes it again"},
    "case_systems": {"code name": "a code is what other rows name it by; a name is only shown"},
    "case_event_outcomes": {"subject_id": "a merge moves it"},
    "case_events": {"parked parked_reason": "a parked event is carried out later"},
    "escalation_recipients": {"replaced_at": "another is asked in their place"},
    "escalations": {"explanation calendar_version": _COUNTED},
    "learning_highlights": {"due_on calendar_version explanation": _COUNTED},
    "notifications": {
        "event_id undeliverable_reason": "it may be sent again",
        "queued_until explanation": _COUNTED,
    },
    "observation_exemptions": {"ended_at ended_by": "its end comes later, with its last day"},
    "panel_date_changes": {
        "first_panel_on approval_ended_on reason replaced_at replaced_by": "nothing writes"
        " it; the database does not hold it yet",
    },
    "qa_updates": {"due_on explanation policy_version calendar_version": _COUNTED},
    "quarter_plans": {"superseded_at": _LATER_STEP},
    "response_rounds": {
        "explanation review_explanation": _COUNTED,
        "reviewer reviewer_acts_as asked_before": "another may be asked to review",
    },
    "rights_changes": {
        "what target_id was becomes based_on workers reason confirmer policy_version proposed_by"
        " proposed_at decided_by decided_at refusal": "a trigger of its own, `guard_rights_change`,"
        " holds what was proposed and decided",
    },
    "subjects": {
        "kind": "a later event shows whether it is a child or a household",
        "system ref": "nothing writes it; the database does not hold it yet",
        "team worker reported_team reported_worker allocated_at entered": "the case moves, as the"
        " case system tells or people enter",
        "restricted restriction_kind": "a restriction is set and lifted",
        "born_on died_on first_panel_on approval_ended_on": "the case system tells it, and puts it"
        " right",
    },
    "unusual_reads": {
        "day rule reader worker system principal_ids roles reads records line_ids subject_ids why"
        " explanation policy_version": "a trigger of its own, `guard_unusual_read`, holds what was"
        " found",
    },
    "webhook_endpoints": {
        "parked_at": "it is parked when its receiver says so, and taken up again"
    },
    "workers": {"code": "other rows name them by it, and nothing writes it"},
}
"""Of each table: its other columns, in groups with a reason."""

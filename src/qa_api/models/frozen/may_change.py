"""The columns that may change in tables which have frozen ones, and why.

Each column of such a table is in an entry or here: a test asks for every one of them.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.models.base import (
    ChangedWhen,
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
    ChangedWhen: ("changed_at", "a trigger notes each change"),
    Named: ("named_xid", "a trigger stamps it with each new name"),
    Versioned: ("version", "it counts the changes"),
    Stateful: ("state left_state aggregate", "it moves as `allowed_transitions` says"),
    SubjectData: ("team worker", "they move with the case"),
    Witness: ("xid", "the database stamps it, and only the stamp of a transaction opens anything"),
}
"""By what a row is: its columns of that kind, and why they may change."""

_COUNTED: Final = "a newer calendar counts it again, or a later one that reaches its day"
_FOR_LISTS: Final = "a trigger keeps it as the audit says, for lists alone"
_LATER_STEP: Final = "the step that ends it says when"

BY_TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "audit_due_dates": {
        "subject_id due_on stands policy_version explanation": "a panel date that is put right, or"
        " a merge, gives it to the nearest due date",
    },
    "audit_responses": {
        "calendar_version": _COUNTED,
        "auditor": _FOR_LISTS,
        "handed_to handed_over_at handed_over_by handed_over_because": "a manager may hand it over"
        " again",
    },
    "audits": {
        "closed_at": "an amendment opens it once more, and it is closed again",
        "closings changed_before_closing_at": "a trigger notes each closing",
        "discussed_in_supervision_on discussed_in_comment_id": "a completed audit is discussed"
        " afterwards",
    },
    "case_system_references": {"first_told_at": "nothing writes it again"},
    "case_systems": {"code name": "a code is what other rows name it by; a name is only shown"},
    "awaited_updates": {"due_on": _COUNTED},
    "deliveries": {
        "position": "the database numbers it",
        "attempts due_at lease leased_until attempted_at failing_since alone_since": "it is tried"
        " until it is taken or given up",
        "settled_at": "what was refused may be settled again, when somebody tells it by hand",
        "replayed_as": "it may be sent once more",
    },
    "comments": {"auditor": _FOR_LISTS},
    "escalations": {"explanation calendar_version": _COUNTED},
    "learning_highlights": {"calendar_version explanation": _COUNTED},
    "notifications": {
        "event_id undeliverable_reason": "it may be sent again",
        "queued_until explanation": _COUNTED,
    },
    "qa_updates": {"explanation policy_version calendar_version": _COUNTED},
    "quarter_plans": {"superseded_at": _LATER_STEP},
    "rights_changes": {
        "what target_id was becomes based_on workers reason confirmer policy_version proposed_by"
        " proposed_at decided_by decided_at refusal": "a trigger of its own, `guard_rights_change`,"
        " holds what was proposed and decided",
    },
    "restorative_actions": {"auditor": _FOR_LISTS},
    "role_assignments": {
        "principal_id role scope service team valid": "a trigger of its own, `rights_by_two`, holds"
        " that two people gave it, by themselves or by a group",
    },
    "subjects": {
        "kind": "a later event shows whether it is a child or a household",
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

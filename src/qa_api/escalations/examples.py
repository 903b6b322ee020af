"""What an escalation looks like, for readers of the contract."""

from typing import Final

from pydantic import JsonValue

_RAISED: Final[dict[str, JsonValue]] = {
    "rule": "escalates",
    "clause": "§4.3, R4.3.1",
    "policy_version": 1,
    "calendar_version": None,
    "steps": [],
    "facts": {
        "trigger": "urgent_finding",
        "kind": "serious_safeguarding",
        "child_safe_now": "not_known",
    },
}
_DUE: Final[dict[str, JsonValue]] = {
    "clause": "§4.3, R4.3.3",
    "policy_version": 1,
    "calendar_version": 1,
}
_DAY_0: Final[JsonValue] = {"date": "2026-11-23", "counted": False, "reason": "Day 0"}

ESCALATION: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-000000000011",
    "trigger": "urgent_finding",
    "state": "acknowledged",
    "subject": {
        "id": "0199d1f0-7c1b-7000-8000-000000000012",
        "kind": "child",
        "system": "mosaic",
        "ref": "C-88121",
    },
    "team": "lincoln-fast",
    "audit_id": "0199d1f0-7c1b-7000-8000-000000000013",
    "finding_id": "0199d1f0-7c1b-7000-8000-000000000014",
    "gate_id": None,
    "raised_at": "2026-11-23T09:30:00Z",
    "changed_at": "2026-11-23T09:30:00Z",
    "acknowledge_by": "2026-11-24T00:00:00Z",
    "inform_by": "2026-11-25T00:00:00Z",
    "overdue": False,
    "calendar_unknown": False,
    "disputed": False,
    "restricted": False,
    "version": 2,
    "worker": "sw1-lincoln-fast",
    "finding": {
        "kind": "serious_safeguarding",
        "description": "Nobody has visited since the allegation.",
        "child_safe_now": "not_known",
        "raised_at": "2026-11-23T09:30:00Z",
    },
    "recipients": [
        {
            "recipient": "tm-lincoln-fast",
            "acts_as": "team_manager",
            "for_team": "lincoln-fast",
            "notified_at": "2026-11-23T09:30:00Z",
            "replaced_at": None,
            "acknowledged_at": "2026-11-23T09:42:00Z",
            "acknowledged_by": "tm-lincoln-fast",
            "acknowledged_as": "team_manager",
        }
    ],
    "hops": [
        {
            "hop": "acknowledgement",
            "due_at": "2026-11-24T00:00:00Z",
            "done_at": "2026-11-23T09:42:00Z",
            "minutes": 12,
            "overdue": False,
        },
        {
            "hop": "quality_standards",
            "due_at": "2026-11-25T00:00:00Z",
            "done_at": None,
            "minutes": None,
            "overdue": False,
        },
    ],
    "notified_at": "2026-11-23T09:30:01Z",
    "acknowledged_at": "2026-11-23T09:42:00Z",
    "quality_standards_informed_at": None,
    "informed_by": None,
    "actions_to_be_taken": None,
    "resolved_at": None,
    "resolved_by": None,
    "resolution": None,
    "disputed_at": None,
    "disputed_by": None,
    "dispute_reason": None,
    "policy_version": 1,
    "calendar_version": 1,
    "explanation": {
        "raised": _RAISED,
        "acknowledge_by": {
            **_DUE,
            "rule": "acknowledge_due",
            "steps": [_DAY_0],
            "facts": {"counted_from": "2026-11-23", "working_days": 0},
        },
        "inform_by": {
            **_DUE,
            "rule": "inform_due",
            "steps": [
                _DAY_0,
                {"date": "2026-11-24", "counted": True, "reason": "Working day 1"},
            ],
            "facts": {"counted_from": "2026-11-23", "working_days": 1},
        },
    },
    "allowed_actions": ["inform_quality_standards", "dispute"],
}

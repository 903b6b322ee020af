"""What gates and their answers look like, for readers of the contract."""

from typing import Final

from pydantic import JsonValue

_GATE_ID: Final = "019ab2c4-7d20-7c3b-9f0e-4a1b2c3d4e5f"
_AUDIT_ID: Final = "019ab2c4-7d22-7b31-8d0c-6f5e4d3c2b1a"

ANSWER: Final[dict[str, JsonValue]] = {
    "id": _GATE_ID,
    "system": "mosaic",
    "episode_id": "EP-20417",
    "state": "awaiting_audit",
    "may_close": False,
    "waits_for": ["closure audit"],
    "audit_id": _AUDIT_ID,
    "closure_on": "2026-11-27",
    "reason_code": "RC1",
    "opened_at": "2026-11-23T09:30:00Z",
    "cleared_at": None,
    "closed_at": None,
}

_WHY: Final[dict[str, JsonValue]] = {
    "rule": "closure_gate",
    "clause": "§3, C3",
    "policy_version": 1,
    "calendar_version": None,
    "steps": [],
    "facts": {
        "phase": "proposed",
        "waits_for": ["closure audit"],
        "action_standard": "done",
        "exempt": False,
        "override_approved": False,
        "cleared_at": None,
        "closed_at": None,
    },
}

SUBJECT_GATE: Final[dict[str, JsonValue]] = {
    "id": _GATE_ID,
    "system": "mosaic",
    "ref": "C-88121",
    "episode_id": "EP-20417",
    "state": "awaiting_audit",
    "may_close": False,
    "waits_for": ["closure audit"],
    "audit_id": _AUDIT_ID,
    "explanation": _WHY,
    "gates": [{**ANSWER, "explanation": _WHY}],
}

GATE: Final[dict[str, JsonValue]] = {
    **ANSWER,
    "cycle": 1,
    "current": True,
    "subject": {
        "id": "0199d1f0-7c1b-7000-8000-000000000012",
        "kind": "child",
        "system": "mosaic",
        "ref": "C-88121",
    },
    "team": "lincoln-fast",
    "worker": "sw1-lincoln-fast",
    "override_requested_at": None,
    "changed_at": "2026-11-23T09:30:00Z",
    "restricted": False,
    "version": 2,
    "policy_version": 1,
    "override_requested_by": None,
    "override_reason": None,
    "override_approved_by": None,
    "override_approved_at": None,
    "override_withdrawn_by": None,
    "override_withdrawn_at": None,
    "override_withdrawal_reason": None,
    "reopened_by": None,
    "reopened_at": None,
    "reopen_reason": None,
    "explanation": _WHY,
    "allowed_actions": ["request_override"],
}

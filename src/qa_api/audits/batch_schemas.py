"""Planning and assigning many audits at once: what goes in, and what came of each."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.audits.schemas import Assignment, AuditPlan
from qa_api.values.batches import MOST, ItemRefusal
from qa_api.values.fields import Count, Input, Output, Reference, Uuid, Version


class PlanOutcome(StrEnum):
    """What came of planning one audit of a batch."""

    PLANNED = "planned"
    ALREADY_PLANNED = "already_planned"
    REFUSED = "refused"


class AssignOutcome(StrEnum):
    """What came of assigning one audit of a batch."""

    ASSIGNED = "assigned"
    ALREADY_ASSIGNED = "already_assigned"
    REFUSED = "refused"


class KeyedPlan(AuditPlan):
    """An audit of a batch, with a key of your own: sent again, it is not planned twice."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"key": "2026-12-b", "type": "collaborative", "team": "lincoln-fast"},
                {
                    "key": "2026-12-c",
                    "type": "closure",
                    "subject": {"system": "mosaic", "ref": "C-1001"},
                    "auditor": "ps-lincoln-fast",
                    "due_on": "2026-12-04",
                    "re_audit_of": "0199d1f0-7c1b-7000-8000-000000000003",
                    "answers": [{"question_key": "plan_reviewed", "value": "yes"}],
                    "actions": [
                        {
                            "kind": "practice",
                            "description": "See the child alone and record their view.",
                            "needed_before_closure": True,
                        }
                    ],
                },
            ]
        }
    )

    key: Reference


class AuditPlans(Input):
    """Audits to plan, each with a key of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "audits": [
                        {
                            "key": "2026-12-a",
                            "type": "closure",
                            "subject": {"system": "mosaic", "ref": "C-1001"},
                            "due_on": "2026-12-04",
                        },
                        {"key": "2026-12-b", "type": "collaborative", "team": "lincoln-fast"},
                    ]
                }
            ]
        }
    )

    audits: Annotated[list[KeyedPlan], Field(min_length=1, max_length=MOST)]


_REFUSED: Final[dict[str, JsonValue]] = {
    "type": "/problems/business-rule",
    "status": 422,
    "detail": "Nobody audits their own work.",
    "clause": "§4.1, R4.1.8",
    "code": "own-work",
    "errors": [
        {
            "pointer": "/audits/1/auditor",
            "code": "own-work",
            "detail": "Nobody audits their own work.",
        }
    ],
}


class PlannedItem(Output):
    """What came of one audit of a batch."""

    position: Count
    """Its place in the batch; the first is 0."""
    key: Reference
    outcome: PlanOutcome
    audit_id: Uuid | None
    """The audit; null where it was refused."""
    problem: ItemRefusal | None
    """Why it was refused; null where it was not."""


class AuditsPlanned(Output):
    """What came of each audit of a batch, in its order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "position": 0,
                            "key": "2026-12-a",
                            "outcome": "planned",
                            "audit_id": "0199d1f0-7c1b-7000-8000-000000000003",
                            "problem": None,
                        },
                        {
                            "position": 1,
                            "key": "2026-12-b",
                            "outcome": "refused",
                            "audit_id": None,
                            "problem": _REFUSED,
                        },
                    ]
                }
            ]
        }
    )

    items: Annotated[list[PlannedItem], Field(max_length=MOST)]


class AssignmentOfOne(Assignment):
    """The auditor of one audit of a batch, based on the version that you have read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "audit_id": "0199d1f0-7c1b-7000-8000-000000000003",
                    "version": 1,
                    "auditor": "ps-lincoln-fast",
                }
            ]
        }
    )

    audit_id: Uuid
    version: Version


class Assignments(Input):
    """Who audits which of many audits."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "assignments": [
                        {
                            "audit_id": "0199d1f0-7c1b-7000-8000-000000000003",
                            "version": 1,
                            "auditor": "ps-lincoln-fast",
                        },
                        {
                            "audit_id": "0199d1f0-7c1b-7000-8000-000000000004",
                            "version": 3,
                            "auditor": "au-1",
                            "conflict_override_reason": "Nobody else knows this tool.",
                        },
                    ]
                }
            ]
        }
    )

    assignments: Annotated[list[AssignmentOfOne], Field(min_length=1, max_length=MOST)]


class AssignedItem(Output):
    """What came of one assignment of a batch."""

    position: Count
    """Its place in the batch; the first is 0."""
    audit_id: Uuid
    outcome: AssignOutcome
    problem: ItemRefusal | None
    """Why it was refused; null where it was not."""


class AuditsAssigned(Output):
    """What came of each assignment of a batch, in its order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "position": 0,
                            "audit_id": "0199d1f0-7c1b-7000-8000-000000000003",
                            "outcome": "assigned",
                            "problem": None,
                        }
                    ]
                }
            ]
        }
    )

    items: Annotated[list[AssignedItem], Field(max_length=MOST)]

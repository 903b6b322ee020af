"""What goes into and comes out of the routes of unusual reads."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.auth.roles import Role
from qa_api.rules.policy_values import LookingRule
from qa_api.rules.states import UnusualReadState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Many,
    Output,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

_ROW: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000e1",
    "day": "2026-11-23",
    "rule": "outside_teams",
    "worker": "slt-1",
    "system": None,
    "principal_ids": ["0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"],
    "roles": ["senior_leader"],
    "reads": 3,
    "records": 1,
    "why": "On 23 November 2026 they opened 1 record that no team of theirs holds, and had no work"
    " of their own on them.",
    "subjects": [
        {
            "id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
            "kind": "child",
            "system": "mosaic",
            "ref": "C-1001",
        }
    ],
    "state": "found",
    "looked_into_by": None,
    "looked_into_at": None,
    "outcome": None,
    "version": 1,
}


class UnusualReadRow(Output):
    """What a rule found unusual in what somebody read on one London day.

    It says what to look into, not that anybody did wrong. Several accounts of one person are one
    reader.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    id: Uuid
    day: IsoDate
    rule: LookingRule
    worker: Code | None
    """Who read; null for a client that belongs to no worker."""
    system: Code | None
    principal_ids: Few[Uuid]
    """The accounts under which they read."""
    roles: Few[Role]
    """The roles that the accounts held on the day."""
    reads: Count
    """How many lines of the access log it rests on."""
    records: Count
    """How many records were read; `subjects` names those of them that you may see, at most 50."""
    why: Annotated[str, Field(max_length=400)]
    subjects: Few[SubjectOut]
    state: UnusualReadState
    looked_into_by: Code | None
    looked_into_at: Instant | None
    outcome: Key | None
    """What was found, as the policy calls it (`looking_outcomes`)."""
    version: Version


class UnusualReadOut(UnusualReadRow):
    """The same with the rule's explanation and the lines of the access log that it rests on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_ROW,
                    "explanation": {
                        "rule": "outside_teams",
                        "clause": "X3",
                        "policy_version": 1,
                        "calendar_version": None,
                        "steps": [],
                        "facts": {"records": 1},
                    },
                    "line_ids": ["0199d1f0-7c1b-7000-8000-0000000000e2"],
                    "allowed_actions": ["look_into"],
                }
            ]
        }
    )

    explanation: ExplanationOut
    line_ids: Many[Uuid]
    """The ids of the lines; of more than 500, the first."""
    allowed_actions: Few[Annotated[str, Field(max_length=60)]]


class LookedInto(Input):
    """What was found when somebody looked into it: a code of the policy, and no text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "explained"}]})

    outcome: Key


class UnusualReadQuery(PageQuery):
    """The filters of unusual reads: by the day, who read, under which account, rule and state."""

    day: IsoDate | None = None
    """Only of this London day."""
    worker: Code | None = None
    """Only what this worker read, by code."""
    principal: Uuid | None = None
    """Only what was read under this principal."""
    rule: Choice[LookingRule] | None = None
    """Only what this rule found."""
    state: Choice[UnusualReadState] | None = None
    """Only in this state."""

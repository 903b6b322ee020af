"""Why a date is what it is, as the contract shows it (X2)."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from qa_api.rules.decision import Explanation
from qa_api.values.fields import IsoDate, Key, Many, Output, ShortText, Version

Words = Annotated[str, Field(max_length=400)]
Whole = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, json_schema_extra={"format": "int64"})]
FactValue = bool | Whole | Words | Annotated[list[Words], Field(max_length=50)] | None


class StepOut(Output):
    """A day that was looked at: counted or skipped, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"date": "2026-12-25", "counted": False, "reason": "Bank holiday: Christmas Day"}
            ]
        }
    )

    date: IsoDate
    counted: bool
    reason: ShortText


class ExplanationOut(Output):
    """The rule and clause, the versions it was made under, the days and the facts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rule": "response_due",
                    "clause": "§4.2, R4.2.1",
                    "policy_version": 1,
                    "calendar_version": 1,
                    "steps": [
                        {"date": "2026-12-24", "counted": False, "reason": "Day 0"},
                        {
                            "date": "2026-12-25",
                            "counted": False,
                            "reason": "Bank holiday: Christmas Day",
                        },
                    ],
                    "facts": {"counted_from": "2026-12-24", "working_days": 5},
                }
            ]
        }
    )

    rule: Key
    clause: ShortText
    policy_version: Version
    calendar_version: Version | None
    steps: Many[StepOut]
    facts: Annotated[dict[str, FactValue], Field(max_length=50)]

    @classmethod
    def of(cls, explanation: Explanation) -> Self:
        """What a rule said, as it goes out."""
        return cls.model_validate(explanation.as_json())

"""What goes into and comes out of the routes of due audits and intervals."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.rules.cadence import DueStatus
from qa_api.rules.states import AuditState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Bounded,
    Choice,
    Code,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

Months = Annotated[int, Bounded(1, 120)]
EachTime = Annotated[int, Bounded(1, 50)]


class AuditForDueDate(Output):
    """The audit that was planned for a due date."""

    id: Uuid
    state: AuditState
    due_on: IsoDate | None
    """The audit's own date, which people may have moved."""


class DueAuditOut(Output):
    """One audit that is owed, or coming: by whom, since or from when, and why."""

    as_at: IsoDate
    due_on: IsoDate
    status: DueStatus
    """`overdue` before the day asked about; `due` from so many days before its date as the policy
    says, when its audit is planned; else `coming`."""
    type: Code
    subject: SubjectOut | None
    """The household that owes it; null where a team does."""
    team: Code | None
    number: EachTime
    """Which of the audits due on the day; the first is 1, and a household owes no second."""
    scope: Text | None
    """What the manager who set the interval wants looked at."""
    audit: AuditForDueDate | None
    """The audit planned for it. Null if there is none, or none that you may see."""
    policy_version: Version
    explanation: ExplanationOut


class DueAuditQuery(PageQuery):
    """The day, by default today; how far to look ahead, by default a year; and the filters."""

    as_at: IsoDate | None = None
    """The London date that the answer is about; today if it is left out."""
    until: IsoDate | None = None
    """How far to look ahead, this London date included; a year if it is left out."""
    type: Code | None = None
    """Only of this audit type, by code."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    status: Choice[DueStatus] | None = None
    """Only in this status: `overdue`, `due` or `coming`."""


class AuditIntervalIn(Input):
    """How often a team is to be audited on a type, how many audits each time, and of what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "yos-peer",
                    "team": "cwd",
                    "from": "2026-04-01",
                    "every_months": 3,
                    "audits_each_time": 2,
                    "scope": "Two cases each, one of them a young person looked after.",
                    "reason": "As agreed with the peer auditors for this year.",
                },
                {
                    "type": "yos-peer",
                    "team": "cwd",
                    "from": "2027-04-01",
                    "to": "2028-04-01",
                    "scope": "One case each.",
                    "reason": "For a year, until the team is reorganised.",
                },
            ]
        }
    )

    type: Code
    team: Code
    from_: IsoDate = Field(alias="from")
    """The first audits are due one interval after this day."""
    to: IsoDate | None = None
    """The first day on which it no longer holds."""
    every_months: Months | None = None
    """How many months lie between two audits; if left out, as many as the audit type says."""
    audits_each_time: EachTime = 1
    scope: Text
    reason: Text


class AuditIntervalEnd(Input):
    """The first day on which an interval no longer holds, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "2027-04-01", "reason": "Twice a year is enough."}]}
    )

    to: IsoDate
    reason: Text


class AuditIntervalOut(Output):
    """An interval as a manager set it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
                    "type": "yos-peer",
                    "team": "cwd",
                    "from": "2026-04-01",
                    "to": None,
                    "every_months": 3,
                    "audits_each_time": 2,
                    "scope": "Two cases each, one of them a young person looked after.",
                    "reason": "As agreed with the peer auditors for this year.",
                    "set_at": "2026-03-23T10:00:00.000000Z",
                    "set_by": "tm-cwd",
                    "ended_at": None,
                    "ended_by": None,
                    "ended_reason": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    type: Code
    team: Code
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None
    every_months: Months
    audits_each_time: EachTime
    scope: Text
    reason: Text
    set_at: Instant
    set_by: Code
    ended_at: Instant | None
    ended_by: Code | None
    ended_reason: Text | None
    version: Version


class AuditIntervalQuery(PageQuery):
    """The filters of the list of intervals."""

    type: Code | None = None
    """Only of this audit type, by code."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    current: QueryFlag | None = None
    """`true`: only what holds today; `false`: only what does not."""

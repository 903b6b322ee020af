"""What the caller's own routes answer."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.auth.roles import Permission, Role
from qa_api.rules.alerts import AlertKind
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.fields import Code, Input, IsoDate, Many, Output, QueryFlag, Uuid
from qa_api.values.pages import PageQuery

WorkKind = Literal[
    "assign",
    "begin",
    "complete",
    "respond",
    "review",
    "notify_by_hand",
    "do",
    "verify",
    "acknowledge",
    "inform_quality_standards",
    "resolve",
    "approve_override",
    "assign_moderator",
    "moderate",
    "agree",
    "observe",
    "record_highlights",
    "answer",
    "approve_removal",
    "confirm_error",
    "grant_access",
    "claim_references",
    "appoint",
    "confirm_rights",
    "look_into",
    "reply",
    "accept_hand_over",
    "told",
]


class Me(Output):
    """Who the caller is here, at this moment."""

    principal_id: Uuid
    worker: Code | None
    system: Code | None
    roles: Many[Role]
    permissions: Many[Permission]
    supervised_teams: Many[Code]
    managed_teams: Many[Code]
    headed_teams: Many[Code]


class WorkItem(Output):
    """One thing that waits for the caller; `path` is where it is done, or looked at.

    `grant_access`: something waits on a restricted record, and nobody who has leave to see it can
    do it. `about` is the id of what waits; `POST /v1/restriction-grants` with it lets somebody in.

    `begin`: a service has not begun its update about a quarter that is over. `record_highlights`: a
    team has not recorded what it learned in one. `path` says which; `about` is the id of the entry,
    and of nothing else.

    `claim_references`: nobody has said yet whom case systems mean by some references of workers
    and teams, and cases wait. `count` says how many, `path` lists them; `about` is the first.

    `appoint`: something waits for a further person of Quality & Standards, and there is none. An
    administrator proposes somebody for the role (`POST /v1/rights-changes`).

    `confirm_rights`: a right that somebody shall have, or a change of the policy, waits for a
    second person, who confirms or refuses it there.

    `agree`: the other of auditor and moderator proposed a consensus. You agree, or propose
    something else.

    `look_into`: there is something unusual in what somebody read, and it is not you who did.

    `reply`: a comment asks you something. It goes when you reply or the conversation is resolved.

    `accept_hand_over`: you proposed a hand-over. You carry it out or withdraw it. Of somebody who
    cannot any more, Quality & Standards withdraw it.

    `told` says what a thing of kind `told` tells. It stands after everything that is to be done
    and has no due date. It goes by itself once what it tells of is over, or when you take note of
    it: `POST /v1/me/alerts/{about}/seen`, or many together, `POST /v1/me/alerts/seen`.

    `advice` says in words what is to be done where the record does not.
    """

    kind: WorkKind
    told: AlertKind | None
    told_on: IsoDate | None
    """The London day on which you were told; null for what is to be done."""
    advice: Annotated[str, Field(max_length=400)] | None
    count: Annotated[int, Field(ge=1, le=1_000_000_000)] | None
    """How many things this entry stands for; null if it is one."""
    about: Uuid
    path: Annotated[str, Field(max_length=200)]
    due_on: IsoDate | None
    missed_on: IsoDate | None
    """The date that was missed before `due_on` was promised. It is overdue since then, and is
    sorted and filtered by this date. Null if none was missed."""
    calendar_unknown: bool
    """`due_on` lies past the end of the working calendar: act without a date."""
    overdue: bool
    working_days_left: Annotated[int, Field(ge=-100_000, le=100_000)] | None
    subject: SubjectOut | None
    team: Code | None


class SeenAlerts(Input):
    """What you take note of: the `about` of each thing of kind `told`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "alerts": [
                        "0199d1f0-7c1b-7000-8000-0000000000f1",
                        "0199d1f0-7c1b-7000-8000-0000000000f2",
                    ]
                }
            ]
        }
    )

    alerts: Annotated[list[Uuid], Field(min_length=1, max_length=500)]


class SeenOutcome(StrEnum):
    """What came of marking one alert as seen."""

    SEEN = "seen"
    ALREADY_SEEN = "already_seen"
    NOT_FOUND = "not_found"


class SeenItem(Output):
    """What came of one alert of a batch."""

    alert_id: Uuid
    outcome: SeenOutcome


class AlertsSeen(Output):
    """What came of each alert of a batch, in its order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "alert_id": "0199d1f0-7c1b-7000-8000-0000000000f1",
                            "outcome": "seen",
                        },
                        {
                            "alert_id": "0199d1f0-7c1b-7000-8000-0000000000f2",
                            "outcome": "not_found",
                        },
                    ]
                }
            ]
        }
    )

    items: Many[SeenItem]


class WorkQuery(PageQuery):
    """The filters of what waits.

    `due_from` and `due_to` go by the date that a thing stands in the list by: the one that was
    missed (`missed_on`), else `due_on`. What has no date is in neither.
    """

    kind: WorkKind | None = None
    """Only of this kind."""
    due_from: IsoDate | None = None
    """Only what was missed on this London date or later, or is due then and was not missed."""
    due_to: IsoDate | None = None
    """Only what was missed before this London date, or is due before it and was not missed."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""

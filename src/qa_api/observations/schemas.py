"""What goes into and comes out of the routes of practice observations."""

from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.values.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    Several,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import ChangesQuery, PageQuery

_CONTENT: Final[dict[str, JsonValue]] = {
    "observer": "ps-lincoln-fast",
    "observed_on": "2026-11-20",
    "activity": "Home visit with the family network meeting",
    "planned": True,
    "family_consent": "given",
    "feedback": "Mother: she explained what would happen next.",
    "strengths": "Clear about the worries, and about what is going well.",
    "development": "Leave the child more room to begin.",
}
_CORRECTED: Final[dict[str, JsonValue]] = {
    "corrected_version": 1,
    "before": {**_CONTENT, "observed_on": "2026-11-19"},
    "reason": "The day was wrong.",
    "corrected_at": "2026-11-21T09:00:00Z",
    "corrected_by": "ps-lincoln-fast",
}
_OBSERVATION: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000f1",
    "worker": "sw1-lincoln-fast",
    "team": "lincoln-fast",
    **_CONTENT,
    "recorded_at": "2026-11-20T16:00:00Z",
    "recorded_by": "ps-lincoln-fast",
    "withdrawn_at": None,
    "withdrawn_by": None,
    "withdrawn_reason": None,
    "corrections": [_CORRECTED],
    "changed_at": "2026-11-21T09:00:00Z",
    "version": 2,
}


class FamilyConsent(StrEnum):
    """Whether the family agreed to an observer; not applicable where no family was there."""

    GIVEN = "given"
    NOT_GIVEN = "not_given"
    NOT_APPLICABLE = "not_applicable"


class ObservationContent(Input):
    """What an observation says."""

    observer: Code
    """Who observed; never the worker."""
    observed_on: IsoDate
    activity: ShortText
    planned: bool
    family_consent: Choice[FamilyConsent]
    feedback: Text | None = None
    """What the family or others said of it."""
    strengths: Text
    development: Text


class ObservationIn(ObservationContent):
    """An observation, recorded by a practice supervisor or manager of the worker's team."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"worker": "sw1-lincoln-fast", **_CONTENT}]}
    )

    worker: Code


class ObservationCorrectionIn(ObservationContent):
    """The whole observation as it should have been recorded, and why it is corrected."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_CONTENT, "reason": "The day was wrong."}]}
    )

    reason: Text


class ObservationWithdrawal(Input):
    """Why the observation was recorded by mistake."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "It was recorded twice."}]}
    )

    reason: Text


class ObservationContentOut(Output):
    """What an observation said before it was corrected."""

    observer: Code
    observed_on: IsoDate
    activity: ShortText
    planned: bool
    family_consent: Choice[FamilyConsent]
    feedback: Text | None
    strengths: Text
    development: Text


class ObservationCorrectionOut(Output):
    """A correction: what was said before, who changed it and why."""

    corrected_version: Version
    before: ObservationContentOut
    reason: Text
    corrected_at: Instant
    corrected_by: Code


class ObservationRow(Output):
    """A practice observation in a list."""

    id: Uuid
    worker: Code
    observer: Code
    team: Code
    """The worker's team that it was recorded for; it counts wherever the worker is now."""
    observed_on: IsoDate
    activity: ShortText
    planned: bool
    family_consent: FamilyConsent
    recorded_at: Instant
    withdrawn_at: Instant | None
    changed_at: Instant
    version: Version


class ObservationOut(ObservationRow):
    """One practice observation, with what it said before each correction."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OBSERVATION]})

    feedback: Text | None
    strengths: Text
    development: Text
    recorded_by: Code
    withdrawn_by: Code | None
    withdrawn_reason: Text | None
    corrections: Few[ObservationCorrectionOut]


class ObservationQuery(ChangesQuery):
    """The filters of the list of observations. Half-open: `date_from` is in, `date_to` is out."""

    worker: Several[Code] | None = None
    """Only of this worker's practice, or of one of several, by code."""
    observer: Several[Code] | None = None
    """Only of this observer, or of one of several, by worker code."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    date_from: IsoDate | None = None
    """Only what was observed on this London date or later."""
    date_to: IsoDate | None = None
    """Only what was observed before this London date."""
    withdrawn: QueryFlag | None = None
    """`true`: only what was withdrawn; `false`: only what was not."""


# --- exemptions ---


class ObservationExemptionIn(Input):
    """Days on which no observations are asked of a worker, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "worker": "sw1-lincoln-fast",
                    "from": "2026-10-01",
                    "to": None,
                    "reason": "Seconded to a project without casework.",
                },
                {
                    "worker": "sw2-lincoln-fast",
                    "from": "2026-10-01",
                    "to": "2027-01-04",
                    "reason": "In her first three months.",
                },
            ]
        }
    )

    worker: Code
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None = None
    """The first day on which it no longer holds."""
    reason: Text


class ObservationExemptionEnd(Input):
    """The first day on which the exemption no longer holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "2027-01-11"}]})

    to: IsoDate


class ObservationExemptionOut(Output):
    """An exemption from observations."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000f2",
                    "worker": "sw1-lincoln-fast",
                    "from": "2026-10-01",
                    "to": None,
                    "reason": "Seconded to a project without casework.",
                    "granted_at": "2026-09-28T10:00:00Z",
                    "granted_by": "hos-fast",
                    "ended_at": None,
                    "ended_by": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    worker: Code
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None
    reason: Text
    granted_at: Instant
    granted_by: Code
    ended_at: Instant | None
    ended_by: Code | None
    version: Version


class ObservationExemptionQuery(PageQuery):
    """The filters of the list of exemptions."""

    worker: Code | None = None
    """Only of this worker, by code."""
    current: QueryFlag | None = None
    """`true`: only what holds today; `false`: only what does not."""

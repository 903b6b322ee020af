"""What a caseload says of coverage, and how many to draw from it (R4.4.4)."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from qa_api.caseloads.schemas import CaseloadOf
from qa_api.rules.shares import ShownAs
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Bounded,
    Code,
    Count,
    IsoDate,
    Number,
    Output,
    ShortText,
    Version,
    query_whole,
)

Percent = Annotated[int, Bounded(1, 99), BeforeValidator(query_whole)]
Words = Annotated[str, Field(max_length=600)]


class BoundsOut(Output):
    """An interval of 95 %: of a hundred years alike some 95 have bounds that hold the rate."""

    low: Number
    """The lower bound, from 0 to 1."""
    high: Number
    """The upper bound, from 0 to 1."""


class CoveredOut(Output):
    """So many of so many open children who were audited: everybody was counted, no sample."""

    audited: Count
    """How many of the children were audited in the months before."""
    children: Count
    """How many open children there are."""
    share: Number | None
    """From 0 to 1; null of fewer than policy has told as a share."""
    shown_as: ShownAs
    """How the share is told: as counts, as 'k of n' or as a share."""
    interval: BoundsOut | None
    """Wilson's, of the rate behind the share, which chance moves from year to year; null where
    there are counts only."""
    enough: bool
    """Whether the share says something: `false` where there was nobody to count, and in what was
    frozen before coverage was told as counted in full."""
    sentence: Words
    """The share in words, and between which bounds the rate behind it lies."""


class CoveragePartOut(Output):
    """The coverage of one team, of one status, or of one stratum."""

    by: ShortText
    """`team`, `status`, `strata.` and the name of a stratum; `system` where there are several."""
    code: Code | None
    """Its code; null for those of whom the case system did not say."""
    covered: CoveredOut | None
    """How many of these children were audited. A part that would tell of a few is in the whole
    alone and not listed; reports presented before that was so have null."""


class CoverageOut(Output):
    """Which open children of a day were audited in the months before, by team, status, stratum.

    Restricted children are counted for whoever has leave to see them. Managers see their own teams,
    and no statuses and strata where somebody of these teams is not counted for them.
    Senior leaders see what was told when the caseload was taken: it stands, also where a caseload
    that was sent anew differs by a few. Of one case system of several they are told no parts.
    A part that would tell of a few is not listed: it is in the whole alone.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "day": "2026-11-23",
                    "audited_from": "2025-11-24",
                    "complete": True,
                    "covered": {
                        "audited": 96,
                        "children": 1204,
                        "share": 0.0797,
                        "shown_as": "share",
                        "interval": {"low": 0.0657, "high": 0.0964},
                        "enough": True,
                        "sentence": "8% (96 of 1204). Everybody was counted; the rate behind it,"
                        " which chance moves from year to year, is likely between 6% and 10%.",
                    },
                    "parts": [
                        {
                            "by": "team",
                            "code": "lincoln-fast",
                            "covered": {
                                "audited": 9,
                                "children": 118,
                                "share": 0.0763,
                                "shown_as": "share",
                                "interval": {"low": 0.0406, "high": 0.1388},
                                "enough": True,
                                "sentence": "8% (9 of 118). Everybody was counted; the rate behind"
                                " it, which chance moves from year to year, is likely between 4%"
                                " and 14%.",
                            },
                        }
                    ],
                    "policy_version": 1,
                }
            ]
        }
    )

    day: IsoDate
    """The London day whose open children these are."""
    audited_from: IsoDate
    """The first day on which a completed audit counts; the last is `day`."""
    complete: bool | None
    """Whether every child of the caseload, or of your teams in it, is counted: `false` where there
    are restricted ones whom you may not see. Null where you are told what stands: they are in no
    number of that."""
    covered: CoveredOut | None
    """How many of all were audited; null where even that would tell of a few."""
    parts: Annotated[list[CoveragePartOut], Field(max_length=5_000)]
    """The coverage of each team, status and stratum."""
    policy_version: Version


class SampleSizeQuery(CaseloadOf):
    """How closely a share is to be known, and of whom."""

    width_percent: Percent
    """How far apart the bounds of the share may be, in per cent from 1 to 99."""
    expected_percent: Percent = 50
    """The share that is expected, in per cent from 1 to 99; without it a half, which takes most.
    Where the share found is nearer to a half, the bounds are further apart than wanted."""
    team: Code | None = None
    """Only of this team; without it of the whole caseload."""


class SampleSizeOut(Output):
    """How many to draw, so that a share is known so closely; and why so many."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "day": "2026-11-23",
                    "population": 1204,
                    "complete": True,
                    "sample": 290,
                    "width": 0.0999,
                    "sentence": "Draw 290 of 1204: the bounds are no more than 10 points apart"
                    " whatever share is found. In about 95 of a hundred such samples they hold the"
                    " true share.",
                    "explanation": {
                        "rule": "sample_size",
                        "clause": "§4.4, R4.4.4",
                        "policy_version": 1,
                        "calendar_version": None,
                        "steps": [],
                        "facts": {"population": 1204, "wanted_width_percent": 10},
                    },
                }
            ]
        }
    )

    day: IsoDate
    """The London day whose open children these are."""
    population: Count
    """How many children there are to draw from, of those whom you may see."""
    complete: bool
    """Whether these are all of them: `false` where there are restricted ones whom you may not
    see."""
    sample: Count
    """How many of the children to draw."""
    width: Number
    """How far apart the bounds are if the expected share is found, from 0 to 1."""
    sentence: Words
    """The answer in words."""
    explanation: ExplanationOut

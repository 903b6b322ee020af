"""What goes into and comes out of the directory routes.

Every relation holds from its first day `from` until the day `to` on which it no longer holds; it
has no `to` while it goes on. What is put replaces the whole entry, its past relations included.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.directory.dated_schemas import (
    Absent,
    AbsentOut,
    CalledIn,
    CalledOut,
    InPost,
    InPostOut,
    InService,
    InServiceOut,
    InTeam,
    InTeamOut,
)
from qa_api.values.fields import (
    Code,
    Few,
    Input,
    IsoDate,
    Many,
    Output,
    QueryFlag,
    ShortText,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.text import Formed

SourceUri = Annotated[
    str,
    Formed(
        r"^[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,200}$",
        "A URI without spaces, 240 characters at most, like `urn:mosaic` or `https://cases.example`.",
        most=240,
    ),
]
"""What a case system writes as `source` in its CloudEvents."""

ObservationsRequired = Annotated[int, Field(ge=0, le=100, json_schema_extra={"format": "int32"})]


class ServiceIn(Input):
    """A service and who heads it, one at a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Early Help",
                    "heads": [{"worker": "hos-early-help", "from": "2026-04-01"}],
                }
            ]
        }
    )

    name: ShortText
    heads: Few[InPost] = Field(default_factory=list)


class ServiceOut(Output):
    """A service as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "fast",
                    "name": "Family Assessment and Support",
                    "heads": [{"from": "2026-04-01", "to": None, "worker": "hos-fast"}],
                    "version": 1,
                }
            ]
        }
    )

    code: Code
    name: ShortText
    heads: Few[InPostOut]
    version: Version


class TeamIn(Input):
    """A team: one service, one manager and one deputy at a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Boston FAST",
                    "locality": "Boston",
                    "services": [{"service": "fast", "from": "2026-04-01"}],
                    "managers": [
                        {"worker": "tm-before", "from": "2026-04-01", "to": "2026-09-01"},
                        {"worker": "tm-boston-fast", "from": "2026-09-01"},
                    ],
                    "deputies": [],
                },
                {
                    "name": "Boston FAST",
                    "services": [
                        {"service": "early-help", "from": "2026-04-01", "to": "2026-10-01"},
                        {"service": "fast", "from": "2026-10-01"},
                    ],
                    "references": [{"system": "mosaic", "reference": "FAST-B"}],
                },
            ]
        }
    )

    name: ShortText
    locality: ShortText | None = None
    services: Few[InService] = Field(default_factory=list)
    managers: Few[InPost] = Field(default_factory=list)
    deputies: Few[InPost] = Field(default_factory=list)
    references: Few[CalledIn] | None = None
    """What case systems call the team. Left out, those that it has stay."""


class TeamOut(Output):
    """A team as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "boston-fast",
                    "name": "Boston FAST",
                    "locality": "Boston",
                    "services": [{"from": "2026-04-01", "to": None, "service": "fast"}],
                    "managers": [{"from": "2026-04-01", "to": None, "worker": "tm-boston-fast"}],
                    "deputies": [],
                    "references": [
                        {
                            "system": "mosaic",
                            "reference": "BOS-FAST",
                            "from": None,
                            "to": None,
                        }
                    ],
                    "version": 3,
                }
            ]
        }
    )

    code: Code
    name: ShortText
    locality: ShortText | None
    services: Few[InServiceOut]
    managers: Few[InPostOut]
    deputies: Few[InPostOut]
    references: Few[CalledOut]
    version: Version


class TeamQuery(PageQuery):
    """The filters of the list of teams."""

    service: Code | None = None
    """Only teams that belong to this service today, by code."""


class WorkerIn(Input):
    """A worker by code. `leaves_on` is the last day in service."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "starts_on": "2026-02-01",
                    "teams": [{"team": "boston-fast", "from": "2026-02-01"}],
                    "supervisors": [{"worker": "ps-boston-fast", "from": "2026-02-01"}],
                    "absences": [
                        {"reason_code": "parental", "from": "2026-06-01", "to": "2026-10-01"}
                    ],
                    "references": [{"system": "mosaic", "reference": "SmithJ"}],
                },
                {
                    "starts_on": "2026-02-01",
                    "leaves_on": "2027-03-31",
                    "observations_required": 1,
                    "teams": [
                        {"team": "lincoln-fast", "from": "2026-02-01", "to": "2026-09-01"},
                        {"team": "boston-fast", "from": "2026-09-01"},
                    ],
                    "references": [
                        {
                            "system": "mosaic",
                            "reference": "SmithJ",
                            "from": "2026-02-01",
                            "to": "2027-04-01",
                        }
                    ],
                },
            ]
        }
    )

    starts_on: IsoDate | None = None
    leaves_on: IsoDate | None = None
    observations_required: ObservationsRequired | None = None
    """How many observations in a 12-month period, if not as many as the policy says (§4.6)."""
    teams: Few[InTeam] = Field(default_factory=list)
    supervisors: Few[InPost] = Field(default_factory=list)
    absences: Few[Absent] = Field(default_factory=list)
    references: Few[CalledIn] | None = None
    """What case systems call the worker. Left out, those that they have stay."""


class WorkerOut(Output):
    """A worker as the directory has them: a code, never a name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "sw1-boston-fast",
                    "starts_on": "2026-02-01",
                    "leaves_on": None,
                    "observations_required": None,
                    "teams": [{"from": "2026-04-01", "to": None, "team": "boston-fast"}],
                    "supervisors": [{"from": "2026-04-01", "to": None, "worker": "ps-boston-fast"}],
                    "absences": [],
                    "references": [
                        {"system": "mosaic", "reference": "SmithJ", "from": None, "to": None}
                    ],
                    "version": 2,
                }
            ]
        }
    )

    code: Code
    starts_on: IsoDate | None
    leaves_on: IsoDate | None
    observations_required: ObservationsRequired | None
    teams: Few[InTeamOut]
    supervisors: Few[InPostOut]
    absences: Few[AbsentOut]
    references: Few[CalledOut]
    version: Version


class WorkerQuery(PageQuery):
    """The filters of the list of workers, as of today."""

    team: Code | None = None
    """Only those who belong to this team today, by code."""
    supervisor: Code | None = None
    """Only those whom this person supervises today, by worker code."""
    in_service: QueryFlag | None = None
    """`true`: only those who work here today; `false`: only those who do not."""


class AuditorGroupIn(Input):
    """An auditor group and its teams; a team is in one group at a time (§4.4)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Group A", "teams": [{"team": "boston-fast", "from": "2026-04-01"}]}
            ]
        }
    )

    name: ShortText
    teams: Many[InTeam] = Field(default_factory=list)


class AuditorGroupOut(Output):
    """An auditor group as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "c",
                    "name": "Group C",
                    "teams": [{"from": "2026-04-01", "to": None, "team": "boston-fast"}],
                    "version": 1,
                }
            ]
        }
    )

    code: Code
    name: ShortText
    teams: Many[InTeamOut]
    version: Version


class CaseSystemIn(Input):
    """A case system that sends events."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": "urn:mosaic", "name": "Mosaic"}]}
    )

    source: SourceUri
    name: ShortText


class CaseSystemOut(Output):
    """A case system: its code in paths, its CloudEvents source."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "mosaic", "source": "urn:mosaic", "name": "Mosaic", "version": 1}]
        }
    )

    code: Code
    source: SourceUri
    name: ShortText
    version: Version

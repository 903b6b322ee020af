"""What an entry of the directory has for a time: its team, its post, an absence, a name.

Every relation holds from its first day `from` until the day `to` on which it no longer holds; it
has no `to` while it goes on.
"""

from pydantic import ConfigDict, Field

from qa_api.values.fields import (
    Code,
    Input,
    IsoDate,
    Output,
    StaffReference,
)


class Dated(Input):
    """A relation and the days on which it holds."""

    from_: IsoDate = Field(alias="from")
    to: IsoDate | None = None


class InService(Dated):
    """The service that a team belongs to."""

    service: Code


class InTeam(Dated):
    """A team, and since when."""

    team: Code


class InPost(Dated):
    """A worker, and since when."""

    worker: Code


class Absent(Dated):
    """A long absence, which pro-rates what is asked of a worker (§4.6)."""

    reason_code: Code


class DatedOut(Output):
    """A relation and the days on which it holds; `to` is the first on which it does not."""

    from_: IsoDate = Field(alias="from")
    to: IsoDate | None


class InServiceOut(DatedOut):
    """The service that a team belongs to."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "2026-04-01", "to": None, "service": "fast"}]}
    )

    service: Code


class InTeamOut(DatedOut):
    """A team, and since when."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "2026-04-01", "to": None, "team": "boston-fast"}]}
    )

    team: Code


class InPostOut(DatedOut):
    """A worker, and since when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-04-01", "to": None, "worker": "tm-boston-fast"}]
        }
    )

    worker: Code


class AbsentOut(DatedOut):
    """A long absence."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-06-01", "to": "2026-10-01", "reason_code": "parental"}]
        }
    )

    reason_code: Code | None
    """Why, by a code of the authority's own. Null for all but the worker, their leads and whoever
    keeps the directory."""


class CalledIn(Input):
    """What a case system calls a worker or a team. Compared without case, one of them at a time."""

    system: Code
    reference: StaffReference
    from_: IsoDate | None = Field(default=None, alias="from")
    """The first day; if left out, from the beginning."""
    to: IsoDate | None = None
    """The first day on which it no longer holds."""


class CalledOut(Output):
    """What a case system calls a worker or a team."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"system": "mosaic", "reference": "SmithJ", "from": None, "to": "2026-10-01"}
            ]
        }
    )

    system: Code
    reference: StaffReference
    from_: IsoDate | None = Field(alias="from")
    to: IsoDate | None


# --- services, teams, workers, auditor groups ---

"""What goes into and comes out of the list of case systems' references."""

from typing import Literal

from pydantic import ConfigDict, Field

from qa_api.values.fields import (
    Code,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    StaffReference,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

ReferenceKind = Literal["team", "worker"]


class CaseSystemReferenceOut(Output):
    """What a case system calls a worker or a team; neither while nobody has claimed it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019acb1e-7a01-7c4d-9d4e-0d6f1f2a3b4c",
                    "system": "mosaic",
                    "kind": "worker",
                    "reference": "SmithJ",
                    "worker": None,
                    "team": None,
                    "from": None,
                    "to": None,
                    "first_told_at": "2026-11-23T09:30:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    system: Code
    kind: ReferenceKind
    reference: StaffReference
    """As it was first written; capitals make no difference."""
    worker: Code | None
    team: Code | None
    from_: IsoDate | None = Field(alias="from")
    to: IsoDate | None
    first_told_at: Instant | None
    """When something first named it while nobody had claimed it."""
    version: Version


class ReferenceClaim(Input):
    """Who has this reference: from the beginning, or since the last one who had it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "sw1-boston-fast"}]})

    code: Code
    """The code of the worker or the team that the reference means."""


class CaseSystemReferenceQuery(PageQuery):
    """The filters of the list of references; `claimed=false` is what waits to be claimed."""

    system: Code | None = None
    """Only of this case system, by the code it is registered with."""
    kind: ReferenceKind | None = None
    """Only of this kind."""
    worker: Code | None = None
    """Only what stands for this worker, by code."""
    team: Code | None = None
    """Only what stands for this team, by code."""
    claimed: QueryFlag | None = None
    """`true`: only what is somebody's; `false`: only what nobody has claimed yet."""

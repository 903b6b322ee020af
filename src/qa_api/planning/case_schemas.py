"""The cases of a plan's audits and who audits them, as they go in and come out (R4.4.3)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.planning.schemas import CaseListRow
from qa_api.rules.allocation import CaseExclusion, PassedOver
from qa_api.rules.states import AuditState
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    Input,
    IsoDate,
    KeptReference,
    Many,
    Number,
    Output,
    Reference,
    Sha256,
    ShortText,
    Text,
    Uuid,
    Version,
)

Seed = Annotated[str, Field(min_length=1, max_length=64)]


class CaseListIn(Input):
    """The cases of a team's planned audits: all of them named, or drawn by lot.

    They are drawn from references that are posted, or from the team's children in a caseload.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "team": "lincoln-fast",
                    "theme": "childs-voice",
                    "system": "mosaic",
                    "method": "drawn",
                    "refs": ["C-1001", "C-1002", "C-1003", "C-1004"],
                },
                {
                    "team": "lincoln-fast",
                    "theme": "childs-voice",
                    "system": "mosaic",
                    "method": "drawn",
                    "caseload": "2026-11-23",
                },
            ]
        }
    )

    team: Code
    theme: Code
    system: Code
    method: Literal["named", "drawn"]
    refs: Annotated[Many[KeptReference], Field(min_length=1)] | None = None
    """The references; not where they are drawn from a caseload."""
    caseload: IsoDate | None = None
    """The London day of the caseload that is drawn from, instead of references."""


class PostedCaseOut(Output):
    """A reference of the list, and why it could not be chosen if it could not."""

    ref: Reference
    excluded: CaseExclusion | None
    digest: Sha256 | None
    """The digest of its row in the caseload, by which the lot was drawn; null in a posted list."""
    chance: Number | None
    """The chance with which it could be drawn, from 0 to 1; null where the cases were named, and
    where somebody is withheld: it says how many could be drawn."""


class ChosenCaseOut(Output):
    """A reference that was chosen, and the audit that is about it."""

    ref: Reference
    audit_id: Uuid


class CaseListOut(CaseListRow):
    """What was posted and chosen. A draw can be repeated from it.

    The lot of a reference is the SHA-256 of `seed|population_hash|ref` in hexadecimal, that of a
    row of a caseload of its digest instead of `ref`; the lowest of those that could be chosen were
    drawn. Who is restricted today is in neither list for whoever has no grant. Then what is said of
    the whole list is null: it would tell of them.
    """

    system: Code
    seed: Seed | None
    """The seed of the draw, by which anybody can repeat it; null too where the cases were named."""
    population_hash: Sha256 | None
    caseload_on: IsoDate | None
    """The London day of the caseload that was drawn from; null for a posted list."""
    population: Annotated[list[PostedCaseOut], Field(max_length=5_000)]
    chosen: Many[ChosenCaseOut]
    explanation: ExplanationOut | None
    policy_version: Version


class CaseRedrawOut(Output):
    """The draw of a list made again from what is kept, beside what is on record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "list_id": "019311c0-5f00-7000-8000-000000000003",
                    "method": "sha256-lot-1",
                    "same_population": True,
                    "same_draw": True,
                }
            ]
        }
    )

    list_id: Uuid
    """The list of cases, by our id."""
    method: ShortText
    """How it is drawn."""
    same_population: bool
    """Whether what is kept of the population has the hash of the draw."""
    same_draw: bool
    """Whether the same cases are drawn, in the same order."""


# --- allocation ---


class AllocatedIn(Input):
    """The auditor of one audit of the plan. A conflict is overridden with a reason only."""

    audit_id: Uuid
    auditor: Code
    conflict_override_reason: Text | None = None


class AllocationIn(Input):
    """Who audits what, as Quality & Standards decide: as proposed or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"audit_id": "019311c0-5f00-7000-8000-000000000001", "auditor": "au-1"}
                    ]
                },
                {
                    "items": [
                        {
                            "audit_id": "019311c0-5f00-7000-8000-000000000002",
                            "auditor": "ps-lincoln-fast",
                            "conflict_override_reason": "Nobody else is free this quarter.",
                        }
                    ]
                },
            ]
        }
    )

    items: Annotated[Many[AllocatedIn], Field(min_length=1)]


class PassedOverOut(Output):
    """An auditor who is not proposed for an audit, why, and the clause that says so."""

    auditor: Code
    because: PassedOver
    clause: ShortText


class AllocatedOut(Output):
    """An audit of the plan: whose it is, or whom the service proposes, and why."""

    audit_id: Uuid
    team: Code | None
    theme: Code
    state: AuditState
    auditor: Code | None
    proposed: Code | None
    explanation: ExplanationOut | None
    passed_over: Many[PassedOverOut]


class LoadOut(Output):
    """How many audits of the plan are an auditor's, and how many more are proposed."""

    auditor: Code
    allocated: Count
    proposed: Count


class AllocationOut(Output):
    """Who audits what under the plan. What is proposed holds for the directory as it is today."""

    plan_id: Uuid
    items: Many[AllocatedOut]
    loads: Many[LoadOut]
    policy_version: Version
    version: Version

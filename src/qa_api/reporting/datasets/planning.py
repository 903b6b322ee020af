"""The plans of quarters, and the caseloads that they may draw from (§4.4)."""

from typing import Final

from qa_api.models.caseloads import Caseload
from qa_api.models.catalogue import AuditType
from qa_api.models.directory import AuditorGroup
from qa_api.models.planning import PlanExemption, PlanTeam, QuarterPlan, Theme
from qa_api.reporting.columns import (
    A_TYPE,
    QUARTER,
    Dataset,
    Named,
    code,
    coded,
    day,
    flag,
    id_of,
    instant,
    london_date,
    named,
    to_reporting_alone,
    whole,
    worker,
)
from qa_api.reporting.datasets.audits import A_TEAM, TEAM

QUARTER_PLANS: Final = Dataset(
    name="quarter-plans",
    entity=QuarterPlan,
    meaning="Each version of a quarter's plan; only the published one counts.",
    clause="R4.4.2",
    listed_at="/v1/quarter-plans",
    columns=(
        QUARTER,
        whole("number", "The version of the plan; the first is 1.", 1, "R4.4.2"),
        *coded("state", "Whether it is a draft, published or superseded.", "published", "R4.4.2"),
        *named("audit_type", "The type of its audits.", A_TYPE, Named(AuditType, "audit_type")),
        day(
            "published_on", "When it was published.", read=lambda row: london_date(row.published_at)
        ),
        day(
            "superseded_on",
            "When a later version took its place.",
            read=lambda row: london_date(row.superseded_at),
        ),
    ),
)

_PLAN: Final = id_of("quarter_plan", "The quarter plan.", read=lambda row: row.plan_id)

PLAN_TEAMS: Final = Dataset(
    name="plan-teams",
    entity=PlanTeam,
    meaning="The teams of a plan and the audits expected of each: the denominator of completion.",
    clause="R4.4.2",
    key=("plan_id", "team", "theme"),
    columns=(
        _PLAN,
        *named("team", "The team.", A_TEAM, TEAM),
        *named("theme", "The theme.", ("neglect", "Neglect"), Named(Theme, "theme", "title")),
        whole("audits_expected", "How many audits are expected of the team.", 3, "R4.4.2"),
        *named(
            "group",
            "The team's auditor group on the day of publication.",
            ("group-a", "Group A"),
            Named(AuditorGroup, "group"),
            "R4.4.1",
        ),
    ),
)

PLAN_EXEMPTIONS: Final = Dataset(
    name="plan-exemptions",
    entity=PlanExemption,
    meaning="The teams and auditors of whom a plan asks nothing more.",
    clause="R4.4.2",
    dated="decided_on",
    columns=(
        _PLAN,
        *named("team", "The team, or null.", A_TEAM, TEAM),
        worker("auditor", "The auditor, or null."),
        worker("decided_by", "Who decided it.", "R4.4.2"),
        day("decided_on", "When.", read=lambda row: london_date(row.decided_at)),
    ),
)

CASELOADS: Final = Dataset(
    name="caseloads",
    entity=Caseload,
    meaning="Each caseload that is kept: how many children a case system had open on a day. One"
    " sent anew is another row, and the one before leaves; so does one whose days are over.",
    clause="R4.4.4",
    dated="taken_on",
    listed_at="/v1/caseloads",
    columns=(
        code("system", "The case system.", "mosaic", "R4.4.4"),
        day("taken_on", "The day whose open cases these are.", "R4.4.4"),
        whole("version", "The version of the day's caseload; the first is 1.", 1, "R4.4.4"),
        flag(
            "replaces",
            "Whether it took the place of another of the same day.",
            "R4.4.4",
            read=lambda row: row.version > 1,
        ),
        whole(
            "children",
            "How many children it had whose records were not restricted when it was taken; null of"
            " caseloads of before they were counted, and for Quality & Standards: what they send is"
            " counted for them in the list of caseloads.",
            1204,
            "R4.4.4",
            read=lambda row: to_reporting_alone(row.unrestricted),
        ),
        whole(
            "removed",
            "How many rows are a digest alone since, because the child's time has come; null"
            " as `children`.",
            3,
            "X4",
        ),
        code(
            "rows_hash",
            "SHA-256 of the digests of all its rows, which stay when a child goes; null for Quality"
            " & Standards, as `children`.",
            "0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0",
            "R4.4.4",
            read=lambda row: to_reporting_alone(row.rows_hash),
        ),
        instant("taken_at", "When it was taken.", "R4.4.4"),
        worker(
            "sent_by", "Who sent it; null where a case system did.", read=lambda row: row.taken_by
        ),
    ),
)

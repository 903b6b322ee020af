"""Reading themes and plans, which hold codes. Lists of cases name children: only Q&S read them."""

from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, whole_authority
from qa_api.models.aliases import aliased
from qa_api.models.inner import value_of
from qa_api.models.planning import PlanCaseList, PlanExemption, QuarterPlan, Theme
from qa_api.models.subjects import SubjectAlias
from qa_api.planning.case_schemas import CaseListOut
from qa_api.planning.schemas import (
    CaseListRow,
    ExemptionOut,
    QuarterPlanOut,
    QuarterPlanRow,
    ThemeOut,
)
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, is_set
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Shape


def visible_to(_row: Any, _me: Me) -> ColumnElement[bool]:
    """Whoever holds the routes' permission sees all of it."""
    return true()


def cases_visible_to(_row: Any, me: Me) -> ColumnElement[bool]:
    """Lists of references name children: they are for Quality & Standards."""
    return whole_authority(me)


_THEME = Shape(ThemeOut, Theme)
THEME = Document(_THEME, visible_to, key=("code",))
THEMES = Listing(
    name="themes",
    shape=_THEME,
    visible=visible_to,
    filters={"retired": is_set("retired_at")},
    order=(lambda row, _: row.code,),
    descending=False,
)
"""By code."""

QUARTER_PLAN = Document(
    Shape(
        QuarterPlanOut,
        QuarterPlan,
        {
            "case_lists": Shape(CaseListRow, PlanCaseList, shown=cases_visible_to),
            "allowed_actions": lambda row, me: allowed_actions(row, me.roles),
        },
    ),
    visible_to,
)
QUARTER_PLANS = Listing(
    name="quarter-plans",
    shape=Shape(QuarterPlanRow, QuarterPlan),
    visible=visible_to,
    filters={
        "quarter": equals("quarter"),
        "state": equals("state"),
    },
    order=(
        lambda row, _: row.quarter,
        lambda row, _: row.number,
        lambda row, _: row.id,
    ),
)
"""The newest quarter first, in it the newest version."""

EXEMPTION = Document(
    Shape(ExemptionOut, PlanExemption), visible_to, key=("plan_id", "id"), version=None
)


def _named_in(row: Any, _: Me) -> ColumnElement[Any]:
    """The subjects among the references that were posted, those left out too."""
    alias = aliased(SubjectAlias)
    posted = func.jsonb_array_elements(row.population, type_=JSONB).column_valued("posted")
    refs = select(posted["ref"].astext)
    known = select(alias.subject_id.distinct()).where(
        alias.system == row.system, alias.ref.in_(refs)
    )
    return func.array(value_of(alias, known))


CASE_LIST = Document(
    Shape(CaseListOut, PlanCaseList),
    cases_visible_to,
    key=("plan_id", "id"),
    version=None,
    subjects=_named_in,
)
"""It names children, and whoever reads it leaves a line for each of them."""
